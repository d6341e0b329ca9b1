"""Tables as text: the same columns piped, on a terminal, with and without colours."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepwell_tui.render.status import look_of, paint
from stepwell_tui.render.text import display_width, pad, safe_line, truncate

_GAP = "  "
_NARROWEST = 6


class Column(msgspec.Struct, frozen=True):
    """`right` aligns to the right, `keep` is never cut (ids), `status` shows its cells with glyph and colour.

    The name is written in capitals, unless it is `foreign`: that of a column of people's data, where capitals count.
    """

    name: str
    right: bool = False
    keep: bool = False
    status: bool = False
    foreign: bool = False


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    width: int | None = None,
    colour: bool = False,
    unicode: bool = True,
) -> str:
    """Aligned columns under a heading, every line ended. With a width in cells, the widest columns are cut until it fits;
    without one (piped) nothing is cut. Cells may be foreign text."""
    shown = [[_cell(column, cell, unicode) for column, cell in zip(columns, row, strict=True)] for row in rows]
    heads = [safe_line(column.name) if column.foreign else column.name.upper() for column in columns]
    widths = _widths(columns, heads, shown, width)
    mark = "…" if unicode else "~"
    lines = [_line(columns, heads, widths, mark)]
    for row, cells in zip(rows, shown, strict=True):
        lines.append(_line(columns, cells, widths, mark, row if colour else None))
    lines[0] = paint(lines[0], "bold", colour)
    return "".join(f"{line}\n" for line in lines)


def tabbed(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """The cells with tabs between them and no heading, for `cut` and `awk`."""
    return "".join("\t".join(safe_line(cell) for _, cell in zip(columns, row, strict=True)) + "\n" for row in rows)


def _cell(column: Column, cell: str, unicode: bool) -> str:
    text = safe_line(cell)
    if column.status and text:
        look = look_of(text)
        return f"{look.glyph if unicode else look.plain} {text}"
    return text


def _widths(
    columns: Sequence[Column], heads: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> list[int]:
    """Cells that each column gets."""
    widths = [max(map(display_width, cells)) for cells in zip(heads, *rows, strict=True)]
    if width is None:
        return widths
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while excess > 0:
        index = max(range(len(widths)), key=lambda at: -1 if columns[at].keep else widths[at])
        if columns[index].keep or widths[index] <= _NARROWEST:
            break
        widths[index] -= 1
        excess -= 1
    return widths


def _line(
    columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int], mark: str, row: Sequence[str] | None = None
) -> str:
    """One line; `row` has the raw cells whose statuses give the colours, None leaves them out."""
    parts = []
    for index, (column, cell, width) in enumerate(zip(columns, cells, widths, strict=True)):
        text = pad(truncate(cell, width, mark), width, column.right)
        if index == len(columns) - 1:
            text = text.rstrip()
        if row is not None and column.status and row[index]:
            text = paint(text, look_of(row[index]).colour)
        parts.append(text)
    return _GAP.join(parts).rstrip()
