"""The stat cache: what a source folder held when it was last read, so that an unchanged one costs a walk and no reading.

A help only: it may be deleted at any time, and a damaged one counts as none.
"""

from __future__ import annotations

import os

import msgspec
from blake3 import blake3

from stepwell_store.content.digest import digest_parts
from stepwell_store.content.walk import Stat
from stepwell_store.files import make_dir, write_atomic

_CHECKSUM = 32
_YOUNG_NS = 2_000_000_000

UNSETTLED: Stat = (0, 0, 0, 0, 0)
"""Stands for a file whose stat proves nothing: it was so young that a later edit could have left the same stat."""


class Entries(msgspec.Struct, frozen=True, array_like=True):
    """The files: paths joined by zero bytes, and in the same order their stats and digests."""

    paths: bytes
    stats: list[Stat]
    digests: list[str]

    def by_path(self) -> dict[bytes, tuple[Stat, str]]:
        """Stat and digest of each path."""
        paths = self.paths.split(b"\0") if self.paths else []
        return dict(zip(paths, zip(self.stats, self.digests, strict=True), strict=True))


class Cache(msgspec.Struct, frozen=True, array_like=True):
    """One folder's cache.

    `rules` names the ignore rules and the selection under which `ignored` (paths joined by zero bytes) was found; `seal` is
    the walk's when every stat proves its file, else empty; `tree` is the digest of the tree that the walk came to.
    """

    rules: str
    ignored: bytes
    seal: str
    tree: str
    entries: bytes

    def ignored_paths(self) -> set[bytes]:
        """What a walk leaves out; a folder's path ends in `/`."""
        return set(self.ignored.split(b"\0"))

    def known(self) -> Entries:
        """The files, decoded."""
        return _decode_entries(self.entries)


_encode = msgspec.msgpack.Encoder().encode
_decode_cache = msgspec.msgpack.Decoder(Cache).decode
_decode_entries = msgspec.msgpack.Decoder(Entries).decode


def encode_entries(entries: Entries) -> bytes:
    """For the field `entries` of a cache."""
    return _encode(entries)


def cache_path(cache_dir: str, folder: str, include: tuple[str, ...] | None) -> str:
    """Where the cache of a source folder (an absolute path) is, below the workspace's `cache` folder."""
    parts = [os.fsencode(folder), *(os.fsencode(pattern) for pattern in include or ())]
    return f"{cache_dir}/stat/{digest_parts('stepwell.statcache.1', parts)[-64:]}"


def load(path: str) -> Cache | None:
    """The cache at this path; None when there is none or when it is damaged."""
    try:
        with open(path, "rb") as file:
            data = memoryview(file.read())
        if blake3(data[_CHECKSUM:]).digest() != bytes(data[:_CHECKSUM]):
            return None
        return _decode_cache(data[_CHECKSUM:])
    except (OSError, msgspec.DecodeError):
        return None


def save(path: str, cache: Cache) -> None:
    """Write the cache, unless the disk does not allow it."""
    data = _encode(cache)
    try:
        make_dir(os.path.dirname(path))
        write_atomic(path, blake3(data).digest() + data, durable=False)
    except OSError:
        return


def settled(found: Stat, now_ns: int) -> bool:
    """Whether a stat from before `now_ns` proves a file: an edit from then on will show in its times."""
    return found[1] < now_ns - _YOUNG_NS and found[2] < now_ns - _YOUNG_NS
