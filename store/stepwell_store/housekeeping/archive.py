"""The file of a backup: an uncompressed tar that begins with a manifest, the tree of all files that follow, in their order.

Any tar program can look into it. Reading knows plain files only and believes nothing: each member must be what the manifest
says of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

import msgspec
from blake3 import blake3

from stepwell_store.content.digest import ALGORITHM, open_regular
from stepwell_store.content.trees import Tree, TreeEntry, decode, encode, make_tree, path_bytes, path_text
from stepwell_store.errors import IntegrityError
from stepwell_store.files import CHUNK

MANIFEST = "stepwell-backup-1"

_BLOCK = 512
_TRIES = 3
_LARGEST_MANIFEST = 512 << 20
_LONGEST_NAME = 1 << 16
_ENTRY_BYTES = 71 + 1 + 1 + 1 + 20 + 1 + 1
_TODO = "use another backup; this file was damaged, or is not one of `stepwell backup`"


class Source(msgspec.Struct, frozen=True):
    """A file that goes in: its path in the archive, and where it is read."""

    path: str
    place: str


class Writer:
    """Writes an archive of known names into an empty file that can be read and sought; `finish` completes it."""

    def __init__(self, file: IO[bytes], paths: list[str]) -> None:
        self._file = file
        self._entries: list[TreeEntry] = []
        self._room = 32 + sum(_ENTRY_BYTES + len(path_bytes(path)) for path in paths)
        file.write(_header(MANIFEST, self._room, 0o600))
        self._at = file.tell()
        _pad(file, self._room, b" ")

    def add(self, source: Source) -> TreeEntry | None:
        """Copy one file, in the order of the paths' bytes; None when it went away or shrank each time that it was tried."""
        start = self._file.tell()
        for _ in range(_TRIES):
            entry = self._copy(source)
            if entry is not None:
                self._entries.append(entry)
                return entry
            self._file.seek(start)
            self._file.truncate()
        return None

    def drop_last(self, start: int) -> None:
        """Take the last file out again; it began at `start`."""
        self._entries.pop()
        self._file.seek(start)
        self._file.truncate()

    def position(self) -> int:
        """Where the next file begins."""
        return self._file.tell()

    def finish(self) -> Tree:
        """Write the end and the manifest."""
        self._file.write(bytes(2 * _BLOCK))
        tree = make_tree(self._entries)
        self._file.seek(self._at)
        self._file.write(encode(tree))
        return tree

    def _copy(self, source: Source) -> TreeEntry | None:
        try:
            descriptor = open_regular(os.path.realpath(source.place))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        with os.fdopen(descriptor, "rb") as reading:
            found = os.fstat(reading.fileno())
            executable = bool(found.st_mode & 0o100)
            self._file.write(_header(source.path, found.st_size, 0o700 if executable else 0o600))
            digest = copy_exactly(reading, self._file, found.st_size)
        if digest is None:
            return None
        _pad(self._file, -found.st_size % _BLOCK, b"\0")
        return TreeEntry(source.path, digest, found.st_size, executable)


def copy_exactly(source: IO[bytes], target: IO[bytes] | None, size: int) -> str | None:
    """Copy so many bytes, or only read them; their digest, None when there are fewer."""
    hasher = blake3()
    while size:
        data = source.read(min(size, CHUNK))
        if not data:
            return None
        hasher.update(data)
        if target is not None:
            target.write(data)
        size -= len(data)
    return f"{ALGORITHM}:{hasher.hexdigest()}"


def _pad(file: IO[bytes], size: int, byte: bytes) -> None:
    """Fill with a byte, and up to the next block."""
    for start in range(0, size, CHUNK):
        file.write(byte * min(CHUNK, size - start))
    file.write(bytes(-file.tell() % _BLOCK))


def _header(name: str, size: int, mode: int) -> bytes:
    import tarfile

    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def read_manifest(file: IO[bytes]) -> Tree:
    """The tree of all files, from the beginning of an archive; IntegrityError for anything else."""
    name, size = _next_header(file)
    if name != MANIFEST:
        raise _refused("it does not begin with a manifest that this version knows")
    if size > _LARGEST_MANIFEST:
        raise _refused(f"its manifest has {size:,} bytes")
    data = file.read(size)
    file.read(-size % _BLOCK)
    return decode(data.rstrip(b" "))


def members(file: IO[bytes], manifest: Tree) -> Iterator[TreeEntry]:
    """Each file of the manifest, when its content is next in the archive; the caller reads exactly that. IntegrityError when the
    archive holds anything else there."""
    for entry in manifest.entries:
        name, size = _next_header(file)
        if (name, size) != (entry.path, entry.size):
            raise _refused(f"where {entry.path!r} should be is {name!r}")
        yield entry
        file.read(-entry.size % _BLOCK)
    if file.read(2 * _BLOCK) != bytes(2 * _BLOCK) or file.read(1):
        raise _refused("something follows its last file")


def verify(file: IO[bytes]) -> Tree:
    """Read all of an archive; IntegrityError unless every file has the digest of the manifest."""
    manifest = read_manifest(file)
    for entry in members(file, manifest):
        if copy_exactly(file, None, entry.size) != entry.digest:
            raise _refused(f"{entry.path!r} does not have the bytes that were stored")
    return manifest


def _next_header(file: IO[bytes]) -> tuple[str, int]:
    """Name and size of the next member, which must be a regular file."""
    import tarfile

    name: str | None = None
    while True:
        try:
            info = tarfile.TarInfo.frombuf(file.read(_BLOCK), "utf-8", "surrogateescape")
        except tarfile.TarError as error:
            raise _refused(f"a header cannot be read ({error})") from error
        if info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not info.linkname:
            return (info.name if name is None else name), info.size
        if info.type != tarfile.GNUTYPE_LONGNAME or name is not None or not 0 < info.size <= _LONGEST_NAME:
            raise _refused(f"{info.name!r} is not a regular file")
        name = path_text(file.read(info.size).rstrip(b"\0"))
        file.read(-info.size % _BLOCK)


def _refused(why: str) -> IntegrityError:
    return IntegrityError(f"this backup is refused: {why}", todo=_TODO)
