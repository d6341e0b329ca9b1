"""Data at a path as it is: its digest by content, and a seal by which "untouched since then" costs a stat and no reading."""

from __future__ import annotations

import os
import stat
import sys
from typing import Literal

import msgspec

from stepwell_store.content.digest import digest_file, identity
from stepwell_store.content.parallel import map_threads
from stepwell_store.content.trees import Tree, TreeEntry, make_tree, path_text
from stepwell_store.content.walk import Found, Stat, seal_of, walk
from stepwell_store.errors import UsageError
from stepwell_store.files import StrPath, explained


class Measured(msgspec.Struct, frozen=True):
    """What is at a path: digest of the file's content or of the folder's tree, bytes, number of files, and the seal.

    `tree` is None for a file.
    """

    kind: Literal["file", "folder"]
    digest: str
    size: int
    files: int
    seal: str
    tree: Tree | None = None


def measure(path: StrPath) -> Measured:
    """Read all of it. Links are followed, also out of the folder; nothing is ignored.

    MachineError when there is nothing, UsageError for a device; FileChanged when a file is written to meanwhile.
    """
    real = os.path.realpath(path)
    with explained("reading data", os.fspath(path)):
        info = os.stat(real)
        if stat.S_ISDIR(info.st_mode):
            return _measure_folder(os.fsencode(real))
        if not stat.S_ISREG(info.st_mode):
            raise UsageError("This is neither a file nor a folder.", where=os.fspath(path), todo="Put a file or a folder there.")
        digest, info = digest_file(real)
        return Measured("file", digest, info.st_size, 1, _seal_of_file(info))


def current_seal(path: StrPath) -> str | None:
    """The seal of what is there now; None when nothing is. Equal to that of `measure` when nothing was touched since.

    Moving, copying or restoring data changes its seal and not its digest.
    """
    with explained("looking at data", os.fspath(path)):
        try:
            info = os.stat(path)
            if stat.S_ISDIR(info.st_mode):
                return _seal_of_folder(_walk(os.fsencode(os.path.realpath(path))))
        except FileNotFoundError:
            return None
    return _seal_of_file(info)


def _measure_folder(root: bytes) -> Measured:
    found = _walk(root)

    def read(path: bytes) -> tuple[TreeEntry, Stat]:
        digest, info = digest_file(os.fsdecode(found.links.get(path, root + b"/" + path)))
        entry = TreeEntry(path_text(path), digest, info.st_size, bool(info.st_mode & 0o100))
        return entry, (*identity(info), info.st_mode)

    pairs = map_threads(read, found.paths)
    found.stats = [info for _, info in pairs]
    tree = make_tree(entry for entry, _ in pairs)
    return Measured("folder", tree.digest, tree.size, len(pairs), _seal_of_folder(found), tree)


def _walk(root: bytes) -> Found:
    return walk(root, lambda _: False, sys.maxsize, outside=True)


def _seal_of_folder(found: Found) -> str:
    # The order of a folder's entries is the file system's own and may change when nothing else does.
    pairs = sorted(zip(found.paths, found.stats, strict=True))
    paths = b"\0".join(path for path, _ in pairs)
    return "folder:" + seal_of(paths, [(*info[:4], 0) for _, info in pairs])


def _seal_of_file(info: os.stat_result) -> str:
    return "file:" + "-".join(map(str, identity(info)))
