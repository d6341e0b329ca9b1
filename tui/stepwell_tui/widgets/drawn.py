"""Drawings of `render` on the screen: their terminal colours become those of the theme. They are made in a thread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import ClassVar

import msgspec
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip

from stepwell_tui.render.status import COLOURS
from stepwell_tui.widgets.empty import empty_lines
from stepwell_tui.widgets.fitting import cells
from stepwell_tui.widgets.lineview import LineView, Span
from stepwell_tui.widgets.strips import selected_text
from stepwell_tui.widgets.tableline import Line

_SGR = re.compile(r"\x1b\[(\d+)m")
_NAMES = {code: colour for colour, code in COLOURS.items()}


class Picture(msgspec.Struct, frozen=True):
    """Lines to look at."""

    lines: tuple[Line, ...] = ()

    @property
    def size(self) -> Size:
        """In cells."""
        return Size(max((cells(line.text) for line in self.lines), default=0), len(self.lines))


def picture(drawing: str) -> Picture:
    """What `render` drew with `colour=True`."""
    return Picture(tuple(_line(text) for text in drawing.splitlines()))


def _line(painted_text: str) -> Line:
    text, spans, colour, start = "", [], "", 0
    for index, part in enumerate(_SGR.split(painted_text)):
        if index % 2 == 0:
            text += part
            continue
        if colour:
            spans.append((start, len(text), f"tone--{colour}"))
        colour, start = _NAMES.get(part, ""), len(text)
    return Line(text, tuple(spans))


class Drawn(LineView, can_focus=True):
    """A picture that is drawn anew for every size, and when `redraw` asks for it."""

    DEFAULT_CSS = "Drawn { overflow-x: auto; overflow-y: auto; scrollbar-size: 1 1; }"

    FILLS: ClassVar[bool] = False
    """Whether it is drawn as high as the widget; else only its width counts, for bars come and go with the height."""

    def __init__(self, empty: tuple[str, str], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._picture = Picture()
        self._asked = self._begun = self._done = 0
        self._drawn_for = Size()

    def say_empty(self, sentence: str, hint: str = "") -> None:
        """What is said while there is nothing to see."""
        self._empty = sentence, hint
        self.refresh()

    def draw(self, size: Size, colour: bool) -> Picture:
        """The picture for so many cells; called in a thread. Nothing to see is an empty one."""
        raise NotImplementedError

    def drawn(self) -> None:
        """Called when there is a new picture."""

    def redraw(self) -> None:
        """What is drawn has changed."""
        self._asked += 1
        if self._begun == 0 and self.is_mounted and self.size.height:
            self._begun = self._asked
            self.run_worker(self._draw(), group="drawing")

    def on_mount(self) -> None:
        """The first one."""
        self.redraw()

    def on_resize(self) -> None:
        """Another one, unless its size is no other to what is drawn; what changed while it was hidden is drawn now."""
        size = self.size if self.FILLS else self.size.with_height(0)
        if size != self._drawn_for or self._done != self._asked:
            self._drawn_for = size
            self.redraw()

    async def _draw(self) -> None:
        try:
            while self._done != self._asked:
                self._done = self._asked
                self._picture = await asyncio.to_thread(self.draw, self.size, not self.app.no_color)
                self.virtual_size = self._picture.size
                self.drawn()
                self.refresh()
        finally:
            self._begun = 0

    def overlay(self, line: int) -> Sequence[Span]:  # noqa: ARG002 - for those that do
        """Spans to put over a line."""
        return ()

    def render_line(self, y: int) -> Strip:
        """One line."""
        lines, at = self._picture.lines, y + self.scroll_offset.y
        if not lines:
            return self.line(empty_lines(*self._empty, *self.area).get(y, ""), names=("tone--dim",))
        if at >= len(lines):
            return self.blank()
        return self.line(lines[at].text, (*lines[at].spans, *self.overlay(at)), number=at, left=self.scroll_offset.x)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected with the mouse."""
        lines = self._picture.lines
        return selected_text(selection, len(lines), lambda at: lines[at].text), "\n"
