"""Which values the next trial gets. The same seed, number and history give the same values."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from stepwell_runner.graph.sweep import BayesianSampling, Choice, GridSampling, RandomSampling, Sweep
from stepwell_runner.sweep.parzen import FIRST_BY_CHANCE, suggest
from stepwell_runner.sweep.sobol import Sobol
from stepwell_runner.sweep.space import Values, key_of, size, value_at

_DRAWS = 1000


class Sampler:
    """Draws for one sweep. `seed` stands in where its author gave none."""

    def __init__(self, sweep: Sweep, seed: str) -> None:
        self._space = sweep.space
        self._sampling = sweep.sampling
        given = getattr(sweep.sampling, "seed", None)
        self._seed = seed if given is None else str(given)
        self._size = size(sweep.space)
        self._tried: set[tuple[object, ...]] = set()
        self._number = 0
        self._grid = self._combinations()
        self._sobol = Sobol(len(sweep.space), self._seed) if sweep.sampling == RandomSampling(given, "sobol") else None

    def next(self, ranked: Sequence[Values], running: Sequence[Values]) -> Values | None:
        """The values of the next trial; None when all combinations have been tried."""
        if self._size is not None and len(self._tried) >= self._size:
            return None
        for _ in range(_DRAWS):
            values = self._draw(ranked, running)
            self._number += 1
            if values is None:
                return None
            key = key_of(values)
            if key not in self._tried or self._size is None:
                self._tried.add(key)
                return values
        return self._untried()

    def _draw(self, ranked: Sequence[Values], running: Sequence[Values]) -> Values | None:
        if isinstance(self._sampling, GridSampling):
            return next(self._grid, None)
        chance = random.Random(f"{self._seed}/{self._number}")  # noqa: S311 - no secret
        if isinstance(self._sampling, BayesianSampling) and len(ranked) + len(running) >= FIRST_BY_CHANCE and ranked:
            return suggest(self._space, ranked, running, chance)
        point = self._sobol.point(self._number) if self._sobol is not None else [chance.random() for _ in self._space]
        return {name: value_at(distribution, position) for (name, distribution), position in zip(self._space, point, strict=True)}

    def _combinations(self) -> itertools.starmap[Values]:
        names = [name for name, _ in self._space]
        options = [one.values if isinstance(one, Choice) else () for _, one in self._space]
        return itertools.starmap(lambda *values: dict(zip(names, values, strict=True)), itertools.product(*options))

    def _untried(self) -> Values | None:
        """The first combination that chance did not find."""
        names = [name for name, _ in self._space]
        options = [one.values if isinstance(one, Choice) else tuple(range(getattr(one, "upper", 0))) for _, one in self._space]
        for values in itertools.product(*options):
            found = dict(zip(names, values, strict=True))
            if key_of(found) not in self._tried:
                self._tried.add(key_of(found))
                return found
        return None
