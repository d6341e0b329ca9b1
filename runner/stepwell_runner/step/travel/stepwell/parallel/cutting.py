"""How input is cut into mini-batches. Pure: every item is in exactly one mini-batch, and order is kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence


def by_count(count: int, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of `size` items, the last one perhaps shorter."""
    for start in range(0, count, size):
        yield start, min(start + size, count)


def within(lengths: Sequence[int], sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ranges over parts that lie one after the other, `sizes[i]` items at a time in part i; none crosses the end of a part."""
    begin = 0
    for length, size in zip(lengths, sizes):  # noqa: B905  (Python 3.8 has no strict=)
        for start, stop in by_count(length, max(1, size)):
            yield begin + start, begin + stop
        begin += length


def rows_for(size: int, rows: int, volume: int) -> int:
    """How many of `rows` rows, which take `volume` bytes in all, take about `size` bytes; at least one."""
    return max(1, size * rows // max(1, volume))


def by_value(values: Iterable[Hashable]) -> dict[Hashable, list[int]]:
    """Positions by value, in order of the first appearance of each value."""
    found: dict[Hashable, list[int]] = {}
    for position, value in enumerate(values):
        found.setdefault(value, []).append(position)
    return found
