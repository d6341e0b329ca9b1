"""One text that is drilled into: a file of a snapshot or a datastore, or how a file differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal, NamedTuple

from textual.app import ComposeResult
from textual.content import Content

from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.unhurried import Unhurried
from stepwell_tui.views.texts import Shown
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.textview import TextView, code_lines, diff_lines, plain_lines

Kind = Literal["code", "diff", "plain"]


class Lines(NamedTuple):
    """The lines of a text, and what is to be said of it."""

    lines: list[Content]
    note: str


def as_lines(found: Shown, kind: Kind, path: str = "") -> Lines:
    """A text ready to be drawn; call it in a thread."""
    note = safe_line(found.note)
    if not found.text:
        return Lines(plain_lines(note), "")
    if kind == "diff":
        return Lines(diff_lines(found.text), note)
    return Lines(code_lines(found.text, path) if kind == "code" else plain_lines(found.text), note)


class TextScreen(Unhurried[Lines]):
    """`where` are the names on the way to it, `question` gets its text in a thread. It is read once: what it shows was so."""

    SCOPE: ClassVar[str | None] = "text"

    def __init__(self, where: tuple[str, ...], kind: Kind, question: Callable[[Workspace], Shown]) -> None:
        super().__init__()
        self._where = where
        self._kind = kind
        self._question = question
        self._is_read = False
        self._lines: list[Content] = []

    def crumbs(self) -> tuple[str, ...]:
        """Where it is from."""
        return self._where

    def body(self) -> ComposeResult:
        """The text."""
        view = TextView(id="text", classes="panel")
        view.border_title = Content(safe_line(self._where[-1]))
        yield view

    def on_mount(self) -> None:
        self.query_one(TextView).focus()

    def read(self, workspace: Workspace) -> Lines:
        """The text in its colours."""
        return as_lines(self._question(workspace), self._kind, self._where[-1])

    def show(self, data: Lines) -> None:
        """Put it on the screen."""
        self._is_read = True
        view = self.query_one(TextView)
        self._lines = data.lines
        self._put(self.query_one(FilterBar).value)
        view.border_subtitle = Content(data.note)

    def narrow(self, event: FilterBar.Filtered) -> None:
        """Show only the lines that have the text."""
        self._put(event.text)

    def _put(self, text: str) -> None:
        wanted = text.casefold()
        self.query_one(TextView).put([line for line in self._lines if wanted in line.plain.casefold()])

    def reload(self) -> None:
        """Nothing, once it was read."""
        if not self._is_read:
            super().reload()

    def reload_now(self) -> None:
        """Read it again."""
        self._is_read = False
        super().reload_now()

    def action_copy(self) -> None:
        """Copy all of it."""
        copy(self.app, self.query_one(TextView).text)
