"""The line in which one types what a list shall be narrowed to. Hidden until asked for."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from stepwell_tui.keys import bindings


class FilterBar(Input):
    """Tells every change of the text; enter keeps the filter and goes back to the list, escape drops it."""

    class Filtered(Message):
        """What had the keyboard shall show what has this text; empty for everything. `of` is None when all lists shall."""

        def __init__(self, text: str, of: Widget | None) -> None:
            super().__init__()
            self.text = text
            self.of = of

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")
    DEFAULT_CSS = """
    FilterBar { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    FilterBar:focus { border: none; }
    FilterBar.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(placeholder="type what the lines shall have", compact=True)
        self.cursor_blink = False
        self._of: Widget | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def open(self, of: Widget | None, text: str) -> None:
        """Show it and take what is typed for what has the keyboard, which is narrowed to this text so far."""
        if self.has_focus:
            return
        self._of = of
        with self.prevent(Input.Changed):
            self.value = text
        self.add_class("-open")
        self.focus()

    def close(self) -> None:
        """Hide it and drop the filter of every list."""
        with self.prevent(Input.Changed):
            self.value = ""
        self.remove_class("-open")
        self.post_message(self.Filtered("", None))
        self._give_back()

    def _give_back(self) -> None:
        """The keyboard goes to what had it."""
        if self.has_focus and self._of is not None and self._of.is_attached:
            self._of.focus()
        elif self.has_focus:
            self.screen.focus_next()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """It takes what can be typed, so those keys do nothing else now; Textual knows no character for this one."""
        return key == "slash" or super().check_consume_key(key, character)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Filtered(self.value, self._of))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.value:
            self.remove_class("-open")
        self._give_back()
