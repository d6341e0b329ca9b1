"""A table of any number of rows: it holds a few pages of them, read in threads, and draws only what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip

from stepwell_tui.keys import bindings
from stepwell_tui.widgets import tablemessages
from stepwell_tui.widgets.empty import empty_lines
from stepwell_tui.widgets.lineview import LineView
from stepwell_tui.widgets.ordering import following, turned
from stepwell_tui.widgets.pages import Found, Wanted
from stepwell_tui.widgets.reading import Reading
from stepwell_tui.widgets.rows import Column, Order, Rows, Slot, slots
from stepwell_tui.widgets.strips import selected_text
from stepwell_tui.widgets.tableline import MARK, Line, header_text, line_of


class VirtualTable(LineView, can_focus=True):
    """Rows with a cursor, marks and a header line. Its row stays under the cursor when rows come in above.

    `rows` may be None until there is something to show; `empty` says what an empty table means and, in its second line, what fills it.
    `narrowed_to` is the text that whoever gives the rows let through; it is foreign.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--header", "table--cursor", "table--blurred", "table--mark"}
    DEFAULT_CSS = """
    VirtualTable {
        overflow-x: hidden; overflow-y: auto;
        .table--header { color: $soft; text-style: bold; }
        .table--cursor { background: $primary 25%; text-style: bold; }
        .table--blurred { background: $primary 12%; }
        .table--mark { color: $accent; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    Of = tablemessages.Of
    Selected = tablemessages.Selected
    Highlighted = tablemessages.Highlighted
    Marked = tablemessages.Marked
    Counted = tablemessages.Counted
    Sorted = tablemessages.Sorted

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Rows | None = None,
        *,
        empty: tuple[str, str] = ("Nothing here", ""),
        header: bool = True,
        id: str | None = None,  # noqa: A002 - as in Textual
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._reading = Reading(rows)
        self._empty = empty
        self._head = 1 if header else 0
        self._cursor = 0
        self._key: str | None = None
        self._sought: str | None = None
        self._other = False
        self._marks: dict[str, None] = {}
        self._order: Order | None = None
        self.narrowed_to = ""
        self._lines: dict[tuple[int, int], Line] = {}

    @property
    def count(self) -> int:
        """How many rows there were when they were read last."""
        return self._reading.pages.count

    @property
    def cursor(self) -> int:
        """The number of the row under the cursor."""
        return self._cursor

    @property
    def key(self) -> str | None:
        """The key of the row under the cursor; None when there is none, or it is not read yet."""
        return self._key

    @property
    def marked(self) -> tuple[str, ...]:
        """The marked keys, in the order in which they were marked."""
        return tuple(self._marks)

    @property
    def order(self) -> Order | None:
        """By what the rows are to be sorted; None for the order that they have by themselves."""
        return self._order

    def say_empty(self, sentence: str, hint: str) -> None:
        """What an empty table means, and what fills it."""
        if (sentence, hint) != self._empty:
            self._empty = sentence, hint
            self.refresh()

    def show_rows(self, rows: Rows, *, key: str | None = None, stay: bool = True) -> None:
        """Show other rows from the top; the cursor goes to this key, or stays on its key, if that is among the first thousand.

        Without `stay` it goes to the first row.
        """
        self._reading.show(rows)
        self._sought, self._other = key, True
        if not stay:
            self._key = None
        self._wake()

    def reload(self) -> None:
        """Read the rows again, because they may have changed. What is shown stays until then."""
        self._reading.again()
        self._wake()

    def on_mount(self) -> None:
        """Begin to read."""
        self._wake()

    def on_resize(self) -> None:
        """The columns get other widths."""
        self._lines = {}
        self._into_view()
        self._wake()

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        self._lines = {}

    def watch_has_focus(self, focused: bool) -> None:
        """The cursor looks different."""
        super().watch_has_focus(focused)
        self._draw_row(self._cursor)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read what came into view."""
        super().watch_scroll_y(old_value, new_value)
        self._wake()

    # Reading

    def _view(self) -> tuple[int, int]:
        """The first and the last row in view, were there enough."""
        first = self.scroll_offset.y
        return first, first + max(1, self.area.height - self._head) - 1

    def _wake(self) -> None:
        if self.is_mounted and self.area.height and self._reading.begin(*self._view()):
            self.run_worker(self._read(), group="rows")

    async def _read(self) -> None:
        async for found in self._reading.read(self._wanted):
            if found:
                self._take_anew(found)
            elif self._reading.error:
                self.extend(Size(self.area.width, 0))
            self._taken()

    def _wanted(self) -> Wanted:
        key = self._sought or self._key
        first, last = self._view()
        return Wanted(0, last - first, key, 0, 0) if self._other else Wanted(first, last, key, self._cursor, self.count)

    def _take_anew(self, found: Found) -> None:
        before, cursor = (0, 0) if self._other else (self.scroll_offset.y, self._cursor)
        shift = 0 if found.cursor is None else found.cursor - cursor
        self._sought, self._other = None, False
        self._cursor = max(0, min(cursor + shift, found.count - 1))
        self.extend(Size(self.area.width, found.count + self._head if found.count else 0))
        self._scroll(before + shift if before else 0)
        self._into_view()
        self.post_message(self.Counted(self, found.count))

    def _taken(self) -> None:
        self._lines = {}
        self.refresh()
        self._highlight()

    # Cursor and marks

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, which comes into view."""
        index = max(0, min(index, self.count - 1))
        if index == self._cursor:
            return
        old, self._cursor = self._cursor, index
        self._draw_row(old)
        self._draw_row(index)
        self._into_view()
        self._highlight()

    def _highlight(self) -> None:
        """Tell which row is under the cursor, once it is known and if it is another."""
        row = self._reading.pages.row(self._cursor)
        if row is None and self.count:
            return
        key = row.key if row else None
        if key != self._key:
            self._key = key
            self.post_message(self.Highlighted(self, key))

    def _into_view(self) -> None:
        first, last = self._view()
        if self._cursor < first:
            self._scroll(self._cursor)
        elif self._cursor > last:
            self._scroll(self._cursor - (last - first))

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, force=True, immediate=True)

    def _draw_row(self, index: int) -> None:
        self._lines.pop((index, self.area.width), None)
        self.refresh(Region(0, index - self.scroll_offset.y + self._head, self.area.width, 1))

    def action_cursor_by(self, rows: int) -> None:
        """Some rows down, or up."""
        self.move_to(self._cursor + rows)

    def action_cursor_page(self, pages: int) -> None:
        """A view full of rows down, or up."""
        first, last = self._view()
        self.move_to(self._cursor + pages * max(1, last - first))

    def action_cursor_first(self) -> None:
        """To the first row."""
        self.move_to(0)

    def action_cursor_last(self) -> None:
        """To the last row."""
        self.move_to(self.count - 1)

    def action_toggle_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next one."""
        row = self._reading.pages.row(self._cursor)
        if row is None:
            return
        if row.key in self._marks:
            del self._marks[row.key]
        else:
            self._marks[row.key] = None
        self._draw_row(self._cursor)
        self.post_message(self.Marked(self, self.marked))
        self.move_to(self._cursor + 1)

    def action_clear_marks(self) -> None:
        """Take all marks away."""
        if self._marks:
            self._marks = {}
            self._taken()
            self.post_message(self.Marked(self, ()))

    def action_sort(self) -> None:
        """Sort by the next column, after the last one by none."""
        self._sort(following(self._order, self._columns, self._slots))

    def action_turn(self) -> None:
        """Sort the other way round."""
        self._sort(turned(self._order, self._columns, self._slots))

    def _sort(self, order: Order | None) -> None:
        self._order = order
        self.post_message(self.Sorted(self, order))
        self.refresh()

    def action_select(self) -> None:
        """Open the row under the cursor."""
        row = self._reading.pages.row(self._cursor)
        if row is not None:
            self.post_message(self.Selected(self, row.key))

    async def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a double click opens."""
        row = event.get_content_offset(self)
        index = -1 if row is None else row.y - self._head + self.scroll_offset.y
        if row is None or row.y < self._head or index >= self.count:
            return
        self.move_to(index)
        if event.chain == 2:
            # Textual would select all text.
            event.prevent_default().stop()
            self.action_select()

    # Drawing

    @property
    def _slots(self) -> list[Slot]:
        return slots(self._columns, self.area.width - len(MARK))

    def render_line(self, y: int) -> Strip:
        """The header, a row, or nothing."""
        width = self.area.width
        if not self.count:
            return self.line(self._told_when_empty().get(y, ""), names=("tone--dim",))
        if y < self._head:
            return self.line(header_text(self._columns, self._slots, width, self._order), names=("table--header",))
        index = y - self._head + self.scroll_offset.y
        line = self._line(index)
        if line is None:
            return self.blank()
        names = ("table--cursor" if self.has_focus else "table--blurred",) if index == self._cursor else ()
        return self.line(line.text, line.spans, names=names, number=index)

    def _line(self, index: int) -> Line | None:
        width = self.area.width
        line = self._lines.get((index, width))
        row = self._reading.pages.row(index)
        if line is None and row is not None:
            line = line_of(row, self._slots, marked=row.key in self._marks, width=width)
            self._lines[index, width] = line
        return line

    def _told_when_empty(self) -> dict[int, str]:
        if self._reading.error:
            return empty_lines("This cannot be read", self._reading.error, *self.area)
        empty = (f"Nothing here has “{self.narrowed_to}”", "Press esc to see everything") if self.narrowed_to else self._empty
        return empty_lines(*empty, *self.area) if self._reading.looked else {}

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected with the mouse, of the rows that are at hand."""
        return selected_text(selection, self.count, lambda index: line.text.rstrip() if (line := self._line(index)) else ""), "\n"
