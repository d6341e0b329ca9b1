"""Models: files under a name and a version, kept as objects, so that a version stays what it was."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from stepwell_store.content import snapshots
from stepwell_store.content.trees import TreeEntry, encode, make_tree
from stepwell_store.errors import UsageError
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset
from stepwell_store.workspace import Workspace

KIND = "model"


def register(workspace: Workspace, name: str, files: Iterable[tuple[str, str]], facts: Mapping[str, Any], *,
             description: str | None = None, tags: Mapping[str, str] | None = None,
             properties: Mapping[str, str] | None = None) -> Asset:
    """Keep files, each under a name with `/` between its parts, as the next version of a model.

    `facts` are kept with it under names of the caller's; `tree` is the tree of the files. UsageError when there are no files.
    """
    found = list(files)
    if not found:
        raise UsageError(f"model {name} has no files")
    with workspace.objects.batch() as batch:
        entries = [TreeEntry(inner, batch.put_file(path), os.path.getsize(path), os.access(path, os.X_OK)) for inner, path in found]
        digest = batch.put_bytes(encode(make_tree(entries)))
    size = sum(entry.size for entry in entries)
    return assets.register(workspace.database, KIND, name, {**facts, "tree": digest, "size": size}, description=description, tags=tags,
                           properties=properties)


def files_of(path: str) -> list[tuple[str, str]]:
    """A file or folder as what `register` takes: names that start with the last part of its path. UsageError when it is not there."""
    whole = os.path.abspath(path)
    top = os.path.basename(whole)
    if os.path.isfile(whole):
        return [(top, whole)]
    if not os.path.isdir(whole):
        raise UsageError(f"there is no file or folder {path}")
    found: list[str] = []
    for parent, folders, names in os.walk(whole):
        folders.sort()
        found += [os.path.join(parent, name) for name in sorted(names)]
    return [(os.path.relpath(path, os.path.dirname(whole)), path) for path in found]


def restore(workspace: Workspace, model: Asset, folder: str) -> str:
    """Put the files of a model into a folder that is new or has none of them; the path of its one entry, or the folder itself."""
    snapshots.restore(str(model.body["tree"]), workspace.objects, folder)
    return single(folder)


def single(folder: str) -> str:
    """The one thing in a folder, or the folder when there are several."""
    names = os.listdir(folder)
    return os.path.join(folder, names[0]) if len(names) == 1 else folder
