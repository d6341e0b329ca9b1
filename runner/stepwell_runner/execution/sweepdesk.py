"""Where the engine turns with its sweeps: records how their trials come and go, and says when one is to be concluded."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from stepwell_runner.execution.messages import StepResult, Workshop
from stepwell_runner.execution.recorder import Recorder
from stepwell_runner.execution.sweeping import RunningSweep, Say, Sweeps, number_of
from stepwell_runner.graph.model import Step
from stepwell_runner.graph.trials import MARK
from stepwell_runner.planning.reasons import AnyReason, NeverRan, Tried
from stepwell_runner.sweep.told import BEST, TRIAL, VALUES, as_json, values_words
from stepwell_store.ledger import events
from stepwell_store.ledger.records import Metric, OutputRecord

if TYPE_CHECKING:
    from stepwell_runner.sweep.conductor import Trial, TrialStatus


class SweepDesk:
    """The sweeps of one run. `stop` asks a step that runs to end."""

    def __init__(self, recorder: Recorder, workshop: Workshop, stop: Callable[[str], None]) -> None:
        self._recorder = recorder
        self._workshop = workshop
        self._stop = stop
        self._sweeps = Sweeps()
        self._ended_early: dict[str, str] = {}

    # --- beginning

    def begin(self, step: Step, step_run: str, seed: str) -> None:
        """A sweep was recorded as started."""
        say: Say = self._workshop.begin_sweep(step)
        one = RunningSweep(step, step_run, seed, say, time.monotonic())
        say(f"{type(one.sweep.sampling).__name__}, {one.sweep.total} trials at most, to {one.sweep.goal} {one.sweep.metric}")
        self._sweeps.open(one)

    def new_trials(self) -> list[Step]:
        """Trials to be settled now."""
        return self._sweeps.new_trials()

    def parent(self, key: str) -> str | None:
        """The step run of the sweep that a step is a trial of."""
        one = self._sweeps.of(key)
        return None if one is None else one.step_run

    def wants(self, key: str) -> bool:
        """Whether a step is still to be started: false for trials of sweeps that have been given up."""
        return self._sweeps.wants(key)

    def properties(self, key: str) -> dict[str, str]:
        """What is recorded with a trial that starts, which no longer waits; nothing for other steps."""
        one, trial = self._sweeps.of(key), self._sweeps.started(key)
        if one is None or trial is None:
            return {}
        one.say(f"trial {trial.number} begins: {values_words(trial.values)}")
        return _properties(trial)

    def reasons(self, key: str, given: tuple[AnyReason, ...]) -> tuple[AnyReason, ...]:
        """Why a step runs; that a trial never ran is told by its values."""
        trial = self._sweeps.trial(key)
        return given if trial is None or given != (NeverRan(),) else (Tried(values_words(trial.values)),)

    # --- while trials run

    def heard(self, key: str, metrics: list[Metric]) -> None:
        """A step logged; a trial that falls behind is ended."""
        why = self._sweeps.heard(key, metrics)
        if why is not None and key not in self._ended_early:
            self._ended_early[key] = f"ended early: {why}"
            self._stop(key)

    def retried(self, key: str) -> None:
        """A step begins another attempt."""
        self._sweeps.retried(key)

    def explained(self, key: str, result: StepResult) -> StepResult:
        """The result with why a trial was ended early."""
        why = self._ended_early.pop(key, None)
        if why is None or result.status != "Canceled":
            return result
        return StepResult(status="Canceled", error=why, artifacts=result.artifacts)

    def took(self, reused: events.Reused, outputs: tuple[OutputRecord, ...]) -> None:
        """A trial is not run, because its result is there already."""
        trial = self._sweeps.started(reused.step)
        assert trial is not None
        self._sweeps.heard(reused.step, self._workshop.logged(reused.reused_from))
        self._recorder.add(events.StepDescribed(at=time.time(), run=self._recorder.run, step_run=reused.id, properties=_properties(trial)))
        self._ended(reused.step, "Completed", reused.id, reused.reused_from, outputs, "taken from an earlier run")

    def ended(self, key: str, step_run: str, result: StepResult) -> None:
        """A trial that ran is over."""
        status: TrialStatus = "Completed" if result.status == "Completed" else "Canceled" if result.status == "Canceled" else "Failed"
        self._ended(key, status, step_run, step_run, tuple(result.outputs), (result.error or "").partition("\n")[0] or status.lower())

    def _ended(self, key: str, status: TrialStatus, step_run: str, made_by: str, outputs: tuple[OutputRecord, ...], how: str) -> None:
        one = self._sweeps.over(key, status, step_run, made_by, outputs)
        trial = one.conductor.trials[number_of(key)]
        score = one.conductor.score(trial)
        one.say(f"trial {trial.number} {how}" + ("" if score != score else f", {one.sweep.metric} {score:g}"))
        now, run = time.time(), self._recorder.run
        self._recorder.add(events.StepNoted(at=now, run=run, step_run=one.step_run, message=one.progress()))
        best = one.conductor.best()
        if best is not None:
            value = as_json(one.conductor.score(best))
            self._recorder.add(events.MetricsLogged(at=now, run=run, metrics=[Metric(
                owner=one.step_run, name=one.sweep.metric, type="scalar", value=value, at=now, step=len(one.entries))]))

    # --- ending

    def give_up(self) -> None:
        """The run is to stop: no more trials."""
        for one in self._sweeps:
            self._sweeps.give_up(one)

    def stop_overdue(self) -> None:
        """End the trials of sweeps whose time is over; what they have found by then counts."""
        for one in self._sweeps.overdue(time.monotonic()):
            one.say(f"its {one.sweep.timeout_s:g} s are over")
            self._sweeps.give_up(one)
            for trial in one.conductor.trials:
                if trial.status == "Running":
                    key = f"{one.step.key}{MARK}{trial.number}"
                    self._ended_early.setdefault(key, "ended early: the time of the sweep is over")
                    self._stop(key)

    def finished(self) -> list[RunningSweep]:
        """Sweeps that are to be concluded, each once."""
        return self._sweeps.finished()

    def conclusion(self, one: RunningSweep) -> Callable[[], StepResult]:
        """What makes the result of a sweep whose trials are over."""
        best = one.best()
        one.say(one.progress())
        if best is None:
            why = one.why_none()
            return lambda: StepResult(status="Failed", error=why)
        self._recorder.add(events.StepDescribed(at=time.time(), run=self._recorder.run, step_run=one.step_run,
                                                properties={BEST: best.step_run, VALUES: as_json(best.trial.values)}))
        entries = [one.entries[number] for number in sorted(one.entries)]
        return lambda: self._workshop.conclude(one.step, one.step_run, best, entries)

    def close(self, key: str) -> None:
        """A step ended; perhaps it was a sweep."""
        self._sweeps.close(key)


def _properties(trial: Trial) -> dict[str, str]:
    return {TRIAL: str(trial.number), VALUES: as_json(trial.values)}
