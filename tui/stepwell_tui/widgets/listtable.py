"""A table of rows that are all at hand, in a panel with a title, narrowed by a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from stepwell_store.errors import StepwellError
from stepwell_tui.render.text import safe_line
from stepwell_tui.widgets.ordering import arranged
from stepwell_tui.widgets.rows import Cell, Column, Order, Row
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Counted, Sorted


class ListTable(VirtualTable):
    """`title` is ours; the number of rows stands in the frame below, unless there is something better to say."""

    def __init__(self, columns: Sequence[Column], *, title: str, empty: tuple[str, str], id: str) -> None:  # noqa: A002 - as in Textual
        super().__init__(columns, None, empty=empty, id=id, classes="panel")
        self.border_title = title
        self._held = _Held()
        self._note = ""
        self._is_shown = False
        self._sought_later: str | None = None

    def put(self, rows: Iterable[Row], note: str = "", *, key: str | None = None) -> None:
        """Show these rows instead of those before; cursor and marks stay with their keys, or the cursor goes to `key`.

        `note` is said in place of the number.
        """
        self._held.rows, self._held.error, self._note = tuple(rows), None, note
        self._show_held(key)

    def seek(self, key: str) -> None:
        """Put the cursor on this key, as soon as there are rows."""
        self._sought_later = key
        if self._is_shown:
            self._show_held()

    def fail(self, error: StepwellError) -> None:
        """Show why there are no rows."""
        self._held.error = error
        self._show_held()

    def narrow(self, text: str) -> None:
        """Show only the rows that hold a text, whatever its case; empty for all of them."""
        self.narrowed_to = text.strip()
        self._held.text = self.narrowed_to.casefold()
        if self._is_shown:
            self.reload()

    def on_virtual_table_sorted(self, event: Sorted) -> None:
        """Sort them, and look at the first ones."""
        self._held.order = event.order
        if self._is_shown:
            self.show_rows(self._held, stay=False)

    def _show_held(self, key: str | None = None) -> None:
        key, self._sought_later = key or self._sought_later, None
        if self._is_shown and key is None:
            self.reload()
        else:
            self._is_shown = True
            self.show_rows(self._held, key=key)

    def on_virtual_table_counted(self, event: Counted) -> None:
        """Say how many rows there are."""
        held = self._held
        if held.text:
            self.border_subtitle = Content(f"{event.count} of {len(held.rows)} /{safe_line(self.narrowed_to)}")
        else:
            self.border_subtitle = Content(safe_line(self._note) or (str(event.count) if event.count else ""))


class _Held:
    """Rows that may be exchanged, and the text that those have that are shown. They are asked for in threads, where they are narrowed."""

    def __init__(self) -> None:
        self.rows: tuple[Row, ...] = ()
        self.text = ""
        self.order: Order | None = None
        self.error: StepwellError | None = None
        self._shown: tuple[Row, ...] = ()

    def count(self) -> int:
        if self.error is not None:
            raise self.error
        rows, text = self.rows, self.text
        self._shown = arranged((row for row in rows if text in _text(row)) if text else rows, self.order)
        return len(self._shown)

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        return self._shown[offset : offset + limit]


def _text(row: Row) -> str:
    return "\n".join(cell.text if isinstance(cell, Cell) else cell for cell in row.cells).casefold()
