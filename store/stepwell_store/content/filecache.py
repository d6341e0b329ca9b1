"""Digests of data files by path, remembered while their stat identity stays the same. Deleting the cache costs only time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec

from stepwell_store.content.digest import digest_bytes, digest_file, identity
from stepwell_store.files import make_dir, write_atomic

YOUNG_NS = 2_000_000_000

_Known = dict[str, tuple[tuple[int, int, int, int], str]]
_decoder = msgspec.msgpack.Decoder(_Known)


class FileDigests:
    """The digests of one group of files, such as a dataset's. What was learnt is kept when the block ends."""

    def __init__(self, cache: str | os.PathLike[str], group: bytes, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._path = os.path.join(cache, "data", digest_bytes(group).partition(":")[2])
        self._now_ns = now_ns
        self._old = _load(self._path)
        self._new: _Known = {}

    def digest(self, path: str) -> str:
        """The content digest of a regular file."""
        known = self._old.get(path)
        if known is not None and known[0] == identity(os.stat(path)):
            self._new[path] = known
            return known[1]
        began = self._now_ns()
        digest, found = digest_file(os.path.realpath(path))
        # A file that changed a moment ago could change again without a trace in its times.
        if max(found.st_mtime_ns, found.st_ctime_ns) < began - YOUNG_NS:
            self._new[path] = identity(found), digest
        return digest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and self._new != self._old:
            with suppress(OSError):  # a read-only workspace can still be asked what would run
                make_dir(os.path.dirname(self._path))
                write_atomic(self._path, msgspec.msgpack.encode(self._new), durable=False)


def _load(path: str) -> _Known:
    try:
        with open(path, "rb") as file:
            return _decoder.decode(file.read())
    except (OSError, msgspec.MsgspecError):
        return {}
