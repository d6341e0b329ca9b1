"""One line of text that is asked for, such as a path."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from stepwell_tui.modals.box import Box
from stepwell_tui.render.text import safe_text


class Typed(Box[str | None]):
    """Answers what was typed, None when it was left. `question` and `value` may hold foreign text."""

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    Typed Static { height: auto; }
    """

    def __init__(self, title: str, question: str, value: str = "") -> None:
        super().__init__(title, "enter goes on · esc cancels")
        self._question = question
        self._value = value

    def content(self) -> ComposeResult:
        """The question and the line."""
        yield Static(safe_text(self._question), markup=False)
        field = Input(self._value, compact=True)
        field.cursor_blink = False
        yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)
