"""Which part of which line of a log stands in each row of a view."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.cells import get_character_cell_size

from stepwell_tui.widgets.logtext import Shown


class Window(msgspec.Struct, frozen=True):
    """Some lines of a log, from number `first` on."""

    first: int = 0
    lines: tuple[Shown, ...] = ()

    def __getitem__(self, number: int) -> Shown | None:
        at = number - self.first
        return self.lines[at] if 0 <= at < len(self.lines) else None


class Piece(msgspec.Struct, frozen=True):
    """A part of a line: from one character up to another one."""

    line: int
    begin: int
    end: int


def pieces(window: Window, line: int, width: int, most: int) -> list[Piece]:
    """The rows of a line in so many cells, of which there are never more than `most`; none for a line that is not at hand."""
    shown = window[line]
    if shown is None:
        return []
    ends = _breaks(shown.text, width, most)
    return [Piece(line, begin, end) for begin, end in zip([0, *ends], ends, strict=False)]


def rows(window: Window, top: int, width: int, height: int) -> list[Piece]:
    """The rows of a view that begins with the line `top`, as far as lines are at hand."""
    found: list[Piece] = []
    line = max(top, window.first)
    while len(found) < height and window[line] is not None:
        found += pieces(window, line, width, height)
        line += 1
    return found[:height]


def last_lines(window: Window, width: int, height: int) -> int:
    """How many lines at the end of the window fill a view; at least one."""
    room, count = height, 0
    for line in range(window.first + len(window.lines) - 1, window.first - 1, -1):
        room -= len(pieces(window, line, width, height))
        if room < 0 and count:
            break
        count += 1
    return max(1, count)


def _breaks(text: str, width: int, most: int) -> Sequence[int]:
    """Where rows end, in characters."""
    width = max(2, width)
    if text.isascii():
        return [*range(width, len(text), width), len(text)][:most]
    ends, used = [], 0
    for at, character in enumerate(text):
        cells = get_character_cell_size(character)
        if used + cells > width:
            ends.append(at)
            used = 0
        used += cells
    return [*ends, len(text)][:most]
