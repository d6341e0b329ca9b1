"""A table of rows that are all at hand, in a panel with a title, narrowed by a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from stepwell_store.errors import StepwellError
from stepwell_tui.render.text import safe_line
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.table import VirtualTable


class ListTable(VirtualTable):
    """`title` is ours; the number of rows stands in the frame below."""

    def __init__(self, columns: Sequence[Column], *, title: str, empty: tuple[str, str], id: str) -> None:  # noqa: A002 - as in Textual
        super().__init__(columns, None, empty=empty, id=id, classes="panel")
        self.border_title = title
        self._held = _Held()
        self._all: tuple[Row, ...] = ()
        self._is_shown = False
        self._narrowed = ""

    def put(self, rows: Iterable[Row]) -> None:
        """Show these rows instead of those before; cursor and marks stay with their keys."""
        self._all, self._held.error = tuple(rows), None
        self._fill()
        self._show_held()

    def fail(self, error: StepwellError) -> None:
        """Show why there are no rows."""
        self._held.error = error
        self._show_held()

    def _show_held(self) -> None:
        if self._is_shown:
            self.reload()
        else:
            self._is_shown = True
            self.show_rows(self._held)

    def narrow(self, text: str) -> None:
        """Show only the rows that hold a text, whatever its case; empty for all of them."""
        self._narrowed = text.strip().casefold()
        if self._is_shown:
            self._fill()
            self.reload()

    def _fill(self) -> None:
        rows = self._all
        self._held.rows = tuple(row for row in rows if self._narrowed in _text(row)) if self._narrowed else rows
        count = f"{len(self._held.rows)} of {len(rows)}" if self._narrowed else str(len(rows))
        self.border_subtitle = Content(f"{count} /{safe_line(self._narrowed)}" if self._narrowed else count if rows else "")


class _Held:
    """Rows that may be exchanged; they are asked for in threads."""

    def __init__(self) -> None:
        self.rows: tuple[Row, ...] = ()
        self.error: StepwellError | None = None

    def count(self) -> int:
        if self.error is not None:
            raise self.error
        return len(self.rows)

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        return self.rows[offset : offset + limit]


def _text(row: Row) -> str:
    return "\n".join(cell.text if isinstance(cell, Cell) else cell for cell in row.cells).casefold()
