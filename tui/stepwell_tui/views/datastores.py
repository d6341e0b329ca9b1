"""Datastores and what is on them, a folder at a time."""

from __future__ import annotations

import os

import msgspec

from stepwell_store.data.datastores import Datastore, Entry
from stepwell_store.errors import UsageError
from stepwell_store.workspace import Workspace
from stepwell_tui.views.texts import Shown, read_head, shown


class Store(msgspec.Struct, frozen=True):
    """A datastore; `folder` is where it is on this machine, None when it is elsewhere."""

    name: str
    kind: str
    folder: str | None
    default: bool


class Item(msgspec.Struct, frozen=True):
    """A file or folder. `path` is on the datastore; of a folder, `size` and `files` are of all below it, `mtime` of the newest."""

    path: str
    name: str
    is_folder: bool
    size: int
    files: int
    mtime: float


class Folder(msgspec.Struct, frozen=True):
    """What is in a folder of a datastore, folders first; `path` is empty for its top."""

    store: str
    path: str
    items: tuple[Item, ...]

    @property
    def size(self) -> int:
        """Bytes of all files below it."""
        return sum(item.size for item in self.items)

    @property
    def files(self) -> int:
        """How many files there are below it."""
        return sum(item.files for item in self.items)


def stores(workspace: Workspace) -> list[Store]:
    """All datastores, the embedded ones first."""
    default = workspace.default_datastore_name()
    return [Store(store.name, store.kind, _root(store), store.name == default) for store in workspace.datastores()]


def _root(store: Datastore) -> str | None:
    root = getattr(store, "root", None)
    return root if isinstance(root, str) else None


def browse(workspace: Workspace, store: str, path: str = "") -> Folder:
    """What is in a folder of a datastore."""
    start = f"{path}/" if path else ""
    items: dict[str, Item] = {}
    for entry in workspace.datastore(store).ls(path):
        name, slash, _ = entry.path[len(start) :].partition("/")
        items[name] = _with(items.get(name), start + name, name, bool(slash), entry)
    return Folder(store, path, tuple(sorted(items.values(), key=lambda item: (not item.is_folder, item.name))))


def _with(known: Item | None, path: str, name: str, is_folder: bool, entry: Entry) -> Item:
    if known is None:
        return Item(path, name, is_folder, entry.size, 1, entry.mtime)
    return Item(path, name, is_folder, known.size + entry.size, known.files + 1, max(known.mtime, entry.mtime))


def above(path: str) -> str:
    """The folder that a path is in; empty for the top."""
    return path.rpartition("/")[0]


def file_text(workspace: Workspace, store: str, path: str) -> Shown:
    """How a file on a datastore begins."""
    found = workspace.datastore(store).resolve(path)
    if not found:
        return Shown(None, "the file is no longer there")
    return shown(*read_head(found[0]))


def download(workspace: Workspace, store: str, path: str, folder: str) -> str:
    """Copy a file or folder of a datastore into a local folder; what was done, in words. Files that are there stay as they are."""
    if not folder.strip():
        raise UsageError("a folder is needed", todo="type the path of one on this machine")
    place = workspace.base / os.path.expanduser(folder.strip())
    found = workspace.datastore(store)
    there = len(found.ls(path))
    count = found.download(str(place), path)
    skipped = f", {there - count} were there already" if there > count else ""
    return f"{files_words(count)} copied to {place}{skipped}"


def files_words(count: int) -> str:
    """Such as `1 file`, `12 files`."""
    return f"{count} file{'' if count == 1 else 's'}"
