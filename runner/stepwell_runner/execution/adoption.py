"""Steps whose runner died and which go on without it: each is seen to its end, and what it leaves is taken in as if nothing had
been. The run then ends: completed when nothing is left to do in it, else failed, and `resume` goes on from what completed."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress

import msgspec

from stepwell_runner.execution.claims import Claims
from stepwell_runner.execution.folders import attempt_folder, reports_file
from stepwell_runner.execution.messages import Assignment, Made, StepResult
from stepwell_runner.execution.ownership import DIED, cancel_requested
from stepwell_runner.execution.recorder import Recorder
from stepwell_runner.execution.reporting import mark, note_rest
from stepwell_runner.execution.sight import Sight
from stepwell_runner.execution.workshop import LocalWorkshop, RunFacts
from stepwell_runner.graph.model import FromData, FromParameter, Graph, Input, Scalar, Step, decode
from stepwell_runner.graph.sweep import Option
from stepwell_runner.graph.trials import family, trial_step
from stepwell_runner.planning.fingerprint import Values
from stepwell_runner.sweep.told import TRIAL, trial_values
from stepwell_runner.targets.left import Left, left_in
from stepwell_runner.targets.protocol import Cancellation, Target
from stepwell_runner.targets.registry import resolve, room
from stepwell_runner.targets.slots import Slots
from stepwell_runner.tracking.endpoint import Endpoint
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import StepwellError, UsageError
from stepwell_store.ledger import events, history
from stepwell_store.ledger.compute import list_targets
from stepwell_store.ledger.records import Run, RunStatus, StepRun
from stepwell_store.locks import FileLock
from stepwell_store.workspace import Workspace

TICK_S = 0.2


class Found(msgspec.Struct, frozen=True):
    """A step of a dead run that goes on, or has ended and was not taken in."""

    step: StepRun
    left: Left


def left_of(workspace: Workspace, run: str) -> list[Found]:
    """What the steps of a run left that its runner did not see the end of."""
    found = []
    for step in history.open_steps_of(workspace.database, run):
        left = left_in(attempt_folder(workspace, run, step.step, step.attempt), str(workspace.root))
        if left is not None:
            found.append(Found(step, left))
    return found


def adopt(workspace: Workspace, run: str, ready: Callable[[], object] = lambda: None) -> None:
    """See to their end what the steps of a run left, and end the run. The caller owns it; `ready` is called once nobody else would
    make the same results."""
    found = left_of(workspace, run)
    adoption = _Adoption(workspace, history.get_run(workspace.database, run))
    with ExitStack() as held, Cancellation() as cancel:
        for one in found:
            _claim(workspace, one.step, held)
        ready()
        adoption.end_others({one.step.id for one in found})
        adoption.follow(found, cancel)
        adoption.end()


def _claim(workspace: Workspace, step: StepRun, held: ExitStack) -> None:
    """A slot and the right to make the result, as far as nobody else has them."""
    folder = str(workspace.locks)
    with suppress(UsageError):  # the target was removed meanwhile
        spec = resolve(step.target, list_targets(workspace.database), str(workspace.root))
        slot = Slots(os.path.join(folder, "slots"), step.target, room(spec)).try_acquire()
        if slot is not None:
            held.enter_context(slot)
    lock = Claims(folder, _no_slots).hold(step.fingerprint) if step.fingerprint else None
    if lock is not None:
        held.callback(_release, lock)


def _no_slots(_: str) -> Slots:
    raise AssertionError("what is adopted runs already")


def _release(lock: FileLock) -> None:
    with suppress(FileNotFoundError):
        os.unlink(lock.path)
    lock.release()


class _Adoption:
    """One run that is seen to its end."""

    def __init__(self, workspace: Workspace, run: Run) -> None:
        self._workspace = workspace
        self._run = run
        self._graph: Graph = decode(workspace.objects.read(run.graph))
        self._steps = {step.key: step for step in self._graph.steps}
        self._values: Values = msgspec.convert(run.parameters, dict[str, Scalar | DatasetDefinition | None])
        self._sight = Sight(workspace)
        self._recorder = Recorder(workspace, run.id)
        facts = RunFacts(run.id, run.experiment, run.pipeline, run.tags)
        self._workshop = LocalWorkshop(workspace, self._graph, self._values, facts, self._sight, _no_target,
                                       Endpoint(str(workspace.root)))
        self._made = _made_in(workspace, run.id)

    def end_others(self, kept: set[str]) -> None:
        """Record the end of the steps that died with the runner."""
        for step in history.open_steps_of(self._workspace.database, self._run.id):
            if step.id not in kept:
                self._recorder.add(_ended(step, StepResult(status="Failed", error=DIED)))
        self._recorder.flush()

    def follow(self, found: list[Found], cancel: Cancellation) -> None:
        """Wait for all of them and take in what each leaves."""
        results: queue.SimpleQueue[tuple[StepRun, StepResult]] = queue.SimpleQueue()
        threads = [threading.Thread(target=self._take_over, args=(one, cancel, results), name=f"step {one.step.step}", daemon=True)
                   for one in found]  # fmt: skip
        for thread in threads:
            thread.start()
        for _ in found:
            step, result = self._next(results, cancel)
            self._note_reports(step)
            self._recorder.add(_ended(step, result))
            self._recorder.flush()
        for thread in threads:
            thread.join()

    def _next(self, results: queue.SimpleQueue[tuple[StepRun, StepResult]], cancel: Cancellation) -> tuple[StepRun, StepResult]:
        while True:
            with suppress(queue.Empty):
                return results.get(timeout=TICK_S)
            if cancel_requested(self._workspace, self._run.id):
                cancel.set()

    def _take_over(self, one: Found, cancel: Cancellation, results: queue.SimpleQueue[tuple[StepRun, StepResult]]) -> None:
        try:
            step = step_of(self._steps, one.step)
            self._expect(step, one.step)
            assignment = Assignment(step=step, step_run=one.step.id, snapshot=one.step.snapshot, made=self._made)
            result = self._workshop.take_over(assignment, one.step.attempt, lambda: one.left.follow(cancel))
        except (StepwellError, OSError) as error:
            result = StepResult(status="Failed", error=str(error))
        except BaseException as error:  # the loop must hear of every step, else it would wait for ever
            result = StepResult(status="Failed", error=f"a bug in Stepwell: {error!r}")
        results.put((one.step, result))

    def _expect(self, step: Step, record: StepRun) -> None:
        """What the data was when the dead runner looked at it."""
        for one in step.inputs:
            data = self._data_of(one)
            if data is not None and (digest := record.ingredients.get(f"input/{one.name}")) is not None:
                self._sight.expect(data, digest)

    def _data_of(self, one: Input) -> DatasetDefinition | None:
        if isinstance(one.binding, FromData):
            return one.binding.data
        value = self._values.get(one.binding.parameter) if isinstance(one.binding, FromParameter) else None
        return value if isinstance(value, DatasetDefinition) else None

    def _note_reports(self, step: StepRun) -> None:
        owners = (step.id, self._run.id)
        known = frozenset(mark(metric) for owner in owners for metric in history.metrics_of(self._workspace.database, owner))
        folder = attempt_folder(self._workspace, self._run.id, step.step, step.attempt)
        note_rest(step.id, reports_file(folder), known, self._recorder)

    def end(self) -> None:
        """Record how the run ended."""
        steps = {step.step: step.status for step in history.steps_of(self._workspace.database, self._run.id)}
        status: RunStatus = "Failed"
        if all(steps.get(key) == "Completed" for key in self._steps):
            status = "Completed"
        elif cancel_requested(self._workspace, self._run.id):
            status = "Canceled"
        error = None if status == "Completed" else DIED
        self._recorder.add(events.RunEnded(at=time.time(), run=self._run.id, status=status, error=error))
        self._recorder.flush()


def step_of(steps: Mapping[str, Step], record: StepRun) -> Step:
    """The step that a step run runs, from those of its graph by key: a trial is made from its sweep and its values."""
    step = steps[family(record.step)]
    if record.parent is None:
        return step
    values: dict[str, Option] = msgspec.convert(trial_values(record), dict[str, Option])
    return trial_step(step, int(record.properties[TRIAL]), values)


def _no_target(_: str) -> Target:
    raise AssertionError("what is adopted runs already")


def _made_in(workspace: Workspace, run: str) -> Made:
    """The outputs of the steps that completed."""
    return {(step.step, output.name): output for step in history.steps_of(workspace.database, run) if step.status == "Completed"
            for output in history.outputs_of(workspace.database, step.reused_from or step.id)}


def _ended(step: StepRun, result: StepResult) -> events.StepEnded:
    now = time.time()
    return events.StepEnded(
        at=now, run=step.run, step_run=step.id, status=result.status, exit_code=result.exit_code, error=result.error,
        duration_s=None if step.started_at is None else max(0.0, now - step.started_at), outputs=result.outputs,
        artifacts=result.artifacts)  # fmt: skip
