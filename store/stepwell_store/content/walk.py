"""One pass over a folder: the relative path and the stat of every file. Works on bytes, with no limit to depth."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable

import msgspec
from blake3 import blake3

from stepwell_store.content.trees import path_text

Stat = tuple[int, int, int, int, int]
"""Size, mtime and ctime in nanoseconds, inode, mode."""

_KIND, _FILE, _LINK = 0o170000, stat.S_IFREG, stat.S_IFLNK
_NAMES = {stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


class Found:
    """What a walk found. `paths` and `stats` go together; `links` maps a path that is a link to where it really leads.

    `outside` are links that lead out of the folder, `notices` sentences about what cannot be kept.
    """

    def __init__(self) -> None:
        self.paths: list[bytes] = []
        self.stats: list[Stat] = []
        self.links: dict[bytes, bytes] = {}
        self.outside: list[bytes] = []
        self.notices: list[str] = []

    def seal(self) -> str:
        """A digest of all paths and stats: the same when no file was added, removed or touched."""
        return seal_of(b"\0".join(self.paths), self.stats)


def seal_of(paths: bytes, stats: list[Stat]) -> str:
    """A digest of paths (joined by zero bytes) and their stats in the same order."""
    return blake3(paths + b"\0\0" + msgspec.msgpack.encode(stats)).hexdigest()


def walk(root: bytes, skip: Callable[[bytes], bool], most: int, outside: bool = False) -> Found:
    """Find the files below a folder but for those that `skip` names, where a folder's path ends in `/`.

    Links are followed: those inside the folder, and with `outside` all of them. Ends early when there are more than `most`.
    OSError as it comes, also when something vanishes meanwhile.
    """
    found = Found()
    folders, links = [b""], list[bytes]()
    while folders and len(found.paths) <= most:
        _list_folder(root, folders.pop(), skip, found, folders, links)
        while links:
            _follow(root, links.pop(), skip, found, folders, outside)
    return found


def _list_folder(
    root: bytes, prefix: bytes, skip: Callable[[bytes], bool], found: Found, folders: list[bytes], links: list[bytes]
) -> None:
    add_path, add_stat = found.paths.append, found.stats.append
    with os.scandir(root + b"/" + prefix) as entries:
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                path += b"/"
                if not skip(path):
                    folders.append(path)
                continue
            if skip(path):
                continue
            info = entry.stat(follow_symlinks=False)
            mode = info.st_mode
            if mode & _KIND == _FILE:
                add_path(path)
                add_stat((info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino, mode))
            elif mode & _KIND == _LINK:
                links.append(path)
            else:
                found.notices.append(f"{path_text(path)} is {_NAMES.get(mode & _KIND, 'no ordinary file')} and was left out.")


def _follow(root: bytes, path: bytes, skip: Callable[[bytes], bool], found: Found, folders: list[bytes], outside: bool) -> None:
    if skip(path + b"/"):
        return
    real = os.path.realpath(root + b"/" + path)
    if not (outside or real == root or real.startswith(root + b"/")):
        found.outside.append(path)
        return
    info = _stat(real)
    if info is None:
        found.notices.append(f"{path_text(path)} is a link to something that does not exist and was left out.")
        return
    if stat.S_ISREG(info.st_mode):
        found.links[path] = real
        found.paths.append(path)
        found.stats.append((info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino, info.st_mode))
    elif not stat.S_ISDIR(info.st_mode):
        found.notices.append(f"{path_text(path)} is a link to no ordinary file and was left out.")
    elif _runs_in_a_circle(root, path, real, found):
        found.notices.append(f"{path_text(path)} is a link to a folder that it is in and was left out.")
    else:
        found.links[path + b"/"] = real
        folders.append(path + b"/")


def _stat(path: bytes) -> os.stat_result | None:
    """What a link leads to; None for nothing, or for links in a circle."""
    try:
        return os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
            return None
        raise


def _runs_in_a_circle(root: bytes, path: bytes, real: bytes, found: Found) -> bool:
    parent = os.path.realpath(os.path.dirname(root + b"/" + path)) + b"/"
    return parent.startswith(real + b"/") or any(path.startswith(way) and real == end for way, end in found.links.items())
