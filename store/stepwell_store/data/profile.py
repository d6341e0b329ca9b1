"""What is in the columns of a table: kinds, missing values, extremes, means. One pass, in memory that does not grow with the rows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from stepwell_store.data.rows import Record

MOST_DISTINCT = 10_000
"""Different values are counted so far; beyond, `distinct` is None."""

Kind = Literal["empty", "integer", "number", "boolean", "text"]


class ColumnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One column. `minimum` and `maximum` are numbers for numbers and text otherwise; `mean` and `std` (of the sample) for numbers only."""

    name: str
    kind: Kind
    count: int
    missing: int
    distinct: int | None
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    std: float | None = None


class Profile(msgspec.Struct, frozen=True):
    """The number of rows, and the columns in the order in which they were met."""

    rows: int
    columns: tuple[ColumnProfile, ...]


def profile(records: Iterable[Record]) -> Profile:
    """The profile of all these rows."""
    columns: dict[str, _Column] = {}
    count = 0
    for record in records:
        for name, cell in record.items():
            column = columns.get(name) or columns.setdefault(name, _Column())
            column.add(cell)
        count += 1
    return Profile(count, tuple(column.told(name, count) for name, column in columns.items()))


class _Column:
    """What is known of a column so far."""

    def __init__(self) -> None:
        self._present = 0
        self._numbers = 0
        self._integers = 0
        self._booleans = 0
        self._mean = 0.0
        self._squares = 0.0
        self._least, self._most = math.inf, -math.inf
        self._first: str | None = None
        self._last: str | None = None
        self._seen: set[str] | None = set()

    def add(self, cell: str) -> None:
        """Take in one more cell."""
        if not cell:
            return
        self._present += 1
        self._first = cell if self._first is None else min(self._first, cell)
        self._last = cell if self._last is None else max(self._last, cell)
        self._distinguish(cell)
        self._booleans += cell.lower() in ("true", "false")
        number = _number(cell)
        if number is not None:
            self._measure(number)

    def _distinguish(self, cell: str) -> None:
        if self._seen is not None:
            self._seen.add(cell)
            if len(self._seen) > MOST_DISTINCT:
                self._seen = None

    def _measure(self, number: float) -> None:
        """Welford's way: exact enough in one pass."""
        self._numbers += 1
        self._integers += number.is_integer()
        delta = number - self._mean
        self._mean += delta / self._numbers
        self._squares += delta * (number - self._mean)
        self._least, self._most = min(self._least, number), max(self._most, number)

    def _kind(self) -> Kind:
        if not self._present:
            return "empty"
        if self._booleans == self._present:
            return "boolean"
        if self._integers == self._present:
            return "integer"
        return "number" if self._numbers == self._present else "text"

    def told(self, name: str, rows: int) -> ColumnProfile:
        """All of it, when there were so many rows."""
        kind = self._kind()
        is_number = kind in ("integer", "number")
        return ColumnProfile(
            name=name, kind=kind, count=self._present, missing=rows - self._present,
            distinct=None if self._seen is None else len(self._seen),
            minimum=self._least if is_number else self._first, maximum=self._most if is_number else self._last,
            mean=self._mean if is_number else None,
            std=math.sqrt(self._squares / (self._numbers - 1)) if is_number and self._numbers > 1 else None)


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None
