"""`:` — type a few letters of what you want to go to or do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from stepwell_store.errors import StepwellError
from stepwell_tui.modals.box import Box
from stepwell_tui.palette.entries import Entry, ranked, subject
from stepwell_tui.widgets.rows import Cell, Column, Fixed, Row
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Selected

Ask = Callable[[], list[Entry]]
"""Gets more entries; called in a thread."""

COLUMNS = (Column("", width=11), Column("", share=3), Column("", share=3, hidden_below=46), Column("", width=8, right=True))


class Palette(Box[Entry | None]):
    """Answers what was chosen. `known` is there at once, `more` comes in after it, and `found` looks for a typed word."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n,tab", "move(1)", "Down", show=False), Binding("up,ctrl+p,shift+tab", "move(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False), Binding("pageup", "page(-1)", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    Palette #box { width: 78; height: 80%; max-height: 26; }
    Palette Input, Palette Input:focus { background: $panel; }
    Palette VirtualTable { height: 1fr; background: $surface; }
    Palette VirtualTable > .table--blurred { background: $primary 25%; text-style: bold; }
    """

    def __init__(self, known: Sequence[Entry], more: Sequence[Ask] = (), found: Callable[[str], list[Entry]] | None = None) -> None:
        super().__init__("Go to", "enter goes · ↑↓ moves · esc closes")
        self._entries = {one.id: one for one in known}
        self._more = more
        self._found = found
        self._moved = False

    def content(self) -> ComposeResult:
        """The line to type in, and what it means."""
        field = Input(placeholder="a name, an action, or: run 42, ds churn, theme light", compact=True)
        field.cursor_blink = False
        yield field
        table = VirtualTable(COLUMNS, header=False, empty=("Nothing has such a name", "Fewer letters find more"))
        table.can_focus = False
        yield table

    def on_mount(self) -> None:
        self._show()
        self._gather()

    @property
    def _table(self) -> VirtualTable:
        return self.query_one(VirtualTable)

    @work(group="gather")
    async def _gather(self) -> None:
        for ask in self._more:
            await self._take(ask)

    @work(exclusive=True, group="found")
    async def _look_for(self, word: str) -> None:
        if self._found is not None:
            found = self._found
            await self._take(lambda: found(word))

    async def _take(self, ask: Ask) -> None:
        try:
            entries = await asyncio.to_thread(ask)
        except StepwellError:
            return  # its own place says why
        if self.is_mounted and not self._pruning:
            self._entries |= {one.id: one for one in entries}
            self._show()

    def _show(self) -> None:
        """What fits, the best at the top under the cursor; the cursor stays where a person has put it."""
        rows = tuple(map(_row, ranked(self._entries.values(), self.query_one(Input).value)))
        key = self._table.key if self._moved else None
        self._table.show_rows(Fixed(rows), key=key or (rows[0].key if rows else None))

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Other letters."""
        self._moved = False
        self._show()
        if word := subject(event.value):
            self._look_for(word)

    @on(Input.Submitted)
    def accept(self) -> None:
        """Answer what is under the cursor, or what fits best as long as the list is behind the letters."""
        fitting = ranked(self._entries.values(), self.query_one(Input).value)
        chosen = self._entries.get(self._table.key or "") if self._moved else None
        if chosen is not None or fitting:
            self.dismiss(chosen or fitting[0])

    @on(Selected)
    def clicked(self, event: Selected) -> None:
        """Answer what was clicked on twice."""
        self.dismiss(self._entries.get(event.key))

    def action_move(self, by: int) -> None:
        """Another one."""
        self._moved = True
        self._table.action_cursor_by(by)

    def action_page(self, pages: int) -> None:
        """Many on."""
        self._moved = True
        self._table.action_cursor_page(pages)


def _row(one: Entry) -> Row:
    return Row(one.id, (Cell(one.kind, "dim"), one.name, Cell(one.detail, one.colour), Cell(" ".join(one.keys[:2]), "yellow")))
