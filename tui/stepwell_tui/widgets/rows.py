"""What a table shows: rows of plain text with keys, the columns they stand in, and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from stepwell_tui.render.status import look_of

GAP = 2
"""Blanks between columns, in cells."""
_LEAST = 4


class Cell(msgspec.Struct, frozen=True):
    """Text, which may be foreign, in a colour: a name of `render.status.COLOURS`, or none.

    `rank` is what it is sorted by where that is not its text, such as the bytes of a size in words.
    """

    text: str
    colour: str = ""
    rank: float | None = None


class Row(msgspec.Struct, frozen=True):
    """One row. The key tells it from all others of the table, wherever it stands; a cell may be plain text."""

    key: str
    cells: tuple[str | Cell, ...]


class Rows(Protocol):
    """Where rows come from. Both are called in threads, one at a time; they may raise StepwellError or OSError."""

    def count(self) -> int:
        """How many rows there are."""
        ...

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Up to `limit` rows from `offset` on; fewer at the end."""
        ...


class Column(msgspec.Struct, frozen=True):
    """A column: `width` cells, or without it a `share` of what the others leave. Gone in tables narrower than `hidden_below`.

    Rows can be sorted by it if it has a title and `sorts`.
    """

    title: str
    width: int | None = None
    share: int = 1
    right: bool = False
    hidden_below: int = 0
    sorts: bool = True


class Order(msgspec.Struct, frozen=True):
    """Sorted by the column of this number."""

    column: int
    descending: bool = False


class Slot(msgspec.Struct, frozen=True):
    """Where a column got its place: its number in the list of columns, its width in cells, and whether text stands at the right."""

    column: int
    width: int
    right: bool


class Fixed(msgspec.Struct, frozen=True):
    """Rows that are all at hand."""

    rows: tuple[Row, ...]

    def count(self) -> int:
        """How many there are."""
        return len(self.rows)

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Some of them."""
        return self.rows[offset : offset + limit]


def status_cell(status: str) -> Cell:
    """Glyph and word of a status in its colour."""
    look = look_of(status)
    return Cell(f"{look.glyph} {look.word}", look.colour)


def slots(columns: Sequence[Column], width: int) -> list[Slot]:
    """The columns that are shown in so many cells, with their widths; together with the gaps they never take more.

    Columns at the right go when there is no room for them.
    """
    shown = [at for at, column in enumerate(columns) if width >= column.hidden_below]
    while shown and _least(columns, shown) > width:
        shown.pop()
    room = width - _least(columns, shown)
    shares = sum(columns[at].share for at in shown if columns[at].width is None)
    placed = []
    for at in shown:
        column = columns[at]
        if column.width is not None:
            placed.append(Slot(at, column.width, column.right))
            continue
        more = room * column.share // shares if shares else 0
        room, shares = room - more, shares - column.share
        placed.append(Slot(at, _LEAST + more, column.right))
    return placed


def _least(columns: Sequence[Column], shown: Sequence[int]) -> int:
    widths = [columns[at].width for at in shown]
    return sum(_LEAST if width is None else width for width in widths) + GAP * max(0, len(shown) - 1)
