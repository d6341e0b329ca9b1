"""The text of one row of a table, and which part of it has which style."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepwell_tui.render.status import COLOURS
from stepwell_tui.render.text import safe_line
from stepwell_tui.widgets.fitting import fitted
from stepwell_tui.widgets.rows import GAP, Column, Order, Row, Slot

MARK = "* "


class Line(msgspec.Struct, frozen=True):
    """Text, and from which character to which it has the style of a component class."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


def line_of(row: Row, slots: Sequence[Slot], *, marked: bool, width: int) -> Line:
    """A row, as wide as the table."""
    text = MARK if marked else " " * len(MARK)
    spans = [(0, 1, "table--mark")] if marked else []
    for slot in slots:
        if len(text) > len(MARK):
            text += " " * GAP
        said, colour = _cell(row, slot.column)
        start = len(text)
        text += fitted(said, slot.width, slot.right)
        if colour in COLOURS:
            spans.append((start, len(text), f"tone--{colour}"))
    return Line(fitted(text, width), tuple(spans))


def header_text(columns: Sequence[Column], slots: Sequence[Slot], width: int, order: Order | None = None) -> str:
    """The titles over their columns; an arrow at the one that the rows are sorted by."""
    titles = (fitted(_title(columns[slot.column].title, slot, order), slot.width, slot.right) for slot in slots)
    return fitted(" " * len(MARK) + (" " * GAP).join(titles), width)


def _title(title: str, slot: Slot, order: Order | None) -> str:
    if order is None or order.column != slot.column:
        return title
    return title[: slot.width - 1] + ("↓" if order.descending else "↑")


def _cell(row: Row, column: int) -> tuple[str, str]:
    cell = row.cells[column] if column < len(row.cells) else ""
    return (safe_line(cell), "") if isinstance(cell, str) else (safe_line(cell.text), cell.colour)
