"""Line plots of metric series in the terminal: braille dots, or one ASCII mark per series."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from stepwell_tui.render.status import paint
from stepwell_tui.render.text import safe_line

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_COLOURS = ("cyan", "yellow", "magenta", "green", "red", "blue")
_MARKS = "*+ox#@%&"
BLOCKS, LEVELS = "▁▂▃▄▅▆▇█", "_.-~=+*#"


_Curve = Sequence[tuple[float, float] | None]


class Series(msgspec.Struct, frozen=True):
    """A named curve. Without `steps` (x values) the values stand at 0, 1, 2, ...; NaN and infinities leave gaps."""

    name: str
    values: Sequence[float]
    steps: Sequence[float] | None = None


class _Frame(msgspec.Struct, frozen=True):
    """The ranges shown, and the size of the canvas in dots."""

    left: float
    right: float
    low: float
    high: float
    columns: int
    rows: int

    def column(self, x: float) -> int:
        return round(_share(x, self.left, self.right) * (self.columns - 1))

    def row(self, y: float) -> int:
        """Counted from the top."""
        return round((1 - _share(y, self.low, self.high)) * (self.rows - 1))


def plot(series: Sequence[Series], width: int = 80, height: int = 16, *, unicode: bool = True, colour: bool = False) -> str:
    """The curves with axes and, for several, a legend: `height` lines in all, at most `width` cells wide.

    Braille where one curve is drawn or colours tell them apart; else every curve has a mark of its own.
    """
    curves = [list(_points(one)) for one in series]
    known = [point for curve in curves for point in curve if point]
    if not known:
        return "no values to plot\n"
    braille = unicode and (colour or len(series) == 1)
    legend = _legend(series, colour, braille) if len(series) > 1 else ""
    rows = max(2, height - 2 - bool(legend))
    low, high = _widened(min(y for _, y in known), max(y for _, y in known))
    labels = [_number(high), _number(low)]
    margin = max(map(len, labels))
    columns = max(2, width - margin - 2)
    left, right = min(x for x, _ in known), max(x for x, _ in known)
    frame = _Frame(left, right, low, high, columns * 2 if braille else columns, rows * 4 if braille else rows)
    canvas = _braille(curves, frame) if braille else _marked(curves, frame)
    lines = _with_axes(canvas.lines(colour and len(series) > 1), labels, margin, frame, columns, unicode)
    return "".join(f"{line}\n" for line in (*lines, legend) if line)


def sparkline(values: Sequence[float], width: int, *, unicode: bool = True) -> str:
    """The values as one line of blocks of different height, at most `width` cells; each cell is the mean of its share."""
    levels = BLOCKS if unicode else LEVELS
    count = min(width, len(values))
    cells = [_mean(values[index * len(values) // count : (index + 1) * len(values) // count]) for index in range(count)]
    known = [cell for cell in cells if math.isfinite(cell)]
    if not known:
        return " " * count
    low, high = min(known), max(known)
    top = len(levels) - 1
    return "".join(levels[round(_share(cell, low, high) * top)] if math.isfinite(cell) else " " for cell in cells)


def _mean(values: Sequence[float]) -> float:
    known = [value / len(values) for value in values if math.isfinite(value)]
    return sum(known) * (len(values) / len(known)) if known else math.nan


def _points(series: Series) -> Iterator[tuple[float, float] | None]:
    """The points of a curve; None is a gap."""
    steps = series.steps if series.steps is not None else range(len(series.values))
    for x, y in zip(steps, series.values, strict=True):
        yield (x, y) if math.isfinite(y) and math.isfinite(x) else None


def _share(value: float, low: float, high: float) -> float:
    """Where a value lies between two others, 0 to 1. Halved first, so that the largest floats have a difference."""
    span = high / 2 - low / 2
    return min(1.0, max(0.0, (value / 2 - low / 2) / span)) if span > 0 else 0.5


def _widened(low: float, high: float) -> tuple[float, float]:
    if low < high:
        return low, high
    room = abs(low) / 10 or 1.0
    return low - room, high + room


def _number(value: float) -> str:
    return f"{value:.4g}"


def _legend(series: Sequence[Series], colour: bool, braille: bool) -> str:
    parts = []
    for index, one in enumerate(series):
        mark = "━" if braille else _MARKS[index % len(_MARKS)]
        parts.append(f"{paint(mark, _COLOURS[index % len(_COLOURS)], colour)} {safe_line(one.name)}")
    return "  ".join(parts)


def _spans(curve: _Curve, frame: _Frame) -> list[tuple[int, int] | None]:
    """For each column of dots the highest and lowest row that the curve touches there."""
    spans: list[tuple[int, int] | None] = [None] * frame.columns
    before: tuple[int, int] | None = None
    for point in curve:
        if point is None:
            before = None
            continue
        here = frame.column(point[0]), frame.row(point[1])
        for column, row in _segment(before or here, here):
            span = spans[column]
            spans[column] = (min(span[0], row), max(span[1], row)) if span else (row, row)
        before = here
    return spans


def _segment(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Where a line enters and leaves each column, so that the spans of neighbouring columns touch."""
    (x0, y0), (x1, y1) = sorted((start, end))
    yield x0, y0
    yield x1, y1
    for column in range(x0, x1):
        row = y0 + round((y1 - y0) * (column + 0.5 - x0) / (x1 - x0))
        yield column, row
        yield column + 1, row


