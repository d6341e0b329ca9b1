"""What a collection would remove, as a value: paths, bytes, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal

import msgspec

from stepwell_store.housekeeping.removal import bytes_below

Kind = Literal["object", "incoming", "output", "attempt", "run", "environment", "cache", "temporary"]

DAY_S = 86_400.0
KEY_S = 90 * DAY_S
"""How long the key of a submission is remembered, by which it may be sent again."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What may go. Nothing younger than `grace_s` seconds ever does.

    Files of old runs go only when asked: those that are neither among the newest `keep_runs` nor younger than `older_than_s`.
    `older_than_s` is also the age from which unused environments and caches go. History rows always stay.
    """

    grace_s: float = DAY_S
    keep_runs: int | None = None
    older_than_s: float | None = None

    @property
    def wants_runs(self) -> bool:
        """Whether files of old runs were asked for."""
        return self.keep_runs is not None or self.older_than_s is not None


class Item(msgspec.Struct, frozen=True):
    """One file or folder that goes, its absolute path and its bytes."""

    kind: Kind
    path: str
    size: int
    why: str


class Plan(msgspec.Struct, frozen=True):
    """What goes, and sentences about what has to stay for now. `keys` is how many keys of old submissions are forgotten."""

    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    keys: int = 0

    @property
    def size(self) -> int:
        """The bytes of all of it."""
        return sum(item.size for item in self.items)


def item(kind: Kind, path: str, why: str) -> Item:
    """An item with its size."""
    return Item(kind, path, bytes_below(path), why)


def entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What is in a folder, sorted by name; nothing when there is none."""
    try:
        with os.scandir(folder) as found:
            listed = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from listed


def is_older(entry: os.DirEntry[str], moment: float) -> bool:
    """Whether it was last written before this moment (seconds since 1970); False when it has gone."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime < moment
    except FileNotFoundError:
        return False
