"""Which part of what is stored a check reads."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

import msgspec

_Item = TypeVar("_Item")


class Level(msgspec.Struct, frozen=True):
    """How thorough a check is: `percent` of all bytes are read, chosen at random, 0 for a quick one."""

    percent: float = 0.0

    @property
    def name(self) -> str:
        """`quick`, `full` or `sample`."""
        return "quick" if self.percent <= 0 else "full" if self.percent >= 100 else "sample"

    @property
    def is_full(self) -> bool:
        """Whether everything is read."""
        return self.percent >= 100

    def choose(self, items: Sequence[_Item]) -> list[_Item]:
        """Those of the items that are read."""
        if self.is_full:
            return list(items)
        count = -(-len(items) * max(0.0, self.percent) // 100)
        return random.SystemRandom().sample(items, int(count))
