"""The course of one sweep: which trial comes next, which is ended early, when it is over and which was best.

A value-keeper without threads, clocks or files. Whoever runs trials tells it what happened.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from stepwell_runner.graph.sweep import Sweep
from stepwell_runner.sweep.policies import Series, best_of, better, why_end
from stepwell_runner.sweep.sampling import Sampler
from stepwell_runner.sweep.space import Values

HOPELESS = 3
"""When so many trials have failed before any completed, no more are made."""

TrialStatus = Literal["Running", "Completed", "Failed", "Canceled"]


class Trial(msgspec.Struct):
    """One trial: its number from 0, its values, what it logged of the metric, and how it is."""

    number: int
    values: Values
    logged: list[float] = []
    status: TrialStatus = "Running"

    def series(self) -> Series:
        """What policies look at."""
        return Series(tuple(self.logged), self.status != "Running")


class Conductor:
    """Leads a sweep. `seed` stands in where its author gave none."""

    def __init__(self, sweep: Sweep, seed: str) -> None:
        self.sweep = sweep
        self.trials: list[Trial] = []
        self._sampler = Sampler(sweep, seed)
        self._is_closed = False

    def next(self) -> Trial | None:
        """The next trial, now running; None while no more may run at once, or when there will be no more."""
        if self._is_closed or len(self.trials) >= self.sweep.total or self._is_hopeless():
            self._is_closed = True
            return None
        running = [trial.values for trial in self._running()]
        if self.sweep.concurrent is not None and len(running) >= self.sweep.concurrent:
            return None
        values = self._sampler.next([trial.values for trial in self._ranked()], running)
        if values is None:
            self._is_closed = True
            return None
        trial = Trial(len(self.trials), values)
        self.trials.append(trial)
        return trial

    def logged(self, number: int, value: float) -> str | None:
        """A trial logged a value of the metric; why it is to be ended, or None when it may go on."""
        trial = self.trials[number]
        trial.logged.append(value)
        if trial.status != "Running":
            return None
        others = [other.series() for other in self.trials if other is not trial]
        return why_end(self.sweep.policy, self.sweep.goal, trial.series(), others)

    def ended(self, number: int, status: TrialStatus) -> None:
        """A trial is over."""
        self.trials[number].status = status

    def close(self) -> None:
        """Make no more trials."""
        self._is_closed = True

    @property
    def is_over(self) -> bool:
        """Whether no trial runs and there will be no more."""
        return self._is_closed and not self._running()

    def score(self, trial: Trial) -> float:
        """The best value that a trial logged; not a number when it logged none."""
        return best_of(self.sweep.goal, trial.logged)

    def best(self) -> Trial | None:
        """The best trial of those that completed; None when none did and logged the metric."""
        ranked = [trial for trial in self._ranked() if trial.status == "Completed"]
        return ranked[0] if ranked and not math.isnan(self.score(ranked[0])) else None

    def count(self, status: TrialStatus) -> int:
        """How many trials are so."""
        return sum(trial.status == status for trial in self.trials)

    def _running(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.status == "Running"]

    def _is_hopeless(self) -> bool:
        return self.count("Failed") >= HOPELESS and not self.count("Completed")

    def _ranked(self) -> list[Trial]:
        """Those that are over, the best first; of equally good ones the earlier."""
        over = [trial for trial in self.trials if trial.status != "Running"]
        known = [trial for trial in over if not math.isnan(self.score(trial))]
        known.sort(key=self.score, reverse=self.sweep.goal == "maximize")
        return known + [trial for trial in over if math.isnan(self.score(trial))]


def is_better(sweep: Sweep, one: float, other: float) -> bool:
    """Whether the first value is nearer to the goal of the sweep."""
    return better(sweep.goal, one, other)
