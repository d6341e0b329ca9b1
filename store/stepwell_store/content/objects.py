"""Objects: immutable bytes under the name of their digest, `objects/ab/cdef…`, verified whenever they are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from stepwell_store.content.batch import INCOMING, Batch, copy_hashing, object_path
from stepwell_store.content.digest import ALGORITHM, digest_bytes, digest_descriptor, is_digest, open_regular
from stepwell_store.errors import IntegrityError
from stepwell_store.files import StrPath, explained, make_dir, sync_dir

QUARANTINE = "quarantine"
"""The folder, beside the objects, of those that did not verify."""

_STEM = len(ALGORITHM) + 1


class ObjectMissing(IntegrityError):
    """An object that is named somewhere is not in the store."""

    def __init__(self, digest: str, root: str) -> None:
        super().__init__(
            f"The object {digest} is missing.",
            where=root,
            todo="`stepwell check` says what named it; running those steps again makes it anew.",
        )
        self.digest = digest


class ObjectCorrupt(IntegrityError):
    """The bytes of an object were not those of its name; it has been moved to `objects/quarantine/`."""

    def __init__(self, digest: str, quarantined: str) -> None:
        super().__init__(
            f"The object {digest} is corrupt.",
            where=quarantined,
            todo="It was set aside and will not be used; check the disk, then run the step again.",
        )
        self.digest = digest


class ObjectStore:
    """A folder of objects, made when missing. Safe for any number of threads and processes at once."""

    def __init__(self, root: StrPath) -> None:
        self.root = os.fspath(root)
        self._settled: set[tuple[str, int]] = set()

    def path(self, digest: str) -> str:
        """Where the object is or would be; UsageError for text that is no digest."""
        return object_path(self.root, digest)

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Put many objects, which reach the disk together at the end of the block; after an error none of them is there."""
        with explained("making the object store", self.root):
            make_dir(f"{self.root}/{INCOMING}")
        batch = Batch(self.root, self._settled)
        try:
            yield batch
            with explained("storing objects", self.root):
                batch.finish()
        finally:
            batch.discard()

    def put_bytes(self, data: bytes) -> str:
        """Store these bytes; their digest."""
        with self.batch() as batch:
            return batch.put_bytes(data)

    def put_file(self, path: StrPath) -> str:
        """Store a copy of a regular file; the digest of the copy. FileChanged when it was written to meanwhile."""
        with self.batch() as batch:
            return batch.put_file(path)

    def has(self, digest: str) -> bool:
        """Whether there is such an object; its bytes are not looked at."""
        return self.size(digest) is not None

    def size(self, digest: str) -> int | None:
        """The bytes that it has; None when there is no such object."""
        try:
            return os.stat(self.path(digest)).st_size
        except FileNotFoundError:
            return None

    def read(self, digest: str) -> bytes:
        """Its bytes, verified; ObjectMissing, or ObjectCorrupt after it was set aside."""
        descriptor = self._open(digest)
        with explained("reading an object", self.path(digest)), open(descriptor, "rb") as file:
            data = file.read()
        if digest_bytes(data) != digest:
            raise self._set_aside(digest)
        return data

    def verify(self, digest: str) -> None:
        """Read it through; ObjectMissing, or ObjectCorrupt after it was set aside."""
        descriptor = self._open(digest)
        try:
            with explained("reading an object", self.path(digest)):
                found = digest_descriptor(descriptor, os.fstat(descriptor).st_size)
        finally:
            os.close(descriptor)
        if found != digest:
            raise self._set_aside(digest)

    def materialise(self, digest: str, target: StrPath, executable: bool = False) -> None:
        """Make a private, writable, verified copy as a new file; after an error there is none."""
        descriptor = self._open(digest)
        try:
            with explained("writing a copy of an object", os.fspath(target)):
                found = copy_hashing(descriptor, os.fspath(target), 0o700 if executable else 0o600)
        finally:
            os.close(descriptor)
        if found != digest:
            os.unlink(target)
            raise self._set_aside(digest)

    def digests(self) -> Iterator[str]:
        """The digests of all objects, sorted."""
        for folder in self._folders():
            for name in sorted(os.listdir(f"{self.root}/{folder}")):
                digest = f"{ALGORITHM}:{folder}{name}"
                if is_digest(digest):
                    yield digest

    def remove(self, digest: str) -> None:
        """Remove it; nothing happens when it is not there. The caller knows that nothing needs it."""
        path = self.path(digest)
        with explained("removing an object", path):
            try:
                os.unlink(path)
            except FileNotFoundError:
                return

    def sweep(self, before: float) -> int:
        """Remove what crashes left in `incoming/` before this time (seconds since 1970); how many files that were."""
        folder = f"{self.root}/{INCOMING}"
        if not os.path.isdir(folder):
            return 0
        with explained("removing temporary files", folder), os.scandir(folder) as found:
            old = [entry.path for entry in found if entry.stat(follow_symlinks=False).st_mtime < before]
            for path in old:
                os.unlink(path)
        return len(old)

    def _folders(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.root) if len(name) == 2)
        except FileNotFoundError:
            return []

    def _open(self, digest: str) -> int:
        path = self.path(digest)
        with explained("opening an object", path):
            try:
                return open_regular(path)
            except FileNotFoundError:
                raise ObjectMissing(digest, self.root) from None

    def _set_aside(self, digest: str) -> ObjectCorrupt:
        """Move a corrupt object out of the way, under a name of its own each time; the error to raise."""
        path = self.path(digest)
        aside = f"{self.root}/{QUARANTINE}/{digest[_STEM:]}-{os.urandom(4).hex()}"
        with explained("setting a corrupt object aside", path):
            make_dir(os.path.dirname(aside))
            os.rename(path, aside)
            sync_dir(os.path.dirname(path))
        return ObjectCorrupt(digest, aside)
