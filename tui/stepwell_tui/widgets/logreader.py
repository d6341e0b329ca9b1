"""The side of a log that works in threads: what a view asks for, and what it is told."""

from __future__ import annotations

from threading import Lock

import msgspec

from stepwell_tui.widgets.logindex import LONGEST, LogIndex
from stepwell_tui.widgets.logsearch import Search
from stepwell_tui.widgets.logtext import Shown, shown_line, whole_text

_BUDGET = 16 << 20
_BLOCKS = 128
_LONGEST_COPY = 1 << 20
_MOST_COPIED = 5000


class Wish(msgspec.Struct, frozen=True):
    """The lines that a view wants to have at hand: so many from `first` on, or those at the end."""

    first: int
    count: int
    at_end: bool


class Report(msgspec.Struct, frozen=True):
    """How a log stands, and the lines wished for, from number `first` on.

    `count` are the lines known, which are all only if `complete`. Numbers grew by `shift`. `missing`: there is no file yet.
    `fresh`: this is another file than before, or the same one begun anew.
    """

    count: int
    first: int
    lines: tuple[Shown, ...]
    shift: int = 0
    complete: bool = True
    missing: bool = False
    fresh: bool = False


class LogReader:
    """One log by its path, which need not be there yet; `behind` tells that asking again at once would say more.

    OSError when it cannot be read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._index: LogIndex | None = None
        self._told: Wish | None = None
        self.behind = False
        self._lock = Lock()

    def close(self) -> None:
        """Give the file back; asking again opens it."""
        with self._lock:
            self._forget()

    def report(self, wish: Wish) -> Report | None:
        """Take in what is new; None when there is nothing to tell that was not told for the same wish."""
        with self._lock:
            fresh = self._open()
            index = self._index
            if index is None:
                told, self._told = self._told, wish
                return None if told == wish else Report(0, 0, (), missing=True)
            before = index.size
            grown = index.grow(_BUDGET)
            shift = 0 if fresh else index.settle(_BUDGET)
            self.behind = not index.complete or index.size - before >= _BUDGET
            if not (fresh or grown or shift) and wish == self._told:
                return None
            self._told = None if shift else wish
            return _report(index, wish, shift, fresh)

    def search(self, search: Search) -> int | None:
        """One step of a search; the line of a match."""
        with self._lock:
            if self._index is None:
                search.done = True
            elif self._index.complete:
                return search.step(self._index, _BLOCKS)
            return None

    def text(self, first: int, count: int = 1) -> list[str]:
        """Whole lines, for the clipboard: up to a megabyte of one, less of many."""
        with self._lock:
            index = self._index
            if index is None:
                return []
            most = _LONGEST_COPY if count == 1 else LONGEST
            last = min(index.count, first + min(count, _MOST_COPIED))
            return [whole_text(index.line(number, most)) for number in range(first, last)]

    def _open(self) -> bool:
        """Whether a file was opened; one that is not the same any more is closed."""
        if self._index is not None and self._index.replaced():
            self._forget()
        if self._index is None:
            try:
                self._index = LogIndex(self.path)
            except FileNotFoundError:
                return False
            return True
        return False

    def _forget(self) -> None:
        if self._index is not None:
            self._index.close()
        self._index = self._told = None


def _report(index: LogIndex, wish: Wish, shift: int, fresh: bool) -> Report:
    first = max(0, index.count - wish.count if wish.at_end else wish.first + shift)
    lines = tuple(shown_line(line) for line in index.lines(first, wish.count))
    return Report(index.count, first, lines, shift, index.complete, fresh=fresh)
