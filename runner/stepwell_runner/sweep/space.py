"""Between values and positions: every distribution is drawn from a number between 0 and 1, by the inverse of its cumulative function."""

from __future__ import annotations

import math

from stepwell_runner.graph.sweep import Choice, Distribution, Normal, Option, RandInt, Sweep, Uniform

Space = tuple[tuple[str, Distribution], ...]
Values = dict[str, Option]

_EDGE = 1e-9


def value_at(distribution: Distribution, position: float) -> Option:
    """The value at a position from 0 up to 1; equal positions give equal values."""
    match distribution:
        case Choice(values):
            return values[min(int(position * len(values)), len(values) - 1)]
        case RandInt(upper):
            return min(int(position * upper), upper - 1)
        case Uniform(low, high, step, log):
            return _finished(low + position * (high - low), step, log)
        case Normal(mean, deviation, step, log):
            from statistics import NormalDist

            inside = min(max(position, _EDGE), 1 - _EDGE)
            return _finished(NormalDist(mean, deviation).inv_cdf(inside), step, log)


def _finished(number: float, step: float | None, log: bool) -> int | float:
    number = math.exp(number) if log else number
    return number if step is None else round(number / step) * step


def position_of(distribution: Distribution, value: Option) -> float:
    """A position, from 0 up to 1, at which the value is drawn; for values that several positions give, the middle of them."""
    match distribution:
        case Choice(values):
            return (values.index(value) + 0.5) / len(values)
        case RandInt(upper):
            return (float(value) + 0.5) / upper
        case Uniform(low, high, _, log):
            return _inside((_origin(value, log) - low) / (high - low))
        case Normal(mean, deviation, _, log):
            from statistics import NormalDist

            return _inside(NormalDist(mean, deviation).cdf(_origin(value, log)))


def _origin(value: Option, log: bool) -> float:
    number = float(value)
    if not log:
        return number
    return math.log(number) if number > 0 else -math.inf


def _inside(position: float) -> float:
    return min(max(position, 0.0), 1.0)


def size(space: Space) -> int | None:
    """How many different combinations there are; None when there is no end to them."""
    total = 1
    for _, distribution in space:
        match distribution:
            case Choice(values):
                total *= len(set(map(_distinct, values)))
            case RandInt(upper):
                total *= upper
            case _:
                return None
    return total


def _distinct(value: Option) -> tuple[str, Option]:
    # 1, 1.0 and True are equal and still not the same on a command line.
    return type(value).__name__, value


def key_of(values: Values) -> tuple[tuple[str, str, Option], ...]:
    """Values as something that tells whether two trials would try the same."""
    return tuple((name, *_distinct(value)) for name, value in values.items())


def as_text(value: Option) -> str:
    """A value as a trial sees it on its command line."""
    return str(value)


def limit_of(sweep: Sweep) -> int:
    """How many trials there can be at most."""
    return min(sweep.total, size(sweep.space) or sweep.total)
