"""Files on disk: private by default, whole or not there at all, and on the disk when a function says so.

Functions here raise OSError as it comes; `translate` turns it into words where a person is told. Locks and translations
have modules of their own and are found here too.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from collections.abc import Iterable
from contextlib import suppress

from stepwell_store.errors import UsageError
from stepwell_store.faults import explained, translate
from stepwell_store.locks import FileLock, Holder, holder, is_locked

__all__ = [
    "CHUNK", "FileLock", "Holder", "StrPath", "clone", "copy_file", "create_file", "explained", "holder", "is_locked",
    "join_inside", "make_dir", "remove_tree", "sync_dir", "sync_file", "sync_many", "sync_paths", "temporary_name", "translate",
    "write_all", "write_atomic",
]

StrPath = str | os.PathLike[str]

CHUNK = 1 << 20
"""Bytes that are read at once."""

_READ = os.O_RDONLY | os.O_CLOEXEC
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FICLONE = 0x40049409
_NO_CLONE = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.ENOTTY, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM, errno.ETXTBSY}
_SYNC_TOGETHER = 32
_LONGEST = 1000


def make_dir(path: StrPath) -> None:
    """Make a folder and its parents, each 0700 whatever the umask; folders that exist keep their mode."""
    missing = []
    existing = os.fspath(path)
    while not os.path.isdir(existing):
        missing.append(existing)
        existing = os.path.dirname(existing) or "."
    for folder in reversed(missing):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise
        else:
            os.chmod(folder, 0o700)


def create_file(path: StrPath, mode: int = 0o600) -> int:
    """A new file open for reading and writing, with exactly this mode; FileExistsError when there is one. The caller closes."""
    descriptor = os.open(path, _CREATE, mode)
    os.fchmod(descriptor, mode)
    return descriptor


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write all of it, also where the system takes only a part at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def temporary_name(folder: StrPath) -> str:
    """A path in the folder that nothing else uses; it begins with `.tmp-`, so that what a crash left can be told."""
    return os.path.join(folder, f".tmp-{os.urandom(12).hex()}")


def write_atomic(path: StrPath, data: bytes, mode: int = 0o600, durable: bool = True) -> None:
    """Put `data` at `path`, replacing what is there: a reader sees the old file or the new one, also after a crash.

    With `durable` it is on the disk when this returns.
    """
    folder = os.path.dirname(path) or "."
    temporary = temporary_name(folder)
    descriptor = create_file(temporary, mode)
    try:
        try:
            write_all(descriptor, data)
            if durable:
                _flush(descriptor)
        finally:
            os.close(descriptor)
        os.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    if durable:
        sync_dir(folder)


# --- onto the disk --------------------------------------------------------------------------------------------------


def _flush(descriptor: int) -> None:
    # On macOS fsync stops at the drive's cache; only F_FULLFSYNC goes through it.
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def sync_file(path: StrPath) -> None:
    """Bring a file's content to the disk."""
    descriptor = os.open(path, _READ)
    try:
        _flush(descriptor)
    finally:
        os.close(descriptor)


def sync_dir(path: StrPath) -> None:
    """Bring a folder's entries (new names, renames, removals) to the disk."""
    sync_file(path)


def sync_paths(paths: Iterable[StrPath]) -> None:
    """Bring these files and folders to the disk; for many of them the whole file system in one call where that is possible."""
    for group in _by_device(paths):
        if len(group) > _SYNC_TOGETHER and _sync_filesystem(group[0]):
            continue
        for path in group:
            sync_file(path)


def sync_many(paths: Iterable[StrPath]) -> None:
    """Bring these files to the disk, then the folders that they are in."""
    files = list(paths)
    sync_paths(files)
    sync_paths(dict.fromkeys(os.path.dirname(path) or "." for path in files))


def _by_device(paths: Iterable[StrPath]) -> Iterable[list[StrPath]]:
    groups: dict[int, list[StrPath]] = {}
    for path in paths:
        groups.setdefault(os.stat(path).st_dev, []).append(path)
    return groups.values()


def _sync_filesystem(path: StrPath) -> bool:
    """syncfs(2); False where it is missing or (Linux before 5.8) hides write errors."""
    if sys.platform != "linux" or tuple(map(int, os.uname().release.split("-")[0].split(".")[:2])) < (5, 8):
        return False
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, _READ)
    try:
        if library.syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), os.fspath(path))
    finally:
        os.close(descriptor)
    return True


# --- copies ---------------------------------------------------------------------------------------------------------


def clone(source: int, target: int) -> bool:
    """Let the empty file `target` share the blocks of `source` (both open descriptors); False where the file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError as error:
        if error.errno in _NO_CLONE:
            return False
        raise
    return True


def copy_file(source: StrPath, target: StrPath, mode: int = 0o600) -> None:
    """Copy content to a new file with exactly this mode: shared blocks, else in the kernel, else by reading and writing."""
    reading = os.open(source, _READ)
    try:
        writing = create_file(target, mode)
        try:
            if not clone(reading, writing):
                _copy_content(reading, writing)
        except BaseException:
            with suppress(OSError):
                os.unlink(target)
            raise
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _copy_content(reading: int, writing: int) -> None:
    if sys.platform == "linux":
        try:
            while os.copy_file_range(reading, writing, 1 << 30):
                pass
        except OSError as error:
            if error.errno not in _NO_CLONE:
                raise
    # Both offsets moved along, so this goes on wherever the kernel stopped, at the latest at the end of the file.
    while data := os.read(reading, CHUNK):
        write_all(writing, data)


# --- removal --------------------------------------------------------------------------------------------------------


def remove_tree(path: StrPath) -> None:
    """Remove a file, link or folder with all that is in it, however deep and also where folders are read-only.

    Links are not followed. Nothing happens when it is not there, and somebody else may be removing it too.
    """
    top = os.fspath(path)
    folders = [top] if os.path.isdir(top) and not os.path.islink(top) else []
    while folders:
        with suppress(FileNotFoundError):
            inner = _empty_of_files(folders[-1])
            if inner:
                folders += [_nearer(top, folder) for folder in inner]
                continue
            os.rmdir(folders[-1])
        folders.pop()
    with suppress(FileNotFoundError):
        os.unlink(top)


def _empty_of_files(folder: str) -> list[str]:
    """Remove all but the folders in a folder and return those."""
    if os.stat(folder).st_mode & 0o700 != 0o700:
        os.chmod(folder, 0o700)
    with os.scandir(folder) as found:
        entries = list(found)
    inner = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            with suppress(FileNotFoundError):
                os.unlink(entry.path)
    return inner


def _nearer(top: str, folder: str) -> str:
    """The folder, moved up to the top when its path grows towards the system's limit."""
    if len(folder) < _LONGEST + len(top):
        return folder
    nearer = temporary_name(top)
    os.chmod(folder, 0o700)
    os.rename(folder, nearer)
    return nearer


# --- paths ----------------------------------------------------------------------------------------------------------


def join_inside(root: StrPath, relative: str) -> str:
    """`root/relative` for a relative path with `/` between its parts; UsageError for one that could lead out of `root`."""
    parts = relative.split("/")
    if relative.startswith("/") or "\0" in relative or any(part in ("", ".", "..") for part in parts):
        raise UsageError(
            f"The path {relative!r} is not a plain path below a folder.",
            where=os.fspath(root),
            todo="Use a relative path without `..`, `.` and empty parts.",
        )
    return os.path.join(root, relative)
