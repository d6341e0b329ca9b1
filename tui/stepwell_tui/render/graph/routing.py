"""Between two layers: which vertical track each line takes, so that no two lines share a piece of the way.

A line leaves its source on the source's row, turns into its track, and leaves the track on one row for each target; these
rows belong to it alone. The one rule: a line whose source row is another's arrival row must turn before that other does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

import msgspec


class Track(msgspec.Struct, frozen=True):
    """A vertical piece of the line from `source` (an item), in `column` (0 is leftmost), from row `low` to row `high`."""

    source: int
    column: int
    low: int
    high: int


class Conflict(Exception):
    """The lines cannot be drawn as the rows are; `row` is an arrival that should move down."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


class _Piece(msgspec.Struct, frozen=True):
    """A track without a column yet."""

    source: int
    row: int
    low: int
    high: int
    arrivals: tuple[int, ...]


def route(lines: Mapping[int, tuple[int, Sequence[int]]]) -> list[Track]:
    """Tracks for lines given by source as (its row, rows of its arrivals); Conflict when the rule has a circle."""
    pieces = [piece for source, (row, arrivals) in lines.items() for piece in _pieces(source, row, arrivals)]
    by_row: dict[int, list[int]] = {}
    for index, piece in enumerate(pieces):
        by_row.setdefault(piece.row, []).append(index)
    first = [[other for row in piece.arrivals if row != piece.row for other in by_row.get(row, ())] for piece in pieces]
    columns = _columns(pieces, first)
    return [Track(piece.source, column, piece.low, piece.high) for piece, column in zip(pieces, columns, strict=True)]


def _pieces(source: int, row: int, arrivals: Sequence[int]) -> list[_Piece]:
    """One track, or two where the line would go up, down and straight on at once: that would look like a crossing."""
    up, down = tuple(one for one in arrivals if one < row), tuple(one for one in arrivals if one > row)
    if up and down and row in arrivals:
        return [_Piece(source, row, min(up), row, up), _Piece(source, row, row, max(down), down)]
    if up or down:
        return [_Piece(source, row, min(*arrivals, row), max(*arrivals, row), (*up, *down))]
    return []


def _columns(pieces: Sequence[_Piece], first: Sequence[Sequence[int]]) -> list[int]:
    """The leftmost free column right of those that must come first; of what is free to go, the one that crosses least."""
    later: list[list[int]] = [[] for _ in pieces]
    missing = [len(others) for others in first]
    for index, others in enumerate(first):
        for other in others:
            later[other].append(index)
    ready = [(_rank(piece), index) for index, piece in enumerate(pieces) if not missing[index]]
    heapify(ready)
    columns = [-1] * len(pieces)
    taken: list[list[_Piece]] = []
    while ready:
        _, index = heappop(ready)
        start = max((columns[other] + 1 for other in first[index]), default=0)
        columns[index] = _free(taken, pieces[index], start)
        for other in later[index]:
            missing[other] -= 1
            if not missing[other]:
                heappush(ready, (_rank(pieces[other]), other))
    if -1 in columns:
        raise _conflict(pieces, first, columns)
    return columns


def _rank(piece: _Piece) -> int:
    """Lines that go down turn the earlier the lower they start, lines that go up the earlier the higher."""
    return -piece.row if piece.high > piece.row else piece.row


def _free(taken: list[list[_Piece]], piece: _Piece, start: int) -> int:
    for column in range(start, len(taken)):
        if all(other.high < piece.low or piece.high < other.low for other in taken[column]):
            taken[column].append(piece)
            return column
    while len(taken) <= start:
        taken.append([])
    if taken[-1]:
        taken.append([])
    taken[-1].append(piece)
    return len(taken) - 1


def _conflict(pieces: Sequence[_Piece], first: Sequence[Sequence[int]], columns: Sequence[int]) -> Conflict:
    """The lowest row of a circle: little else has to move with it."""
    way: list[int] = []
    index = columns.index(-1)
    while index not in way:
        way.append(index)
        index = next(other for other in first[index] if columns[other] == -1)
    return Conflict(max(pieces[at].row for at in way[way.index(index) :]))
