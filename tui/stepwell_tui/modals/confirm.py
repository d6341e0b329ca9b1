"""A question with yes and no, where no is what happens unless one says otherwise."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input, Static

from stepwell_tui.modals.box import Box
from stepwell_tui.render.text import safe_line, safe_text


class Confirm(Box[bool]):
    """Answers True for yes. With `typed`, yes takes that name typed out, for what cannot be undone.

    `question`, `yes`, `no` and `typed` may hold foreign text.
    """

    UNANSWERED = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n,q", "answer(False)", "No", show=False),
        Binding("left,right,h,l", "other", "The other one", show=False),
    ]
    DEFAULT_CSS = """
    Confirm #box { width: 56; }
    Confirm Static { height: auto; margin: 0 0 1 0; }
    Confirm Horizontal { height: 1; }
    Confirm #wrong { color: $text-error; margin: 0; height: auto; min-height: 1; }
    """

    def __init__(self, question: str, *, yes: str = "Yes", no: str = "No", typed: str | None = None, title: str = "Sure?") -> None:
        super().__init__(title, "enter takes the typed name · esc cancels" if typed else "y yes · n no · esc cancels")
        self._question = question
        self._buttons = {True: yes, False: no}
        self._typed = typed

    def content(self) -> ComposeResult:
        """The question, and buttons or a line to type in."""
        yield Static(safe_text(self._question), markup=False)
        if self._typed is None:
            with Horizontal():
                for answer in (False, True):
                    yield Button(Content(safe_line(self._buttons[answer])), id="yes" if answer else "no")
        else:
            yield Static(f"Type {safe_line(self._typed)} to go on.", markup=False)
            field = Input(id="typed", compact=True)
            field.cursor_blink = False
            yield field
            yield Static("", id="wrong", markup=False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._typed:
            self.dismiss(True)
        else:
            self.query_one("#wrong", Static).update("✗ That is another name." if event.value else "✗ Nothing was typed.")

    def action_answer(self, answer: bool) -> None:
        """Answer at once; a name that must be typed is not skipped."""
        if self._typed is None or not answer:
            self.dismiss(answer)

    def action_other(self) -> None:
        """Go to the other button."""
        self.focus_next()
