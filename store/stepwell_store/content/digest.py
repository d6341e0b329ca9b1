"""Digests: content is named `blake3:<64 hex>`, so that a name also says how it was made."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable

from blake3 import blake3

from stepwell_store.errors import UsageError
from stepwell_store.files import CHUNK, StrPath

ALGORITHM = "blake3"

_TRIES = 3
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_is_digest = re.compile(r"blake3:[0-9a-f]{64}").fullmatch

Reader = Callable[[int, int], bytes]
"""Reads so many bytes at most from an open descriptor, as os.read does."""


class FileChanged(UsageError):
    """A file was written to while it was read, each time that it was tried."""

    def __init__(self, paths: Iterable[str]) -> None:
        names = list(paths)
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        super().__init__(
            f"Changed while being read: {', '.join(names[:5])}{more}.",
            todo="Wait until the program that writes it is done, then run again; or leave it out by a line in .amlignore.",
        )
        self.paths = tuple(names)


def is_digest(text: str) -> bool:
    """Whether this is a digest as made here."""
    return _is_digest(text) is not None


def digest_bytes(data: bytes) -> str:
    """The digest of these bytes."""
    return f"{ALGORITHM}:{blake3(data).hexdigest()}"


def digest_parts(tag: str, parts: Iterable[bytes]) -> str:
    """A digest of a sequence of byte strings that no other tag or division of the same bytes shares.

    `tag` names what the parts mean, with a version, such as `stepwell.fingerprint.1`.
    """
    hasher = blake3()
    for part in (tag.encode(), *parts):
        hasher.update(len(part).to_bytes(8, "little"))
        hasher.update(part)
    return f"{ALGORITHM}:{hasher.hexdigest()}"


def open_regular(path: StrPath) -> int:
    """An open descriptor of a regular file; OSError for a link, a folder or a device. The caller closes."""
    descriptor = os.open(path, _OPEN)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IsADirectoryError(21, "Not a regular file", os.fspath(path))
    return descriptor


def digest_file(path: StrPath, read: Reader = os.read) -> tuple[str, os.stat_result]:
    """The digest of a regular file (not of a link) and the stat that was true before and after it was read.

    FileChanged when it changed under each of three tries.
    """
    descriptor = open_regular(path)
    try:
        for _ in range(_TRIES):
            before = os.fstat(descriptor)
            digest = digest_descriptor(descriptor, before.st_size, read)
            after = os.fstat(descriptor)
            if identity(before) == identity(after):
                return digest, after
            os.lseek(descriptor, 0, os.SEEK_SET)
    finally:
        os.close(descriptor)
    raise FileChanged([os.fspath(path)])


def digest_descriptor(descriptor: int, size: int, read: Reader = os.read) -> str:
    """The digest of what an open file holds from its position to its end; `size` is a guess that saves reads."""
    data = read(descriptor, min(size + 1, CHUNK))
    hasher = blake3(data)
    while data and len(data) != size:
        data = read(descriptor, CHUNK)
        hasher.update(data)
        size = -1
    return f"{ALGORITHM}:{hasher.hexdigest()}"


def identity(found: os.stat_result) -> tuple[int, int, int, int]:
    """The part of a stat by which a file counts as untouched: size, mtime and ctime in nanoseconds, inode."""
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
