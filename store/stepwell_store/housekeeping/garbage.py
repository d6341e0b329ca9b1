"""What nothing names: objects, leftovers of crashes, files that only ended attempts needed. Finds, and removes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from stepwell_store.content.batch import INCOMING
from stepwell_store.data.datastores import EMBEDDED_DATASTORES
from stepwell_store.housekeeping.objects import listing
from stepwell_store.housekeeping.plan import Item, entries, is_older, item
from stepwell_store.housekeeping.references import named, needed, required
from stepwell_store.locks import is_locked
from stepwell_store.workspace import Workspace

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_PRIVATE = ("work", "inputs", "data", "unfinished")
_TEXTS = ("SELECT definition FROM datasets", "SELECT config FROM datastores", "SELECT value FROM settings")


def unneeded_objects(workspace: Workspace, before: float) -> tuple[list[Item], list[str]]:
    """Objects written before this time that no text of the database names, directly or through a tree; and notes.

    The caller is alone in the workspace. When something that history needs cannot be read, what it named is not known and
    every object stays.
    """
    database, objects = workspace.database, workspace.objects
    with database.snapshot():
        references = required(database.connection)
        roots = named(database.connection)
    wanted = needed(objects, roots, {reference.digest for reference in references})
    if wanted.unreadable:
        return [], [f"all objects stay, because {wanted.unreadable[0]} cannot be read, so that what it needs is not known"
                    " (`stepwell check` tells more)"]
    sizes = listing(objects.root)
    paths = {objects.path(digest): size for digest, size in sizes.items() if digest not in wanted.digests}
    return [Item("object", path, size, "nothing names it") for path, size in sorted(paths.items()) if os.stat(path).st_mtime < before], []


def incoming(workspace: Workspace, before: float) -> Iterator[Item]:
    """What crashes left on its way into the object store. The caller is alone."""
    for entry in entries(os.path.join(workspace.objects.root, INCOMING)):
        if is_older(entry, before):
            yield item("incoming", entry.path, "left by a crash")


def mentioned(workspace: Workspace) -> str:
    """All that people defined, as one text: a step run that is mentioned there keeps its outputs."""
    return "\n".join(str(row[0]) for query in _TEXTS for row in workspace.database.read(query))


def unnamed_outputs(workspace: Workspace, before: float) -> Iterator[Item]:
    """Outputs in `azureml/<step run>/` of ended step runs that no row names: their runner died before it said so. The caller is alone."""
    read = workspace.database.read
    ended = {row[0] for row in read("SELECT id FROM step_runs WHERE ended_at < ?", (before,))}
    texts = mentioned(workspace)
    named_paths = {(row[0], "/".join(row[1].split("/")[:3])) for row in read("SELECT datastore, path FROM outputs")}
    whole = {(store, path) for store, path in named_paths if path.count("/") < 2}
    for datastore in EMBEDDED_DATASTORES:
        for folder in entries(str(workspace.root / "datastores" / datastore / "azureml")):
            if folder.name not in ended or folder.name in texts or (datastore, f"azureml/{folder.name}") in whole:
                continue
            for entry in entries(folder.path):
                if (datastore, f"azureml/{folder.name}/{entry.name}") not in named_paths and is_older(entry, before):
                    yield item("output", entry.path, "its step never said that it made it")


def ended_attempts(workspace: Workspace, before: float) -> Iterator[Item]:
    """The copies of source and inputs in attempts of runs that ended before this time. Safe while other runs are active."""
    for (run,) in workspace.database.read("SELECT id FROM runs WHERE ended_at < ?", (before,)):
        for step in entries(str(workspace.runs / run)):
            for attempt in entries(step.path):
                for name in _PRIVATE:
                    path = os.path.join(attempt.path, name)
                    if os.path.isdir(path) and not os.path.islink(path):
                        yield item("attempt", path, "only the attempt that ended needed it")


def unknown_runs(workspace: Workspace, before: float) -> Iterator[Item]:
    """Folders of runs that history does not know: their runner died before they began. The caller is alone."""
    known = {row[0] for row in workspace.database.read("SELECT id FROM runs")}
    for entry in entries(str(workspace.runs)):
        if _ID(entry.name) and entry.name not in known and is_older(entry, before) and not is_locked(os.path.join(entry.path, "lock")):
            yield item("run", entry.path, "its run never began")


def temporary_files(workspace: Workspace, before: float) -> Iterator[Item]:
    """Unfinished files and environments that crashes left. The caller is alone."""
    for folder in (workspace.root, *(workspace.cache / name for name in ("", "stat", "data", "environments", "interpreters"))):
        for entry in entries(str(folder)):
            if entry.name.startswith((".tmp-", "new-")) and entry.is_file(follow_symlinks=False) and is_older(entry, before):
                yield item("temporary", entry.path, "left by a crash")
    for entry in entries(str(workspace.envs)):
        if ".tmp-" in entry.name and is_older(entry, before):
            yield item("temporary", entry.path, "an environment that was never finished")
