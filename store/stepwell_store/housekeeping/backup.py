"""Copies a workspace into one file while runs go on: the database first, then everything that it can name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from stepwell_store.content.trees import path_bytes, path_text
from stepwell_store.content.walk import walk
from stepwell_store.data.datastores import EMBEDDED_DATASTORES, Progress
from stepwell_store.errors import BusyError, IntegrityError, UsageError
from stepwell_store.files import create_file, explained, sync_dir, sync_file
from stepwell_store.housekeeping.archive import Source, Writer, verify
from stepwell_store.housekeeping.guard import using
from stepwell_store.housekeeping.objects import listing
from stepwell_store.housekeeping.removal import bytes_below
from stepwell_store.housekeeping.report import no_progress
from stepwell_store.ledger.database import open_connection, translated
from stepwell_store.locks import FileLock
from stepwell_store.workspace import DATABASE, Workspace

_NOT_KEPT = ("work", "inputs", "data", "unfinished")
_NO_FILES = ("lock", "cancel")
_CACHES = ("downloads", "environments")


class Written(msgspec.Struct, frozen=True):
    """A backup that was written and read back: its bytes, the number of files, notes, and corrupt objects that were left out."""

    path: str
    size: int
    files: int
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def backup(workspace: Workspace, target: Path, *, overwrite: bool = False, progress: Progress = no_progress) -> Written:
    """Write the backup file, mode 0600, there whole or not at all. UsageError when it exists or lies in the workspace."""
    target = target.absolute()
    if target.resolve().is_relative_to(workspace.root.resolve()):
        raise UsageError("a backup cannot lie in the workspace itself", where=str(target), todo="name a file somewhere else")
    if os.path.lexists(target) and not overwrite:
        raise UsageError("there is something already", where=str(target), todo="name another file, or say --overwrite")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", todo="make it first, or name another one")
    with explained("writing a backup", target), _partial(workspace, target) as (database, partial), using(workspace.locks):
        _copy_database(workspace, database)
        return _write(workspace, database, partial, target, progress)


@contextmanager
def _partial(workspace: Workspace, target: Path) -> Iterator[tuple[Path, Path]]:
    """Files beside the target, for the database and for the backup; what an earlier one left of them is removed."""
    database, partial = Path(f"{target}.partial-db"), Path(f"{target}.partial")
    lock = FileLock(workspace.locks / "backup.lock")
    if os.access(workspace.locks, os.W_OK) and not lock.try_acquire():
        raise BusyError("another backup of this workspace is being written", where=lock.path, todo="wait until it ends")
    try:
        _remove(database, partial)
        yield database, partial
    finally:
        _remove(database, partial)
        lock.release()


def _remove(database: Path, partial: Path) -> None:
    for path in (partial, *(Path(f"{database}{suffix}") for suffix in ("", "-journal", "-wal", "-shm"))):
        path.unlink(missing_ok=True)


def _copy_database(workspace: Workspace, path: Path) -> None:
    """One consistent state of it, taken in one step, which no writer can make wait for ever."""
    os.close(create_file(path))
    with translated(path):
        copy = open_connection(path)
        try:
            workspace.database.connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchone()
            said = copy.execute("PRAGMA quick_check").fetchone()[0]
        finally:
            copy.close()
    if said != "ok":
        raise IntegrityError(f"the workspace database is damaged: {said}", todo="`stepwell check` tells more")


def _write(workspace: Workspace, database: Path, partial: Path, target: Path, progress: Progress) -> Written:
    notes = list(_notes(workspace))
    sources = sorted(_sources(workspace, database, notes), key=lambda source: path_bytes(source.path))
    with os.fdopen(create_file(partial), "w+b") as file:
        left_out = _fill(Writer(file, [source.path for source in sources]), sources, progress)
        file.seek(0)
        files = len(verify(file).entries)
        size = file.seek(0, os.SEEK_END)
    sync_file(partial)
    os.rename(partial, target)
    sync_dir(target.parent)
    return Written(str(target), size, files, tuple(notes), tuple(left_out))


def _fill(writer: Writer, sources: list[Source], progress: Progress) -> list[str]:
    """Copy all; the paths of corrupt objects, which are left out."""
    corrupt = []
    total = sum(bytes_below(source.place) for source in sources)
    for source in sources:
        start = writer.position()
        entry = writer.add(source)
        if entry is not None and source.path.startswith("objects/") and entry.digest != _digest_of(source.path):
            writer.drop_last(start)
            corrupt.append(source.path)
        progress(min(writer.position(), total), total, source.path)
    writer.finish()
    return corrupt


def _digest_of(path: str) -> str:
    return "blake3:" + path.removeprefix("objects/").replace("/", "")


def _notes(workspace: Workspace) -> Iterator[str]:
    for datastore in workspace.datastores():
        if datastore.name not in EMBEDDED_DATASTORES:
            yield f"datastore {datastore.name} is a folder outside of the workspace; its files are not in the backup"


def _sources(workspace: Workspace, database: Path, notes: list[str]) -> Iterator[Source]:
    yield Source(DATABASE, str(database))
    objects = workspace.objects
    for digest in listing(objects.root):
        place = objects.path(digest)
        yield Source(f"objects/{place[len(objects.root) + 1:]}", place)
    for name in EMBEDDED_DATASTORES:
        yield from _data(str(workspace.root / "datastores" / name), f"datastores/{name}", notes)
    yield from _plain(str(workspace.runs), "runs")
    for name in _CACHES:
        yield from _plain(str(workspace.cache / name), f"cache/{name}")


def _data(root: str, prefix: str, notes: list[str]) -> Iterator[Source]:
    """What measuring data sees: files, and what links lead to."""
    if not os.path.isdir(root):
        return
    found = walk(os.fsencode(root), lambda _: False, 1 << 62, outside=True)
    notes += [f"{prefix}: {notice}" for notice in found.notices]
    for path in found.paths:
        yield Source(f"{prefix}/{path_text(path)}", os.path.join(root, path_text(path)))


def _plain(root: str, prefix: str) -> Iterator[Source]:
    """Regular files without locks, temporary files and the private copies of attempts."""
    for parent, folders, names in os.walk(root):
        way = os.path.relpath(parent, root)
        if prefix == "runs" and way.count("/") == 2:
            folders[:] = [name for name in folders if name not in _NOT_KEPT]
        for name in names:
            place = os.path.join(parent, name)
            if name not in _NO_FILES and not name.startswith(".tmp-") and not os.path.islink(place) and os.path.isfile(place):
                yield Source(os.path.normpath(os.path.join(prefix, way, name)), place)