class _Canvas(msgspec.Struct, frozen=True):
    """Rows of characters, and for the cells that a curve touches the index of the one that was drawn last."""

    cells: list[list[str]]
    owner: dict[tuple[int, int], int]

    def lines(self, colour: bool) -> list[str]:
        return [
            _painted("".join(row), [self.owner.get((at, x)) for x in range(len(row))] if colour else None)
            for at, row in enumerate(self.cells)
        ]


def _strokes(curves: Sequence[_Curve], frame: _Frame) -> Iterator[tuple[int, int, int]]:
    """Index of the curve, column and row of every dot."""
    for index, curve in enumerate(curves):
        for x, span in enumerate(_spans(curve, frame)):
            for y in range(span[0], span[1] + 1) if span else ():
                yield index, x, y


def _braille(curves: Sequence[_Curve], frame: _Frame) -> _Canvas:
    dots: dict[tuple[int, int], int] = {}
    owner: dict[tuple[int, int], int] = {}
    for index, x, y in _strokes(curves, frame):
        cell = y // 4, x // 2
        dots[cell] = dots.get(cell, 0x2800) | _DOTS[x % 2][y % 4]
        owner[cell] = index
    rows, columns = range(frame.rows // 4), range(frame.columns // 2)
    return _Canvas([[chr(dots[y, x]) if (y, x) in dots else " " for x in columns] for y in rows], owner)


def _marked(curves: Sequence[_Curve], frame: _Frame) -> _Canvas:
    owner = {(y, x): index for index, x, y in _strokes(curves, frame)}
    rows, columns = range(frame.rows), range(frame.columns)
    return _Canvas([[_MARKS[owner[y, x] % len(_MARKS)] if (y, x) in owner else " " for x in columns] for y in rows], owner)


def _painted(text: str, owners: Sequence[int | None] | None) -> str:
    """One line of the canvas with the colour of its curves, changed only where the owner changes."""
    if owners is None:
        return text
    parts, start = [], 0
    for end in range(1, len(text) + 1):
        if end == len(text) or owners[end] != owners[start]:
            owner = owners[start]
            parts.append(text[start:end] if owner is None else paint(text[start:end], _COLOURS[owner % len(_COLOURS)]))
            start = end
    return "".join(parts)


def _with_axes(
    lines: Sequence[str], labels: Sequence[str], margin: int, frame: _Frame, columns: int, unicode: bool
) -> list[str]:
    tick, axis, corner, rule = ("┤", "│", "└", "─") if unicode else ("+", "|", "+", "-")
    texts = [labels[0], *[""] * (len(lines) - 2), labels[1]]
    body = [f"{text:>{margin}} {tick if text else axis}{line.rstrip()}" for text, line in zip(texts, lines, strict=True)]
    left, right = _number(frame.left), _number(frame.right)
    steps = left + right.rjust(columns - len(left)) if left != right and columns > len(left) + len(right) else left
    return [*body, f"{'':{margin}} {corner}{rule * columns}", f"{'':{margin}}  {steps}"]
