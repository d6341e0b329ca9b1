"""A canvas of cells with arms to their four sides, and words laid over it."""

from __future__ import annotations

from itertools import groupby

import msgspec

from stepwell_tui.render.status import paint
from stepwell_tui.render.text import display_width

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8

ARROW = 16

BOX = " ╵╶╰╷│╭├╴╯─┴╮┤┬┼▶"
"""The character for each set of arms, and the arrow."""
PLAIN = " |-+||++-+-++++|>"
"""The same in ASCII; where two lines cross, the vertical one is drawn over the other."""


class Word(msgspec.Struct, frozen=True):
    """Text that begins in a column and covers what is below it; `colour` a name of `status.COLOURS`."""

    column: int
    text: str
    colour: str | None = None


class Canvas:
    """Rows of arms, `height` by `width` cells."""

    def __init__(self, width: int, height: int) -> None:
        self._arms = [bytearray(width) for _ in range(height)]
        self._words: list[list[Word]] = [[] for _ in range(height)]

    def horizontal(self, row: int, left: int, right: int) -> None:
        """A line from the middle of one cell to the middle of another."""
        arms = self._arms[row]
        for column in range(left, right):
            arms[column] |= EAST
            arms[column + 1] |= WEST

    def vertical(self, column: int, top: int, bottom: int) -> None:
        """A line from the middle of one cell to the middle of another."""
        for row in range(top, bottom):
            self._arms[row][column] |= SOUTH
            self._arms[row + 1][column] |= NORTH

    def write(self, row: int, column: int, text: str, colour: str | None = None) -> None:
        """Words over the lines."""
        self._words[row].append(Word(column, text, colour))

    def arrow(self, row: int, column: int) -> None:
        """An arrow to the right in place of a line."""
        self._arms[row][column] = ARROW

    def lines(self, *, colour: bool, unicode: bool) -> list[str]:
        """The rows as text, without blanks at the end."""
        return [_line(arms, words, BOX if unicode else PLAIN, colour) for arms, words in zip(self._arms, self._words, strict=True)]


def _line(arms: bytearray, words: list[Word], characters: str, colour: bool) -> str:
    parts = []
    at = 0
    for word in sorted(words, key=lambda word: word.column):
        parts.append(_drawn(arms[at : word.column], characters, colour))
        parts.append(paint(word.text, word.colour, colour) if word.colour else word.text)
        at = word.column + display_width(word.text)
    parts.append(_drawn(arms[at:].rstrip(b"\0"), characters, colour))
    return "".join(parts).rstrip()


def _drawn(arms: bytearray, characters: str, colour: bool) -> str:
    """The lines of a stretch; dim, so that the words stand out."""
    if not colour:
        return "".join([characters[arm] for arm in arms])
    return "".join(paint("".join(characters[arm] for arm in run), "dim", bool(lined)) for lined, run in groupby(arms, bool))
