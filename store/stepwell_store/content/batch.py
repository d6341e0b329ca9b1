"""How objects come into the store, many at once: temporary file, hash of what was written, disk, rename, disk."""

from __future__ import annotations

import os
import time

from blake3 import blake3

from stepwell_store.content.digest import (
    ALGORITHM,
    FileChanged,
    digest_bytes,
    digest_descriptor,
    identity,
    is_digest,
    open_regular,
)
from stepwell_store.errors import UsageError
from stepwell_store.files import CHUNK, StrPath, clone, create_file, explained, make_dir, sync_paths, temporary_name, write_all

INCOMING = "incoming"
"""The folder, beside the objects, of files that are not objects yet. What a crash left there is garbage."""

_STEM = len(ALGORITHM) + 1
# Longer than any file system waits before it writes new folder entries by itself.
_SETTLED_S = 60


class Batch:
    """Objects on their way into the store. Safe for several threads between its making and `finish`.

    `settled` are the young objects (digest, ctime in nanoseconds) whose folder is known to be on the disk; it is added to.
    """

    def __init__(self, root: str, settled: set[tuple[str, int]]) -> None:
        self._root = root
        self._settled = settled
        self._found: set[tuple[str, int]] = set()
        self._incoming = f"{root}/{INCOMING}"
        self._pending: dict[str, str] = {}
        self._folders: set[str] = set()

    def put_bytes(self, data: bytes) -> str:
        """Add these bytes; their digest."""
        digest = digest_bytes(data)
        if not self._is_there(digest, len(data)):
            with explained("storing an object", self._root):
                temporary = self._write_temporary(data)
            self._keep(digest, temporary)
        return digest

    def put_file(self, path: StrPath) -> str:
        """Add a copy of a regular file; the digest of the copy. FileChanged when the file was written to meanwhile."""
        temporary = temporary_name(self._incoming)
        with explained("storing a copy of a file", os.fspath(path)):
            source = open_regular(path)
            try:
                before = os.fstat(source)
                digest = copy_hashing(source, temporary, 0o444)
                after = os.fstat(source)
            finally:
                os.close(source)
            if identity(before) != identity(after):
                os.unlink(temporary)
                raise FileChanged([os.fspath(path)])
            self._keep_new(digest, temporary, after.st_size)
        return digest

    def finish(self) -> None:
        """Bring all of it to the disk under its names."""
        sync_paths(self._pending.values())
        while self._pending:
            digest, temporary = self._pending.popitem()
            self._rename(temporary, object_path(self._root, digest))
        sync_paths(self._folders)
        self._settled |= self._found

    def discard(self) -> None:
        """Remove what has not become an object."""
        while self._pending:
            os.unlink(self._pending.popitem()[1])

    def _is_there(self, digest: str, size: int) -> bool:
        """Whether the object is there or on its way; one with another size does not count and will be replaced."""
        if digest in self._pending:
            return True
        path = object_path(self._root, digest)
        try:
            found = os.stat(path)
        except FileNotFoundError:
            return False
        if found.st_size != size:
            return False
        # Whoever renamed it there may not have brought the folder to the disk yet, and our caller relies on it from now on.
        if abs(time.time() - found.st_ctime) < _SETTLED_S and (digest, found.st_ctime_ns) not in self._settled:
            self._folders.add(os.path.dirname(path))
            self._found.add((digest, found.st_ctime_ns))
        return True

    def _keep_new(self, digest: str, temporary: str, size: int) -> None:
        if self._is_there(digest, size):
            os.unlink(temporary)
        else:
            self._keep(digest, temporary)

    def _keep(self, digest: str, temporary: str) -> None:
        if self._pending.setdefault(digest, temporary) != temporary:
            os.unlink(temporary)

    def _write_temporary(self, data: bytes) -> str:
        temporary = temporary_name(self._incoming)
        descriptor = create_file(temporary, 0o444)
        try:
            write_all(descriptor, data)
        except BaseException:
            os.unlink(temporary)
            raise
        finally:
            os.close(descriptor)
        return temporary

    def _rename(self, temporary: str, path: str) -> None:
        folder = os.path.dirname(path)
        if folder not in self._folders and not os.path.isdir(folder):
            make_dir(folder)
            self._folders.add(self._root)
        self._folders.add(folder)
        os.rename(temporary, path)


def object_path(root: str, digest: str) -> str:
    """Where an object is or would be; UsageError for text that is no digest."""
    if not is_digest(digest):
        raise UsageError(f"{digest!r} is not a digest.", todo="A digest is `blake3:` and 64 hexadecimal digits.")
    return f"{root}/{digest[_STEM : _STEM + 2]}/{digest[_STEM + 2 :]}"


def copy_hashing(source: int, target: str, mode: int) -> str:
    """Copy an open file, from its start, to a new file with this mode; the digest of the copy. No copy is left after an error."""
    writing = create_file(target, mode)
    try:
        if clone(source, writing):
            return digest_descriptor(writing, os.fstat(writing).st_size)
        hasher = blake3()
        while data := os.read(source, CHUNK):
            hasher.update(data)
            write_all(writing, data)
        return f"{ALGORITHM}:{hasher.hexdigest()}"
    except BaseException:
        os.unlink(target)
        raise
    finally:
        os.close(writing)
