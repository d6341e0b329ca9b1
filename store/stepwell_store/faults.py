"""Faults of the machine, in words: what the system refused, where, and what the owner of the machine can do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from stepwell_store.errors import MachineError

_CAUSES: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "Free some space (`stepwell gc` removes what no run needs), then run it again."),
    errno.EDQUOT: ("your disk quota is used up", "Free some space or ask for a larger quota, then run it again."),
    errno.EROFS: ("the file system is read-only", "Mount it writable, or choose a folder on another file system."),
    errno.EACCES: ("permission denied", "Give your user access to it (ls -l shows who has it)."),
    errno.EPERM: ("the system does not permit it", "Check the owner and the attributes of the file (ls -l, lsattr)."),
    errno.EMFILE: ("this process has too many open files", "Raise the limit with `ulimit -n`, or run fewer steps at once."),
    errno.ENFILE: ("the machine has too many open files", "Close other programs, then run it again."),
    errno.ENOENT: ("it does not exist", "Check the path; it may have been moved or deleted meanwhile."),
    errno.EEXIST: ("it exists already", "Move it away or choose another name."),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "Check the path."),
    errno.EISDIR: ("it is a folder, not a file", "Check the path."),
    errno.ELOOP: ("it is a symbolic link, or its links run in a circle", "Give the path of the file itself."),
    errno.ENAMETOOLONG: ("the name is too long for this file system", "Choose a shorter name or a folder nearer to the root."),
    errno.EXDEV: ("source and target are on different file systems", "Keep both on one file system."),
    errno.EIO: ("the disk reports an error", "Check the disk (dmesg, smartctl) before anything else is written to it."),
    errno.ENOMEM: ("the machine has no memory left", "Close other programs, then run it again."),
}


def translate(error: OSError, doing: str, path: str | os.PathLike[str]) -> MachineError:
    """The error for a person: `doing` is the work as in "storing an object"; a full disk also tells the bytes that are free."""
    cause, todo = _CAUSES.get(error.errno or 0, (error.strerror or str(error), "The message is the system's own."))
    room = f", {_free_bytes(os.fspath(path))}" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return MachineError(f"Failed {doing}: {cause}{room}.", where=os.fspath(path), todo=todo)


@contextmanager
def explained(doing: str, path: str | os.PathLike[str]) -> Iterator[None]:
    """Turns an OSError from the block into its translation; the error's own file name counts before `path`."""
    try:
        yield
    except OSError as error:
        raise translate(error, doing, _named(error) or path) from error


def _named(error: OSError) -> str | None:
    return None if isinstance(error.filename, int | None) else os.fsdecode(error.filename)


def _free_bytes(path: str) -> str:
    """The free space where `path` is or would be, from the nearest folder that exists."""
    folder = path
    while folder and not os.path.exists(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    try:
        room = os.statvfs(folder or ".")
    except OSError:
        return "the free space is unknown"
    return f"{room.f_bavail * room.f_frsize:,} bytes and {room.f_favail:,} files are free"
