"""A log as it grows, under the keyboard: following, moving, searching, copying."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from stepwell_tui.clipboard import copy
from stepwell_tui.keys import bindings
from stepwell_tui.widgets.logscroll import LogScroll
from stepwell_tui.widgets.logsearch import ERRORS, Pattern, Search, pattern_of

_SIDEWAYS = 16


class LogView(LogScroll, can_focus=True):
    """A log, at its end. Going up stops following; `f` or `G` follows again."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("log")

    class SearchAsked(Message):
        """A person wants to type what to search for: `search` takes it."""

        def __init__(self, view: LogView) -> None:
            super().__init__()
            self.view = view

    def __init__(
        self,
        path: str | None = None,
        *,
        tick: float = 0.2,
        empty: tuple[str, str] = ("Nothing was written yet", ""),
        id: str | None = None,  # noqa: A002 - as in Textual
        classes: str | None = None,
    ) -> None:
        super().__init__(path, tick=tick, empty=empty, id=id, classes=classes)
        self._origin: int | None = None

    def search(self, words: str) -> None:
        """Look for words while they are typed: from the line that was current when the search began. Empty words end it."""
        if self._origin is None:
            self._origin = self._here()
        self._pattern = pattern_of(words) if words else None
        self._search = Search(self._pattern, self._origin, True) if self._pattern else None
        self._note = ""
        self._changed()

    def end_search(self, *, keep: bool) -> None:
        """The words are complete, or with `keep=False` to be forgotten."""
        self._origin = None
        if not keep:
            self._pattern = self._search = None
            self._changed()

    def action_move(self, lines: int) -> None:
        """Some lines down, or up."""
        if self._count:
            self._go(self._here() + lines)

    def action_page(self, pages: int) -> None:
        """A view full down, or up."""
        if self._count and not (pages > 0 and self.follow):
            top, bottom = self._shown_lines()
            self.follow = False
            self.scroll_to(y=self.scroll_offset.y + pages * max(1, bottom - top), animate=False, force=True)
            self._changed()

    def action_top(self) -> None:
        """To the beginning."""
        self._go(0)

    def action_end(self) -> None:
        """To the end, and follow."""
        self.follow = True

    def action_follow(self) -> None:
        """Follow, or stop."""
        self.follow = not self.follow

    def action_wrap(self) -> None:
        """Long lines in several rows, or cut."""
        self.wrap = not self.wrap

    def action_sideways(self, steps: int) -> None:
        """To what is cut off."""
        if not self.wrap:
            self.scroll_to(x=self.scroll_offset.x + steps * _SIDEWAYS, animate=False, force=True)

    def action_search(self) -> None:
        """Ask for words."""
        self.post_message(self.SearchAsked(self))

    def action_again(self, forward: bool) -> None:
        """The next line with the words, or the one before."""
        if self._pattern:
            self._look_for(self._pattern, forward)

    def action_error(self) -> None:
        """The next line that tells of an error; at the end of the log it is the last one before."""
        self._look_for(ERRORS, forward=not self.follow)

    def _look_for(self, pattern: Pattern, forward: bool) -> None:
        here = self.count if self.follow else self._here() + (1 if forward else 0)
        self._search = Search(pattern, here, forward)
        self._changed()
        self._again.set()

    def action_copy(self) -> None:
        """Copy the current line as a whole."""
        self.run_worker(self._copy(self._here()), group="copy")

    async def _copy(self, line: int) -> None:
        if self._reader is not None and (texts := await asyncio.to_thread(self._reader.text, line)):
            copy(self.app, texts[0])

    def on_click(self, event: events.Click) -> None:
        """A click makes a line the current one, unless the view follows."""
        if event.chain == 2:
            # Textual would select all text.
            event.prevent_default().stop()
        row = event.get_content_offset(self)
        found = self._pieces()
        if row is not None and row.y < len(found) and not self.follow:
            self._go(found[row.y].line)
