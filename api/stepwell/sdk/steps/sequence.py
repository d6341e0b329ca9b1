"""Steps in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class StepSequence:
    """Every step in one element ends before any step in the next begins. Elements are steps, lists of steps, or sequences."""

    def __init__(self, steps: Iterable[Any] | None = None) -> None:
        self.steps = list(steps or ())

    def append(self, step: Any) -> None:
        """Add an element at the end."""
        self.steps.append(step)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)
