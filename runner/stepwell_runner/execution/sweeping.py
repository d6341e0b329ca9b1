"""The sweeps of a run: their trials as steps for the engine, and what the engine tells of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from stepwell_runner.graph.model import Step
from stepwell_runner.graph.sweep import Sweep
from stepwell_runner.graph.trials import MARK, family, trial_step
from stepwell_runner.sweep.space import limit_of
from stepwell_runner.sweep.told import numbers_in, values_words
from stepwell_store.ledger.records import Metric, OutputRecord

if TYPE_CHECKING:
    from stepwell_runner.sweep.conductor import Conductor, Trial, TrialStatus

Say = Callable[[str], object]
"""Writes a line of a sweep's log."""


class Entry(msgspec.Struct, frozen=True):
    """One trial of a sweep that ended: its step run, and the one that made its result."""

    step_run: str
    made_by: str
    trial: Trial
    outputs: tuple[OutputRecord, ...] = ()


class RunningSweep:
    """One sweep that goes on. `step_run` is its own, `say` its log, `deadline` when its time is over."""

    def __init__(self, step: Step, step_run: str, seed: str, say: Say, now: float) -> None:
        from stepwell_runner.sweep.conductor import Conductor

        assert isinstance(step.work, Sweep)
        self.step = step
        self.step_run = step_run
        self.conductor: Conductor = Conductor(step.work, seed)
        self.entries: dict[int, Entry] = {}
        self.waiting: set[str] = set()
        self.metrics_seen: dict[str, None] = {}
        self.is_concluding = False
        self.deadline = None if step.work.timeout_s is None else now + step.work.timeout_s
        self.say = say

    @property
    def sweep(self) -> Sweep:
        """What its author wrote."""
        assert isinstance(self.step.work, Sweep)
        return self.step.work

    def best(self) -> Entry | None:
        """The best trial so far of those that completed."""
        found = self.conductor.best()
        return None if found is None else self.entries[found.number]

    def progress(self) -> str:
        """How far it is, in a line."""
        one = self.conductor
        over = [f"{one.count('Completed')} of {limit_of(self.sweep)} trials completed"]
        over += [f"{count} {word}" for word, count in (("failed", one.count("Failed")), ("ended early", one.count("Canceled"))) if count]
        best = one.best()
        return ", ".join(over) + ("" if best is None else f"; best {self.sweep.metric} {one.score(best):g}: {values_words(best.values)}")

    def why_none(self) -> str:
        """Why there is no best trial."""
        one, metric = self.conductor, self.sweep.metric
        if one.count("Completed"):
            seen = ", ".join(self.metrics_seen) or "nothing"
            return f"no trial that completed logged the metric '{metric}'; logged was: {seen}"
        return f"none of its {len(one.trials)} trials completed: {one.count('Failed')} failed, {one.count('Canceled')} were ended early"


class Sweeps:
    """All sweeps of one run. It keeps values and asks for nothing; the engine runs the trials."""

    def __init__(self) -> None:
        self._running: dict[str, RunningSweep] = {}

    def __iter__(self) -> Iterator[RunningSweep]:
        return iter(tuple(self._running.values()))

    def open(self, one: RunningSweep) -> None:
        """A sweep began."""
        self._running[one.step.key] = one

    def close(self, key: str) -> None:
        """A sweep ended."""
        self._running.pop(key, None)

    def of(self, key: str) -> RunningSweep | None:
        """The sweep that a step is a trial of."""
        return self._running.get(family(key)) if MARK in key else None

    def wants(self, key: str) -> bool:
        """Whether a step is still to be started."""
        one = self.of(key)
        return MARK not in key or (one is not None and key in one.waiting)

    def new_trials(self) -> list[Step]:
        """The next trial of each sweep whose trials have all been started; what is tried next is decided as late as can be."""
        found = []
        for one in self._running.values():
            trial = None if one.waiting or one.is_concluding else one.conductor.next()
            if trial is not None:
                step = trial_step(one.step, trial.number, trial.values)
                one.waiting.add(step.key)
                found.append(step)
        return found

    def trial(self, key: str) -> Trial | None:
        """The trial that a step is."""
        one = self.of(key)
        return None if one is None else one.conductor.trials[number_of(key)]

    def started(self, key: str) -> Trial | None:
        """A step no longer waits; the trial that it is."""
        one = self.of(key)
        if one is not None:
            one.waiting.discard(key)
        return self.trial(key)

    def heard(self, key: str, metrics: list[Metric]) -> str | None:
        """A step logged; why it is to be ended, when it is a trial that should be."""
        one = self.of(key)
        if one is None:
            return None
        why: str | None = None
        for metric in metrics:
            one.metrics_seen[metric.name] = None
            for value in numbers_in(metric) if metric.name == one.sweep.metric else ():
                why = one.conductor.logged(number_of(key), value) or why
        return why

    def retried(self, key: str) -> None:
        """A trial begins again; what its earlier attempt logged does not count."""
        one = self.of(key)
        if one is not None:
            one.conductor.trials[number_of(key)].logged.clear()

    def over(self, key: str, status: TrialStatus, step_run: str, made_by: str, outputs: Iterable[OutputRecord]) -> RunningSweep:
        """A trial ended; its sweep."""
        one = self.of(key)
        assert one is not None
        number = number_of(key)
        one.conductor.ended(number, status)
        one.entries[number] = Entry(step_run, made_by, one.conductor.trials[number], tuple(outputs))
        return one

    def give_up(self, one: RunningSweep) -> None:
        """Make no more trials of a sweep; those that wait never begin."""
        one.conductor.close()
        for key in one.waiting:
            one.conductor.ended(number_of(key), "Canceled")
        one.waiting.clear()

    def overdue(self, now: float) -> list[RunningSweep]:
        """Sweeps whose time is over, each once."""
        found = [one for one in self._running.values() if one.deadline is not None and now >= one.deadline]
        for one in found:
            one.deadline = None
        return found

    def finished(self) -> list[RunningSweep]:
        """Sweeps that have to be concluded, each once."""
        found = [one for one in self._running.values() if one.conductor.is_over and not one.is_concluding]
        for one in found:
            one.is_concluding = True
        return found


def number_of(key: str) -> int:
    """The number of the trial that a step is."""
    return int(key.rpartition(MARK)[2])
