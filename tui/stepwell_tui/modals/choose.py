"""One of several things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from stepwell_tui.modals.box import Box
from stepwell_tui.render.text import safe_line

MANY = 10
"""From more than so many on, one types to narrow them."""


class Choose(Box[str | None]):
    """Answers the key of the item that was chosen, None when it was left. `items` are keys and their labels, foreign text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", show=False), Binding("up", "move(-1)", "Up", show=False),
        Binding("j", "move(1)", "Down", show=False), Binding("k", "move(-1)", "Up", show=False),
        Binding("enter", "accept", "Choose", show=False),
    ]
    DEFAULT_CSS = """
    Choose OptionList { height: auto; max-height: 70vh; border: none; padding: 0; background: $surface; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis; }
    Choose OptionList:focus { border: none; }
    """

    def __init__(self, title: str, items: Sequence[tuple[str, str]]) -> None:
        super().__init__(title, "enter chooses · esc cancels")
        self._items = list(items)
        self._shown = self._items

    def content(self) -> ComposeResult:
        """The items, with a line to narrow them when there are many."""
        if len(self._items) > MANY:
            field = Input(placeholder="type to narrow", compact=True)
            field.cursor_blink = False
            yield field
        yield OptionList(*self._options(), markup=False)
        if not self._items:
            yield Static("There is nothing to choose from.")

    def on_mount(self) -> None:
        self._options_list.highlighted = 0 if self._items else None

    @property
    def _options_list(self) -> OptionList:
        return self.query_one(OptionList)

    def _options(self) -> list[Option]:
        return [Option(Content(safe_line(label))) for _, label in self._shown]

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show the items that hold every word that was typed."""
        words = event.value.lower().split()
        self._shown = [item for item in self._items if all(word in item[1].lower() for word in words)]
        self._options_list.set_options(self._options())
        self._options_list.highlighted = 0 if self._shown else None

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Answer what is highlighted."""
        index = self._options_list.highlighted
        if index is not None:
            self.dismiss(self._shown[index][0])

    def action_move(self, by: int) -> None:
        """Go to the next item or the one before."""
        if by > 0:
            self._options_list.action_cursor_down()
        else:
            self._options_list.action_cursor_up()
