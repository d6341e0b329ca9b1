"""Makes a workspace from a backup: unpacked aside, verified, put right, and renamed to its place."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO

from stepwell_store.content.trees import Tree, TreeEntry
from stepwell_store.data.datastores import EMBEDDED_DATASTORES, Progress
from stepwell_store.errors import IntegrityError, MachineError, UsageError
from stepwell_store.files import create_file, explained, join_inside, make_dir, remove_tree, sync_dir, sync_many, temporary_name
from stepwell_store.housekeeping.archive import copy_exactly, members, read_manifest
from stepwell_store.housekeeping.report import no_progress
from stepwell_store.ledger import history, schema
from stepwell_store.ledger.database import open_connection, translated
from stepwell_store.ledger.events import RunEnded, StepEnded
from stepwell_store.workspace import DATABASE, FOLDER, FOLDERS, Workspace, open_workspace

CUT_OFF = "it was running when the backup was made"

_PLACES = ("objects", "datastores", "runs", "cache")
_TODO = "use another backup"
_SPARE_BYTES = 16 << 20


def restore(archive: Path, base: Path, *, progress: Progress = no_progress) -> Path:
    """Make a workspace in the folder `base` from a backup; its `.stepwell` folder.

    UsageError when there is one already, IntegrityError when the file is not exactly what its manifest says, MachineError when
    the disk is too small. Nothing is left behind by an error. Runs that were going on are recorded as failed.
    """
    target = base.absolute() / FOLDER
    if os.path.lexists(target):
        raise UsageError("there is a workspace already", where=str(target), todo="name another folder, or move that one away first")
    with explained("restoring a backup", target), open(archive, "rb") as file:
        manifest = read_manifest(file)
        _check(manifest)
        make_dir(target.parent)
        _check_room(manifest, target.parent)
        temporary = temporary_name(target.parent)
        try:
            _unpack(file, manifest, temporary, progress)
            _put_right(Path(temporary))
            os.rename(temporary, target)
        except BaseException:
            remove_tree(temporary)
            raise
        sync_dir(target.parent)
    return target


def _check(manifest: Tree) -> None:
    """IntegrityError unless these are files of a workspace, none of them in another."""
    paths = {entry.path for entry in manifest.entries}
    for path in paths:
        parents = [path[:at] for at, character in enumerate(path) if character == "/"]
        if path != DATABASE and (not parents or parents[0] not in _PLACES or not paths.isdisjoint(parents)):
            raise IntegrityError(f"this backup is refused: {path!r} is no part of a workspace", todo=_TODO)
    if DATABASE not in paths:
        raise IntegrityError("this backup is refused: it has no database", todo=_TODO)


def _check_room(manifest: Tree, folder: Path) -> None:
    room = os.statvfs(folder)
    free, need = room.f_bavail * room.f_frsize, manifest.size + _SPARE_BYTES
    if free < need:
        raise MachineError(f"the backup needs {need:,} bytes and {free:,} are free", where=str(folder), todo="free some space")


def _unpack(file: IO[bytes], manifest: Tree, root: str, progress: Progress) -> None:
    make_dir(root)
    places = []
    made = {root}
    done, total = 0, manifest.size
    for entry in members(file, manifest):
        place = join_inside(root, entry.path)
        parent = os.path.dirname(place)
        if parent not in made:
            make_dir(parent)
            made.add(parent)
        _unpack_one(file, entry, place)
        places.append(place)
        done += entry.size
        progress(done, total, entry.path)
    sync_many(places)


def _unpack_one(file: IO[bytes], entry: TreeEntry, place: str) -> None:
    is_object = entry.path.startswith("objects/")
    mode = 0o444 if is_object else 0o700 if entry.executable else 0o600
    with os.fdopen(create_file(place, mode), "wb") as target:
        digest = copy_exactly(file, target, entry.size)
    if digest != entry.digest or (is_object and "blake3:" + entry.path[len("objects/"):].replace("/", "") != digest):
        raise IntegrityError(f"this backup is refused: {entry.path!r} does not have the bytes that were stored", todo=_TODO)


def _put_right(root: Path) -> None:
    """What a workspace has and a backup has not."""
    for folder in FOLDERS:
        make_dir(root / folder)
    connection = open_connection(root / DATABASE)
    with translated(root / DATABASE):
        if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
            raise IntegrityError("this backup is refused: its database is not one of Stepwell", todo=_TODO)
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.close()
    workspace = open_workspace(root)
    try:
        for run in history.unfinished_runs(workspace.database):
            _end(workspace, run)
        for datastore, path in workspace.database.read("SELECT datastore, path FROM outputs WHERE kind = 'folder' AND files = 0"):
            if datastore in EMBEDDED_DATASTORES:
                make_dir(join_inside(root / "datastores" / datastore, path))
        workspace.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        workspace.close()


def _end(workspace: Workspace, run: str) -> None:
    """Record it as failed here: nobody may look for its processes, which could be those of the workspace that was copied."""
    now = time.time()
    steps = history.open_steps_of(workspace.database, run)
    workspace.record(*(StepEnded(at=now, run=run, step_run=step.id, status="Failed", error=CUT_OFF) for step in steps),
                     RunEnded(at=now, run=run, status="Failed", error=CUT_OFF))
