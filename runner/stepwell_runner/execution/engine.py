"""Walks a plan: starts what is ready and has a slot, takes in what ended, and records both.

One thread decides and records; each running step has a worker thread that prepares, waits and collects. The workers only
send messages. The loop ends when every step has ended, one way or another.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable

import msgspec

from stepwell_runner.execution.claims import Claim, Claims
from stepwell_runner.execution.ids import new_step_run_id
from stepwell_runner.execution.messages import Assignment, Ended, Message, Noted, Retried, StepResult, Wake, Workshop
from stepwell_runner.execution.ready import ReadySet
from stepwell_runner.execution.recorder import Recorder
from stepwell_runner.execution.reporting import Reporting
from stepwell_runner.execution.sweepdesk import SweepDesk
from stepwell_runner.graph.model import Step
from stepwell_runner.graph.sweep import Sweep
from stepwell_runner.planning import reasons
from stepwell_runner.planning.decide import Reuse, Run
from stepwell_runner.planning.fingerprint import Unknown
from stepwell_runner.planning.plan import Decider
from stepwell_runner.targets.protocol import Cancellation
from stepwell_store.errors import StepwellError
from stepwell_store.faults import translate
from stepwell_store.ledger import events
from stepwell_store.ledger.records import OutputRecord, RunStatus, StepRun

TICK_S = 0.2
HELD_UP_TICK_S = 0.02


class _Live(msgspec.Struct):
    """A step that runs. A sweep has no thread before its trials are over; `cancel` asks this step alone to stop."""

    step_run: str
    claim: Claim
    since: float
    cancel: Cancellation
    thread: threading.Thread | None = None


class Engine:
    """One run of one plan. `cancel_requested` is asked a few times a second whether somebody wants the run to stop."""

    def __init__(self, decider: Decider, workshop: Workshop, recorder: Recorder, claims: Claims, reporting: Reporting,
                 cancel: Cancellation, cancel_requested: Callable[[], bool]) -> None:
        self._decider = decider
        self._workshop = workshop
        self._recorder = recorder
        self._claims = claims
        self._reporting = reporting
        self._cancel = cancel
        self._cancel_requested = cancel_requested
        graph = decider.graph
        self._continue = graph.continue_on_failure
        self._steps = {step.key: step for step in graph.steps}
        self._position = {step.key: position for position, step in enumerate(graph.steps)}
        self._ready = ReadySet(graph)
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._live: dict[str, _Live] = {}
        self._starting: list[threading.Thread] = []
        self._finished: list[Claim] = []
        self._made: dict[tuple[str, str], OutputRecord] = {}
        self._reused: list[events.Reused] = []
        self._failed: list[str] = []
        self._queues: dict[str, deque[tuple[Step, Run]]] = {}
        self._desk = SweepDesk(recorder, workshop, self._stop)
        self._sweeps_ahead: deque[tuple[Step, Run]] = deque()
        self._held_up = False
        self._was_cut = False
        self._collected_at = 0.0

    def run(self) -> tuple[RunStatus, str | None]:
        """Run the plan to its end: the status of the run, and why it failed."""
        try:
            while True:
                self._start_what_is_ready()
                self._write()
                if self._ready.finished:
                    return self._verdict()
                self._take_messages()
        finally:
            self._stop_all()

    @property
    def is_idle(self) -> bool:
        """Whether no step of it runs and all that it knows of its steps has been noted."""
        return not self._live

    def wake(self) -> None:
        """Make the loop look around now."""
        self._inbox.put(Wake())

    # --- starting

    def _start_what_is_ready(self) -> None:
        while not self._cancel.is_set():
            while (key := self._ready.take()) is not None:
                self._settle(self._steps[key])
            for target, waiting in self._queues.items():
                self._start_on(target, waiting)
            self._begin_sweeps()
            trials = self._desk.new_trials()
            for trial in trials:
                self._steps[trial.key] = trial
                self._position[trial.key] = len(self._position)
                self._settle(trial)
            if not trials and not self._ready.has_more:
                break
        self._conclude_sweeps()
        self._held_up = any(self._queues.values()) or bool(self._sweeps_ahead)

    def _settle(self, step: Step) -> None:
        """Reuse a step that is ready, leave it out, or let it wait for a slot of its target."""
        try:
            decision = self._decider.decide(step)
        except Unknown as unknown:
            self._failed.append(step.key)
            self._leave_out(step, f"{step.key} needs an output that {', '.join(unknown.steps)} did not write")
            return
        if isinstance(decision, Reuse):
            self._reuse(step, decision)
        elif not self._decider.may_run(step):
            self._leave_out(step, f"{step.key} would have to run, but was not asked for")
        elif isinstance(step.work, Sweep):
            self._sweeps_ahead.append((step, decision))
        else:
            self._queues.setdefault(step.target, deque()).append((step, decision))

    def _start_on(self, target: str, waiting: deque[tuple[Step, Run]]) -> None:
        """Start as many as there are slots; those whose result another run is making stay at the front."""
        contested = []
        while waiting and not self._desk.wants(waiting[0][0].key):
            waiting.popleft()
        while waiting and not self._cancel.is_set() and (slot := self._claims.slot(target)) is not None:
            step, decision = waiting.popleft()
            claim = self._claims.claim(slot, decision.fingerprint)
            if claim is None:
                contested.append((step, decision))
            else:
                self._start(step, decision, claim)
        waiting.extendleft(reversed(contested))

    def _start(self, step: Step, decision: Run, claim: Claim) -> None:
        again = self._decider.decide_again(step, decision)
        if isinstance(again, Reuse):
            claim.release()
            self._reuse(step, again)
        else:
            self._launch(step, again, claim)

    def _leave_out(self, step: Step, why: str) -> None:
        self._skip([step.key, *self._ready.abandoned(step.key)], why)

    def _reuse(self, step: Step, decision: Reuse) -> None:
        past, parent = decision.past, self._desk.parent(step.key)
        reused = events.Reused(new_step_run_id(), self._position[step.key], step.key, step.name, step.kind, step.target, past.step_run,
                               past.fingerprint, parent)
        self._reused.append(reused)
        if parent is None:
            self._take_outputs(step.key, list(past.outputs))
            self._ready.completed(step.key)
        else:
            self._note_reused()
            self._desk.took(reused, past.outputs)

    def _launch(self, step: Step, decision: Run, claim: Claim) -> None:
        record = self._record_start(step, decision)
        live = self._live[step.key] = _Live(record.id, claim, time.monotonic(), Cancellation(self._cancel))
        assignment = Assignment(step=step, step_run=record.id, snapshot=record.snapshot, made=self._made)
        self._reporting.begin(step.key, record.id, 1)
        self._start_thread(step.key, live, lambda: self._workshop.run(assignment, self._inbox.put, live.cancel))

    def _record_start(self, step: Step, decision: Run) -> StepRun:
        self._note_reused()
        snapshot = self._workshop.snapshot(step)
        now = time.time()
        record = StepRun(
            id=new_step_run_id(), run=self._recorder.run, position=self._position[step.key], step=step.key, name=step.name, kind=step.kind,
            status="Running", target=step.target, attempt=1, fingerprint=decision.fingerprint, ingredients=decision.ingredients,
            reasons=reasons.encode(self._desk.reasons(step.key, self._workshop.explain(step, decision.reasons))), snapshot=snapshot,
            started_at=now,
            properties=self._desk.properties(step.key), parent=self._desk.parent(step.key))
        self._recorder.add(events.StepStarted(at=now, run=self._recorder.run, record=record))
        return record

    def _start_thread(self, key: str, live: _Live, work: Callable[[], StepResult]) -> None:
        live.thread = threading.Thread(target=self._work, args=(key, work), name=f"step {key}", daemon=True)
        self._starting.append(live.thread)

    def _work(self, key: str, work: Callable[[], StepResult]) -> None:
        try:
            result = work()
        except StepwellError as error:
            result = StepResult(status="Failed", error=str(error))
        except OSError as error:
            result = StepResult(status="Failed", error=str(translate(error, "running the step", error.filename or key)))
        except BaseException as error:  # a worker must always report, else the run would wait for ever
            result = StepResult(status="Failed", error=_bug(error))
        self._inbox.put(Ended(key, result))

    def _write(self) -> None:
        """Make durable what is known; only then do the steps that it names start, and the claims that it fulfils end."""
        self._note_reused()
        self._recorder.flush()
        starting, self._starting = self._starting, []
        for thread in starting:
            thread.start()
        self._release_finished()

    def _release_finished(self) -> None:
        finished, self._finished = self._finished, []
        for claim in finished:
            claim.release()

    def _note_reused(self) -> None:
        if self._reused:
            self._recorder.add(events.StepsReused(at=time.time(), run=self._recorder.run, steps=self._reused))
            self._reporting.repeat(self._reused, self._recorder)
            self._reused = []

    # --- sweeps, whose trials are settled, started and ended like any other step

    def _begin_sweeps(self) -> None:
        """Begin those that are ready; one whose result another run is making waits."""
        for _ in range(len(self._sweeps_ahead)):
            step, decision = self._sweeps_ahead.popleft()
            claim = self._claims.claim(None, decision.fingerprint)
            if claim is None:
                self._sweeps_ahead.append((step, decision))
                continue
            again = self._decider.decide_again(step, decision)
            if isinstance(again, Reuse):
                claim.release()
                self._reuse(step, again)
            else:
                record = self._record_start(step, again)
                self._live[step.key] = _Live(record.id, claim, time.monotonic(), Cancellation(self._cancel))
                self._desk.begin(step, record.id, again.fingerprint)

    def _stop(self, key: str) -> None:
        live = self._live.get(key)
        if live is not None:
            live.cancel.set()

    def _conclude_sweeps(self) -> None:
        if self._cancel.is_set():
            self._desk.give_up()
        self._desk.stop_overdue()
        for one in self._desk.finished():
            key = one.step.key
            if self._cancel.is_set():
                self._inbox.put(Ended(key, StepResult(status="Canceled")))
            else:
                self._start_thread(key, self._live[key], self._desk.conclusion(one))

    # --- taking in what happened

    def _take_messages(self) -> None:
        try:
            self._handle(self._inbox.get(timeout=HELD_UP_TICK_S if self._held_up else TICK_S))
            while not self._inbox.empty():
                self._handle(self._inbox.get())
        except queue.Empty:
            pass
        if time.monotonic() - self._collected_at >= TICK_S:
            for key, metrics in self._reporting.collect(self._recorder).items():
                self._desk.heard(key, metrics)
            self._collected_at = time.monotonic()
        if not self._cancel.is_set() and self._cancel_requested():
            self._cancel.set()
        if self._cancel.is_set() and not self._live:
            self._give_up()

    def _handle(self, message: Message) -> None:
        match message:
            case Ended(key, result):
                self._end(key, result)
            case Retried(key, attempt, error):
                step_run = self._live[key].step_run
                self._reporting.end(key, self._recorder)
                self._desk.retried(key)
                self._reporting.begin(key, step_run, attempt)
                self._recorder.add(events.StepRetried(at=time.time(), run=self._recorder.run, step_run=step_run, attempt=attempt,
                                                      error=error))
            case Noted(key, text):
                self._recorder.add(events.StepNoted(at=time.time(), run=self._recorder.run, step_run=self._live[key].step_run,
                                                    message=text))
            case Wake():
                pass

    def _end(self, key: str, result: StepResult) -> None:
        live = self._live.pop(key)
        if live.thread is not None and live.thread.ident is not None:
            live.thread.join()
        live.cancel.close()
        if self._reporting.follows(key):
            self._desk.heard(key, self._reporting.end(key, self._recorder))
        result = self._desk.explained(key, result)
        self._recorder.add(events.StepEnded(
            at=time.time(), run=self._recorder.run, step_run=live.step_run, status=result.status,
            duration_s=time.monotonic() - live.since, exit_code=result.exit_code, error=result.error, outputs=result.outputs,
            artifacts=result.artifacts))
        live.claim.release_slot()
        self._finished.append(live.claim)
        if self._desk.parent(key) is not None:
            self._desk.ended(key, live.step_run, result)
            return
        self._desk.close(key)
        if result.status == "Completed":
            self._take_outputs(key, result.outputs)
            self._ready.completed(key)
            return
        self._was_cut |= result.status == "Canceled"
        self._skip(self._ready.abandoned(key), f"it needs {key}, which {'was cancelled' if result.status == 'Canceled' else 'failed'}")
        if result.status == "Failed":
            self._failed.append(key)
            if not self._continue:
                self._cancel.set()

    def _take_outputs(self, key: str, outputs: list[OutputRecord]) -> None:
        for output in outputs:
            self._made[key, output.name] = output
            self._decider.made[key, output.name] = output.digest

    def _skip(self, keys: list[str], why: str) -> None:
        if not keys:
            return
        now = time.time()
        self._recorder.add(events.StepsSkipped(at=now, run=self._recorder.run, steps=[
            StepRun(id=new_step_run_id(), run=self._recorder.run, position=self._position[key], step=key, name=self._steps[key].name,
                    kind=self._steps[key].kind, status="Skipped", target=self._steps[key].target, ended_at=now, error=why)
            for key in keys]))

    def _give_up(self) -> None:
        rest = self._ready.drop_rest()
        self._was_cut |= bool(rest)
        self._skip(rest, f"{self._failed[0]} failed" if self._failed else "the run was cancelled")

    def _stop_all(self) -> None:
        """Leave nothing running and no claim held, whatever made the loop end."""
        try:
            self._drop_unstarted()
            if self._live:
                self._cancel.set()
                while self._live:
                    self._conclude_sweeps()
                    self._handle(self._inbox.get())
            self._give_up()
            self._write()
        finally:
            self._release_finished()

    def _drop_unstarted(self) -> None:
        """End the steps whose threads were to start when the loop broke off: nobody else will."""
        self._starting.clear()
        for key, live in self._live.items():
            if live.thread is not None and live.thread.ident is None:
                self._inbox.put(Ended(key, StepResult(status="Canceled")))

    def _verdict(self) -> tuple[RunStatus, str | None]:
        if self._failed:
            return "Failed", f"{', '.join(self._failed)} failed"
        return ("Canceled", None) if self._was_cut else ("Completed", None)


def _bug(error: BaseException) -> str:
    import traceback

    return "a bug in Stepwell:\n" + "".join(traceback.format_exception(error))
