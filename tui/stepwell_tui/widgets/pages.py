"""Pages of rows that were read, and the reading of more: what a table with any number of rows keeps in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from stepwell_tui.widgets.rows import Row, Rows

PAGE = 128
"""Rows in a page."""
_KEPT = 10
_SEARCHED = 8


class Wanted(msgspec.Struct, frozen=True):
    """What a table needs to show its rows anew: those in view, and the one under the cursor by key and by where it stood."""

    first: int
    last: int
    key: str | None
    cursor: int
    count: int


class Found(msgspec.Struct, frozen=True):
    """Rows read anew: how many there are, where the cursor's row stands now (None: it is gone), and the pages read, by number."""

    count: int
    cursor: int | None
    pages: Mapping[int, Sequence[Row]]


class Pages:
    """The pages at hand."""

    def __init__(self, count: int = 0, pages: Mapping[int, Sequence[Row]] | None = None) -> None:
        self.count = count
        self._pages = dict(pages or {})

    def row(self, index: int) -> Row | None:
        """The row at an index; None when it was not read or is not there."""
        page = self._pages.get(index // PAGE, ())
        at = index % PAGE
        return page[at] if at < len(page) else None

    def missing(self, first: int, last: int) -> list[int]:
        """Numbers of the pages that are not at hand for these rows: those in view first, then the ones around them."""
        if not self.count:
            return []
        end = (self.count - 1) // PAGE
        low, high = max(0, first // PAGE), min(end, last // PAGE)
        around = [number for number in (high + 1, low - 1) if 0 <= number <= end]
        return [number for number in (*range(low, high + 1), *around) if number not in self._pages]

    def put(self, pages: Mapping[int, Sequence[Row]], first: int) -> None:
        """Take in pages, and forget those that are farthest from the first row in view."""
        self._pages |= pages
        near = first // PAGE
        for number in sorted(self._pages, key=lambda number: abs(number - near))[_KEPT:]:
            del self._pages[number]


def read(rows: Rows, numbers: Sequence[int]) -> dict[int, Sequence[Row]]:
    """These pages."""
    return {number: rows.page(number * PAGE, PAGE) for number in numbers}


def read_anew(rows: Rows, wanted: Wanted) -> Found:
    """Count, find the row under the cursor again, and read what will be in view."""
    count = rows.count()
    seen: dict[int, Sequence[Row]] = {}
    cursor = _find(rows, wanted, count, seen) if wanted.key is not None else None
    shift = cursor - wanted.cursor if cursor is not None else 0
    nothing = Pages(count)
    numbers = dict.fromkeys(nothing.missing(wanted.first, wanted.last) + nothing.missing(wanted.first + shift, wanted.last + shift))
    return Found(count, cursor, {number: seen[number] if number in seen else rows.page(number * PAGE, PAGE) for number in numbers})


def _find(rows: Rows, wanted: Wanted, count: int, seen: dict[int, Sequence[Row]]) -> int | None:
    """Where the key stands: looked for where it would be had rows come in above, where it was, and around there."""
    guess = (wanted.cursor + max(0, count - wanted.count)) // PAGE
    around = [guess + away * side for away in range(1, _SEARCHED) for side in (-1, 1)]
    for number in dict.fromkeys((guess, wanted.cursor // PAGE, *around)):
        if not 0 <= number * PAGE < count:
            continue
        seen[number] = rows.page(number * PAGE, PAGE)
        for at, row in enumerate(seen[number]):
            if row.key == wanted.key:
                return number * PAGE + at
    return None
