"""What is at a path of a datastore, so that new and modified files are noticed."""

from __future__ import annotations

from stepwell_runner.scheduling.triggers import DataChange
from stepwell_store.workspace import Workspace

Files = dict[str, str]
"""Path on the datastore to what tells one state of the file from another."""


def look(workspace: Workspace, trigger: DataChange) -> Files:
    """The files directly at the path, or the one file that it names. UsageError when there is no such datastore."""
    store = workspace.datastore(trigger.datastore)
    root = trigger.path.strip("/")
    return {entry.path: f"{entry.size} {entry.mtime}" for entry in store.ls(root) if _is_directly_at(entry.path, root)}


def _is_directly_at(path: str, root: str) -> bool:
    if path == root:
        return True
    below = path.removeprefix(f"{root}/") if root else path
    return "/" not in below


def news(before: Files, now: Files) -> list[str]:
    """Files that are new or have changed, in order of their names."""
    return sorted(path for path, state in now.items() if before.get(path) != state)
