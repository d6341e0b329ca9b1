"""A figure: one thing that was measured, for every tool beside each other, with what Stepwell must reach. And the table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

_WE = "stepwell"
_WORDS = 3
_NO_PEER = (_WE, "bare")


class Figure(msgspec.Struct, frozen=True):
    """`values` are medians by tool, `bound` what Stepwell must not exceed (or fall short of, when `at_least`)."""

    workload: str
    what: str
    unit: str
    values: Mapping[str, float]
    bound: float | None = None
    at_least: bool = False

    @property
    def reached(self) -> bool | None:
        """Whether Stepwell reached its target; None when there is none, or it was not measured."""
        if self.bound is None or _WE not in self.values:
            return None
        value = self.values[_WE]
        return value >= self.bound if self.at_least else value <= self.bound

    @property
    def ratio(self) -> float | None:
        """Stepwell's value over that of the best peer."""
        peers = [value for name, value in self.values.items() if name not in _NO_PEER]
        best = (max if self.at_least else min)(peers, default=0.0)
        return self.values[_WE] / best if best > 0 and _WE in self.values else None


def medians(samples: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The middle one of each tool's values; a tool without values is left out."""
    return {name: median(values) for name, values in samples.items() if values}


def table(figures: Sequence[Figure], tools: Sequence[str]) -> str:
    """The figures as lines of text; a dot stands for what was not measured."""
    head = ["workload", "", "unit", "target", *tools, "to best peer", "reached"]
    rows = [head, *(_row(figure, tools) for figure in figures if figure.values)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(width) if column < _WORDS else cell.rjust(width)
             for column, (cell, width) in enumerate(zip(row, widths, strict=True))]
    return "  ".join(cells).rstrip()


def _row(figure: Figure, tools: Sequence[str]) -> list[str]:
    target = "" if figure.bound is None else f"{'>=' if figure.at_least else '<='} {_number(figure.bound)}"
    values = [_number(figure.values[tool]) if tool in figure.values else "." for tool in tools]
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} x"
    return [figure.workload, figure.what, figure.unit, target, *values, ratio, {None: "", True: "yes", False: "NO"}[figure.reached]]


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
