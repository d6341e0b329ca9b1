"""The line in which one types what a list shall be narrowed to. Hidden until asked for."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input


class FilterBar(Input):
    """Tells every change of the text; enter keeps the filter and goes back to the list, escape drops it."""

    class Filtered(Message):
        """The list shall show what has this text; empty for everything."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    DEFAULT_CSS = """
    FilterBar { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
    FilterBar:focus { border: none; }
    FilterBar.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(placeholder="filter", compact=True)
        self.cursor_blink = False

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def open(self) -> None:
        """Show it and take what is typed."""
        self.add_class("-open")
        self.focus()

    def close(self) -> None:
        """Hide it and drop the filter."""
        self.value = ""
        self.remove_class("-open")
        self.screen.focus_next()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Filtered(self.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.value:
            self.remove_class("-open")
        self.screen.focus_next()
