"""A log as it grows: any number of lines, read in a thread from a file of which only the lines around the view are in memory."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import ClassVar

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.selection import Selection
from textual.strip import Strip

from stepwell_tui.widgets.captions import caption
from stepwell_tui.widgets.empty import empty_lines
from stepwell_tui.widgets.fitting import cells
from stepwell_tui.widgets.lineview import LineView
from stepwell_tui.widgets.logreader import LogReader, Report, Wish
from stepwell_tui.widgets.logrows import Piece, Window, last_lines, rows
from stepwell_tui.widgets.logsearch import Pattern, Search
from stepwell_tui.widgets.logtext import Shown
from stepwell_tui.widgets.strips import selected_text

_SOON_QUIET, _SLOWER = 10, 2.5
"""A log that did not grow for so many ticks is looked at less often."""


class LogScroll(LineView):
    """A log, at its end until one scrolls up. `tick` is how often a growing log is painted, in seconds."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--error", "log--warning", "log--current", "log--match", "log--empty"}
    DEFAULT_CSS = """
    LogScroll {
        overflow-x: auto; overflow-y: auto;
        .log--error { color: $text-error; }
        .log--warning { color: $text-warning; }
        .log--current { background: $primary 25%; text-style: bold; }
        .log--match { background: $accent 40%; text-style: underline; }
        .log--empty { color: $soft; }
    }
    """
    follow: var[bool] = var(True, init=False)
    """Whether the view stays at the end when the log grows."""
    wrap: var[bool] = var(False, init=False)
    """Whether long lines take several rows; else they are cut, and `left` and `right` move over them."""

    class Changed(Message, namespace="log_view"):
        """`view.state` says something else than before."""

        def __init__(self, view: LogScroll) -> None:
            super().__init__()
            self.view = view

    def __init__(
        self,
        path: str | None,
        *,
        tick: float,
        empty: tuple[str, str],
        id: str | None,  # noqa: A002 - as in Textual
        classes: str | None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._tick = tick
        self._empty = empty
        self._reader = LogReader(path) if path is not None else None
        self._again = asyncio.Event()
        self._window = Window()
        self._count = 0
        self._complete = True
        self._fits = 1
        self._widest = 0
        self._current: int | None = None
        self._pattern: Pattern | None = None
        self._search: Search | None = None
        self._note = ""
        self._rows: list[Piece] | None = None
        self._rows_width = 0
        self._quiet = 0
        self._state = ""

    @property
    def count(self) -> int:
        """Lines known so far."""
        return self._count

    @property
    def current(self) -> int | None:
        """The line that is marked, by number; None while none is."""
        return self._current

    @property
    def state(self) -> str:
        """What the view does, in words: following or not, where, and how long the log is."""
        return self._state

    def show_log(self, path: str | None, *, empty: tuple[str, str] | None = None) -> None:
        """Show another log from its end; None for no log. The pattern searched for stays."""
        self._empty = empty or self._empty
        self._reader = LogReader(path) if path is not None else None
        self._begin_anew()
        self.follow = True
        self._again.set()

    # Reading

    def on_mount(self) -> None:
        """Begin to read, and go on as long as the view is there."""
        self.run_worker(self._tend(), group="log")

    async def _tend(self) -> None:
        reader: LogReader | None = None
        try:
            while True:
                if reader is not self._reader:
                    await _closed(reader)
                reader = self._reader
                if not (reader and self._seen() and await self._look(reader)):
                    await self._rest()
                    self._quiet += 1
        finally:
            if reader is not None:
                reader.close()

    async def _look(self, reader: LogReader) -> bool:
        """Read once; whether there is more to read at once."""
        search, failed = self._search, ""
        try:
            report = await asyncio.to_thread(reader.report, self._wish())
            line = await asyncio.to_thread(reader.search, search) if search else None
        except OSError as error:
            report, line = Report(0, 0, (), missing=True), None
            failed = str(error.strerror or error)
        if reader is not self._reader:
            return True
        if report:
            self._quiet = 0
            self._take(report)
        if failed:
            self._search, self._note = None, failed
            self._changed()
        elif search is self._search and search and search.done:
            self._search, self._note = None, "" if line is not None else "not found"
            self._changed()
            if line is not None:
                self._go(line)
        return reader.behind or self._search is not None or self._again.is_set()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._again.wait(), self._tick * (1 if self._quiet < _SOON_QUIET else _SLOWER))
        self._again.clear()

    def _seen(self) -> bool:
        """Whether somebody may be looking."""
        return self.area.height > 0 and self.screen in self.app.screen_stack

    def _wish(self) -> Wish:
        """A view full of lines, and as much before and after it."""
        self._again.clear()
        height = self.area.height
        return Wish(0 if self.follow else max(0, self.scroll_offset.y - height), 3 * height, self.follow)

    def _take(self, report: Report) -> None:
        if report.fresh or report.missing:
            self._begin_anew()
        before = self._at_hand()
        self._window = Window(report.first, report.lines)
        self._count, self._complete = report.count, report.complete
        if self._current is not None:
            self._current += report.shift
        self._widest = max(self._widest, max((cells(line.text) for line in report.lines), default=0))
        self._place(report.shift)
        if self._at_hand() != before:
            self.refresh()
        self._tell()

    def _at_hand(self) -> list[Shown | None]:
        """The lines in view, as far as they are in memory."""
        top = self.scroll_offset.y
        return [self._window[line] for line in range(top, top + self.area.height)]

    def _begin_anew(self) -> None:
        self._window, self._count, self._widest, self._current = Window(), 0, 0, None
        self._note = ""
        self._changed()

    def _changed(self) -> None:
        """Paint all, and tell what the state is."""
        self._rows = None
        self.refresh()
        self._tell()

    def _tell(self) -> None:
        """What the state is, if it is another; on the lower border, if there is one."""
        state = self._state_text()
        if state != self._state:
            self._state = state
            caption(self, state)
            self.post_message(self.Changed(self))

    def _state_text(self) -> str:
        if self._reader is None:
            return ""
        where = "FOLLOW" if self.follow else f"line {self._here() + 1:,}"
        lines = f"{self._count:,} line{'' if self._count == 1 else 's'}" if self._complete else "counting lines"
        searching = "searching" if self._search else self._note
        return "  ".join(part for part in (where, lines, "wrapped" if self.wrap else "", searching) if part)

    # Where the view is

    def _end(self) -> int:
        """The top line of a view that shows the end."""
        return max(0, self._count - self._fits)

    def _place(self, shift: int = 0) -> None:
        """Fit the range of scrolling to the lines, and go to the end or stay with the lines that are shown."""
        width, height = self.area
        at_end = self._window.first + len(self._window.lines) >= self._count
        if not self.wrap:
            self._fits = height
        elif at_end:
            self._fits = last_lines(self._window, width, height)
        wanted = self._end() if self.follow else self.scroll_offset.y + shift
        rows_in_all = self._end() + height if self._end() else min(self._count, height)
        self.extend(Size(width if self.wrap else self._widest, rows_in_all))
        self.scroll_to(y=wanted, animate=False, force=True)
        self._rows = None

    def on_resize(self) -> None:
        """Another number of rows, and other breaks in lines."""
        self._place()
        self._again.set()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Going up stops following; lines that come into view are read."""
        super().watch_scroll_y(old_value, new_value)
        self._rows = None
        # In a view that grew, the end itself is further up: that moved the lines, and nobody left it.
        if self.follow and new_value < old_value and round(new_value) < min(self._end(), self.max_scroll_y):
            self.follow = False
        self._again.set()

    def watch_follow(self) -> None:
        """To the end, when it begins."""
        if self.follow:
            self._current = None
        self._place()
        self._changed()
        self._again.set()

    def watch_wrap(self) -> None:
        """The same lines, in other rows."""
        self._fits = 1
        self.scroll_to(x=0, animate=False, force=True)
        self._place()
        self._changed()
        self._again.set()

    def _here(self) -> int:
        """The line that moving starts from: the current one if it is in view, else the last one in view."""
        top, bottom = self._shown_lines()
        return self._current if self._current is not None and top <= self._current <= bottom else bottom

    def _shown_lines(self) -> tuple[int, int]:
        found = [piece.line for piece in self._pieces()]
        return (found[0], found[-1]) if found else (self.scroll_offset.y, self.scroll_offset.y)

    def _go(self, line: int) -> None:
        """Make a line the current one, and bring it into view; lines far away come to the middle."""
        before, self._current = self._current, max(0, min(line, self._count - 1))
        self.follow = False
        top, bottom = self._shown_lines()
        height = self.area.height
        if not top <= self._current <= bottom:
            away = min(abs(self._current - top), abs(self._current - bottom))
            near = self._current if self._current < top else self.scroll_offset.y + self._current - bottom
            self.scroll_to(y=max(0, self._current - height // 2 if away > height else near), animate=False, force=True)
        self._draw_lines(before, self._current)
        self._tell()

    def _draw_lines(self, *lines: int | None) -> None:
        """Paint the rows of these lines."""
        for y, piece in enumerate(self._pieces()):
            if piece.line in lines:
                self.refresh(Region(0, y, self.area.width, 1))

    # Drawing

    def _pieces(self) -> list[Piece]:
        width, height = self.area
        if self._rows is None or self._rows_width != width:
            top = self.scroll_offset.y
            if self.wrap:
                self._rows = rows(self._window, top, width, height)
            else:
                self._rows = [Piece(line, 0, 1 << 30) for line in range(top, min(top + height, self._count))]
            self._rows_width = width
        return self._rows

    def render_line(self, y: int) -> Strip:
        """One row."""
        if not self._count:
            said = empty_lines(*self._empty, *self.area) if self._reader else {}
            return self.line(said.get(y, ""), names=("log--empty",))
        found = self._pieces()
        line = self._window[found[y].line] if y < len(found) else None
        return self.blank() if line is None else self._row(found[y], line)

    def _row(self, piece: Piece, line: Shown) -> Strip:
        names = (f"log--{line.level}",) if line.level else ()
        if piece.line == self._current:
            names = (*names, "log--current")
        spans = [(begin, end, "log--match") for begin, end in (self._pattern.spans(line.text) if self._pattern else ())]
        text = line.text[piece.begin : piece.end]
        return self.line(text, spans, names=names, number=piece.line, begin=piece.begin, left=self.scroll_offset.x)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected with the mouse; lines that are not in memory are read."""
        def text(number: int) -> str:
            line = self._window[number]
            return line.text if line else "".join(self._reader.text(number)) if self._reader else ""

        return selected_text(selection, self._count, text), "\n"


async def _closed(reader: LogReader | None) -> None:
    if reader is not None:
        await asyncio.to_thread(reader.close)
