"""What became of the mini-batches, and whether so many may fail. Values and counting only; no processes, no clock."""

from __future__ import annotations

from typing import NamedTuple

from stepwell.parallel.settings import Settings

INIT_FAILURES_PER_WORKER = 3


class Tries:
    """Mini-batches that are to be tried again, and how often each was tried."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._made: dict[int, int] = {}

    def begin(self, index: int) -> int:
        """One more try; its number, from 1."""
        self._made[index] = self._made.get(index, 0) + 1
        return self._made[index]

    def may_again(self, index: int) -> bool:
        """Whether a mini-batch that failed has tries left."""
        return self._made.get(index, 0) < self._limit


class Counts(NamedTuple):
    """Mini-batches and items so far. Items of a mini-batch that failed for good, and those that gave no result, failed."""

    total: int
    done: int = 0
    failed: int = 0
    items: int = 0
    failed_items: int = 0
    results: int = 0

    def succeeded(self, items: int, results: int) -> Counts:
        """One more mini-batch ended well and returned so many results."""
        return self._replace(
            done=self.done + 1, items=self.items + items, failed_items=self.failed_items + max(0, items - results),
            results=self.results + results,
        )  # fmt: skip

    def lost(self, items: int) -> Counts:
        """One more mini-batch failed for good."""
        return self._replace(
            done=self.done + 1, failed=self.failed + 1, items=self.items + items, failed_items=self.failed_items + items
        )


def verdict(counts: Counts, settings: Settings) -> str | None:
    """Why the whole has failed, as far as it can be said now; None while it has not."""
    if settings.failed_items is not None and counts.failed_items > settings.failed_items:
        return f"{counts.failed_items} items failed; {settings.failed_items} are tolerated"
    if settings.failed_batches is not None and counts.failed > settings.failed_batches:
        return f"{counts.failed} mini-batches failed; {settings.failed_batches} are tolerated"
    if settings.failed_percent is not None and counts.failed * 100 > settings.failed_percent * counts.total:
        return f"{counts.failed} of {counts.total} mini-batches failed; {settings.failed_percent:g} % are tolerated"
    if settings.append is not None and counts.done == counts.total and counts.failed == counts.total > 0:
        return "no mini-batch succeeded, so there are no rows to write"
    return None
