"""Looks for text in a log, block by block, so that it can go on for long without being in the way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from stepwell_tui.widgets.logindex import BLOCK, LogIndex
from stepwell_tui.widgets.logtext import ERROR_LINES

_MARGIN = 512


class Pattern(msgspec.Struct, frozen=True):
    """What to look for. `fold` takes capitals (of ASCII) for small letters; `words` is how a person wrote it, if one did."""

    regex: re.Pattern[bytes]
    fold: bool = False
    words: str = ""

    def places(self, data: bytes) -> Iterator[int]:
        """Where it begins."""
        return (match.start() for match in self.regex.finditer(data.lower() if self.fold else data))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """From where to where the words stand in a text."""
        if not self.words:
            return []
        return [match.span() for match in re.finditer(re.escape(self.words), text, re.IGNORECASE if self.fold else 0)]


ERRORS = Pattern(ERROR_LINES)
"""Lines that tell of an error."""


def pattern_of(words: str) -> Pattern:
    """The words as they are; capitals count only if there are any among them."""
    fold = words == words.lower()
    return Pattern(re.compile(re.escape(words.encode("utf-8", "surrogateescape"))), fold, words)


class Search:
    """One search through all of a log from a line on: the first match in it or after it, or the last one before it."""

    def __init__(self, pattern: Pattern, line: int, forward: bool) -> None:
        self._pattern = pattern
        self._line = line
        self._forward = forward
        self._from: int | None = None
        self._block = 0
        self.done = False

    def step(self, index: LogIndex, blocks: int) -> int | None:
        """Look through so many blocks of a complete index; the line of a match. `done` tells that it is over."""
        if self._from is None:
            self._from = index.begin(self._line)
            self._block = (self._from if self._forward else max(0, self._from - 1)) // BLOCK
        for _ in range(blocks):
            if not 0 <= self._block * BLOCK < index.size:
                break
            found = self._best(index)
            if found is not None:
                self.done = True
                return index.number(found)
            self._block += 1 if self._forward else -1
        else:
            return None
        self.done = True
        return None

    def _best(self, index: LogIndex) -> int | None:
        """The match in a block that counts; one that goes on beyond it is found, if it is not too long."""
        assert self._from is not None
        low, high = self._block * BLOCK, min((self._block + 1) * BLOCK, index.size)
        begin = max(0, low - _MARGIN)
        places = (begin + at for at in self._pattern.places(index.data(begin, min(high + _MARGIN, index.size))))
        inside = (at for at in places if low <= at < high)
        if self._forward:
            return next((at for at in inside if at >= self._from), None)
        return max((at for at in inside if at < self._from), default=None)
