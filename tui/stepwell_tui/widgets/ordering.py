"""In which order the rows of a table stand: which column is next, and rows that are all at hand sorted by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from stepwell_tui.widgets.rows import Column, Order, Row, Slot

_NUMBERS = re.compile(r"(\d{1,18})")

Key = tuple[float, tuple[tuple[int, int | str], ...]]


def following(order: Order | None, columns: Sequence[Column], shown: Sequence[Slot]) -> Order | None:
    """By the next column at the right that is shown and sorts; None after the last one."""
    after = -1 if order is None else order.column
    return next((Order(at) for at in _sortable(columns, shown) if at > after), None)


def turned(order: Order | None, columns: Sequence[Column], shown: Sequence[Slot]) -> Order | None:
    """The other way round; without an order by the first column, the largest at the top."""
    if order is not None:
        return Order(order.column, not order.descending)
    return next((Order(at, descending=True) for at in _sortable(columns, shown)), None)


def _sortable(columns: Sequence[Column], shown: Sequence[Slot]) -> list[int]:
    return [slot.column for slot in shown if columns[slot.column].sorts and columns[slot.column].title]


def arranged(rows: Iterable[Row], order: Order | None) -> tuple[Row, ...]:
    """The rows in this order, numbers within text by their value; what says nothing in the column comes last."""
    if order is None:
        return tuple(rows)
    keyed = [(_key(row, order.column), row) for row in rows]
    said = [(key, row) for key, row in keyed if key is not None]
    said.sort(key=lambda pair: pair[0], reverse=order.descending)
    return (*(row for _, row in said), *(row for key, row in keyed if key is None))


def _key(row: Row, column: int) -> Key | None:
    cell = row.cells[column] if column < len(row.cells) else ""
    text, rank = (cell, None) if isinstance(cell, str) else (cell.text, cell.rank)
    if rank is not None:
        return rank, ()
    return (0.0, _natural(text.casefold())) if text else None


def _natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """With `#9` before `#10`."""
    return tuple((0, int(part)) if at % 2 else (1, part) for at, part in enumerate(_NUMBERS.split(text)) if part)
