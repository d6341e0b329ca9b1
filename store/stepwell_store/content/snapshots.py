"""Snapshots: the files of a source folder, kept in the object store, and private copies made from them."""

from __future__ import annotations

import os

from stepwell_store.content.batch import Batch
from stepwell_store.content.digest import FileChanged
from stepwell_store.content.limits import Limits
from stepwell_store.content.objects import ObjectStore
from stepwell_store.content.parallel import map_threads
from stepwell_store.content.scan import Scan, rescan, scan
from stepwell_store.content.trees import Tree, TreeEntry, decode, encode, path_bytes
from stepwell_store.errors import MachineError
from stepwell_store.files import StrPath, explained, make_dir, remove_tree, temporary_name

__all__ = ["Limits", "Scan", "load_tree", "restore", "scan", "store", "unpacked"]

_TRIES = 3


def store(scanned: Scan, objects: ObjectStore) -> Scan:
    """Keep what was scanned; the scan that was really stored, for a folder that changes meanwhile is scanned anew.

    The tree's own object comes with it, so that its digest is all that `restore` needs. FileChanged after three tries.
    """
    changed: list[str] = []
    for _ in range(_TRIES):
        with objects.batch() as batch:
            changed = _store_files(scanned, objects, batch)
            if not changed:
                batch.put_bytes(encode(scanned.tree))
                break
        scanned = rescan(scanned.request, use_cache=False)
    else:
        raise FileChanged(changed)
    return scanned


def _store_files(scanned: Scan, objects: ObjectStore, batch: Batch) -> list[str]:
    """Add the files that are not stored yet; the paths of those that are no longer what was scanned."""
    missing = [entry for entry in scanned.tree.entries if objects.size(entry.digest) != entry.size]

    def is_changed(entry: TreeEntry) -> bool:
        path = os.path.realpath(os.fsdecode(os.fsencode(scanned.folder) + b"/" + path_bytes(entry.path)))
        try:
            return batch.put_file(path) != entry.digest
        except FileChanged:
            return True
        except MachineError:
            if os.path.exists(path):
                raise
            return True

    return [entry.path for entry, changed in zip(missing, map_threads(is_changed, missing), strict=True) if changed]


def load_tree(digest: str, objects: ObjectStore) -> Tree:
    """The tree of a stored snapshot."""
    return decode(objects.read(digest))


def restore(digest: str, objects: ObjectStore, target: StrPath) -> Tree:
    """Make a private, writable copy of a stored snapshot in a folder that is new or has none of its files; the tree."""
    tree = load_tree(digest, objects)
    restore_tree(tree, objects, target)
    return tree


def unpacked(digest: str, objects: ObjectStore, cache: StrPath) -> str:
    """The files of a stored snapshot in a folder of the cache, which is made once, for whoever only reads them; its path."""
    folder = os.path.join(cache, "snapshots", digest.rpartition(":")[2])
    if not os.path.isdir(folder):
        aside = temporary_name(os.path.dirname(folder))
        try:
            restore(digest, objects, aside)
            os.rename(aside, folder)
        except OSError:
            if not os.path.isdir(folder):  # else another process was quicker
                raise
        finally:
            remove_tree(aside)
    return folder


def restore_tree(tree: Tree, objects: ObjectStore, target: StrPath) -> None:
    """The same for a tree at hand."""
    root = os.fsencode(target)
    with explained("making a copy of a snapshot", os.fspath(target)):
        for folder in sorted({os.path.dirname(root + b"/" + path_bytes(entry.path)) for entry in tree.entries} | {root}):
            make_dir(os.fsdecode(folder))

    def make(entry: TreeEntry) -> None:
        objects.materialise(entry.digest, os.fsdecode(root + b"/" + path_bytes(entry.path)), entry.executable)

    map_threads(make, tree.entries)
