"""A log with a line to type in what to search for."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from stepwell_tui.keys import bindings
from stepwell_tui.widgets.log import LogView


class LogPanel(Vertical):
    """`/` opens the line; matches are found while one types, enter keeps them for `n` and `N`, escape forgets them."""

    DEFAULT_CSS = """
    LogPanel {
        LogView { height: 1fr; }
        Input { display: none; height: 1; border: none; padding: 0 1; background: $panel; }
        Input:focus { border: none; }
        Input.-open { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("search")

    def __init__(self, log: LogView, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, classes=classes)
        self.log_view = log

    def compose(self) -> ComposeResult:
        """The log, and the line below it."""
        yield self.log_view
        line = Input(placeholder="search", compact=True)
        line.cursor_blink = False
        yield line

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - as in Textual
        """Escape is for others while nothing is searched for."""
        return action != "end_search" or self.query_one(Input).has_class("-open")

    def on_log_view_search_asked(self) -> None:
        """Open the line."""
        line = self.query_one(Input)
        line.value = ""
        line.add_class("-open")
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search for what is there so far."""
        event.stop()
        if event.input.has_class("-open"):
            self.log_view.search(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it."""
        event.stop()
        self._close(keep=bool(event.value))

    def action_end_search(self) -> None:
        """Forget it."""
        self._close(keep=False)

    def _close(self, *, keep: bool) -> None:
        self.query_one(Input).remove_class("-open")
        self.log_view.end_search(keep=keep)
        self.log_view.focus()
