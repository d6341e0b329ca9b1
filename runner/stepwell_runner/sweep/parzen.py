"""Tree-structured Parzen estimators (Bergstra et al. 2011): the trials so far are split into good ones and the rest, each half is a
density over positions, and of some candidates that the good ones would draw that is tried which the rest would draw least.

Every name is treated by itself. Numbers are mixtures of normal distributions cut off at 0 and 1, one around each position and a
flat one; choices are counted. Trials that still run count with the rest, so that those which run at once do not try the same.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from stepwell_runner.graph.sweep import Choice, Distribution, Option
from stepwell_runner.sweep.space import Space, Values, position_of, value_at

FIRST_BY_CHANCE = 10
CANDIDATES = 24
GOOD_SHARE = 0.15
MOST_GOOD = 25


def suggest(space: Space, ranked: Sequence[Values], running: Sequence[Values], chance: random.Random) -> Values:
    """What to try next. `ranked` are the values of the trials that ended, the best first."""
    count = min(MOST_GOOD, max(1, math.ceil(GOOD_SHARE * len(ranked))))
    good, rest = ranked[:count], [*ranked[count:], *running]
    return {name: _suggest(name, distribution, good, rest, chance) for name, distribution in space}


def _suggest(name: str, distribution: Distribution, good: Sequence[Values], rest: Sequence[Values], chance: random.Random) -> Option:
    below = [position_of(distribution, values[name]) for values in good]
    above = [position_of(distribution, values[name]) for values in rest]
    if isinstance(distribution, Choice):
        return value_at(distribution, _suggest_choice(len(distribution.values), below, above, chance))
    return value_at(distribution, _suggest_number(below, above, chance))


def _suggest_choice(count: int, below: list[float], above: list[float], chance: random.Random) -> float:
    likely, unlikely = _shares(count, below), _shares(count, above)
    drawn = chance.choices(range(count), likely, k=CANDIDATES)
    best = max(drawn, key=lambda at: likely[at] / unlikely[at])
    return (best + 0.5) / count


def _shares(count: int, positions: list[float]) -> list[float]:
    counted = [1.0] * count
    for position in positions:
        counted[min(int(position * count), count - 1)] += 1.0
    total = sum(counted)
    return [one / total for one in counted]


def _suggest_number(below: list[float], above: list[float], chance: random.Random) -> float:
    likely, unlikely = _Mixture(below), _Mixture(above)
    drawn = [likely.draw(chance) for _ in range(CANDIDATES)]
    return max(drawn, key=lambda position: likely.log_density(position) - unlikely.log_density(position))


class _Mixture:
    """Normal distributions on the interval from 0 to 1, as wide as the distance to the farther neighbour, and a flat one."""

    def __init__(self, positions: list[float]) -> None:
        ordered = sorted(positions)
        narrowest = 1.0 / min(100.0, 1.0 + len(ordered))
        padded = [0.0, *ordered, 1.0]
        self._centres = [(padded[at], min(1.0, max(padded[at] - padded[at - 1], padded[at + 1] - padded[at], narrowest)))
                         for at in range(1, len(padded) - 1)]

    def draw(self, chance: random.Random) -> float:
        """A position from the mixture."""
        at = chance.randrange(len(self._centres) + 1)
        if at == len(self._centres):
            return chance.random()
        centre, width = self._centres[at]
        while not 0.0 <= (position := chance.gauss(centre, width)) < 1.0:
            pass
        return position

    def log_density(self, position: float) -> float:
        """The logarithm of the density at a position."""
        total = 1.0
        for centre, width in self._centres:
            mass = _cumulative((1.0 - centre) / width) - _cumulative(-centre / width)
            total += math.exp(-0.5 * ((position - centre) / width) ** 2) / (width * math.sqrt(2 * math.pi) * mass)
        return math.log(total / (len(self._centres) + 1))


def _cumulative(deviations: float) -> float:
    return 0.5 * (1.0 + math.erf(deviations / math.sqrt(2)))
