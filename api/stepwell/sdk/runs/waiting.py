"""Waiting for runs, and telling meanwhile what happens: statuses as they change, what steps print, one step after another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import ActivityFailedException
from stepwell.sdk.runs.ledger import looks, oldest_first, step_record
from stepwell.sdk.runs.logs import LogTail, show
from stepwell.sdk.runs.status import pipeline_word, step_word
from stepwell.sdk.runs.step_run import StepRun
from stepwell_store.ledger import history, records

if TYPE_CHECKING:
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.runs.single import SingleRun


def wait_for_pipeline(run: PipelineRun, show_output: bool, timeout_s: float, raise_on_error: bool) -> str:
    """See PipelineRun.wait_for_completion."""
    told = _PipelineTeller(run.experiment, run.id) if show_output else None
    for record in looks(run.experiment.workspace.open(), run.id, timeout_s):
        if told is not None:
            told.look(record)
    if record.ended_at is None:
        _out_of_time(f"run {run.id}", timeout_s)
    elif told is not None:
        _summary("PipelineRun", "PipelineRun", pipeline_word(record.status), run.get_details())
    return _verdict(record, pipeline_word(record.status), run, raise_on_error)


def wait_for_step(run: StepRun, show_output: bool, timeout_s: float, raise_on_error: bool) -> str:
    """See StepRun.wait_for_completion."""
    stored = run.experiment.workspace.open()
    told = _StepTeller(run.experiment, run.id) if show_output else None
    for _ in looks(stored, run.pipeline_run_id, timeout_s):
        record = step_record(stored, run.id)
        if told is not None:
            told.look(record)
        if record.ended_at is not None:
            break
    else:
        _out_of_time(f"step {record.name}", timeout_s)
    return _verdict(record, step_word(record.status), run, raise_on_error)


def wait_for_single(run: SingleRun, show_output: bool, raise_on_error: bool) -> dict[str, Any]:
    """See SingleRun.wait_for_completion."""
    stored = run.experiment.workspace.open()
    tail = LogTail(stored) if show_output else None
    if show_output:
        show(f"RunId: {run.id}")
    status = ""
    for record in looks(stored, run.id, float("inf")):
        status = record.status
        if tail is not None and (steps := history.steps_of(stored.database, run.id)):
            show(tail.read(steps[0]), end="")
    found = run.get_details()
    if tail is not None:
        show(f"\nExecution Summary\n{'=' * 17}\nRunId: {run.id}\nStatus: {found['status']}")
    if raise_on_error and status == "Failed":
        raise ActivityFailedException(json.dumps(found["error"], indent=4))
    return found


def _verdict(record: records.Run | records.StepRun, word: str, run: PipelineRun | StepRun, raise_on_error: bool) -> str:
    if raise_on_error and record.status == "Failed":
        raise ActivityFailedException(json.dumps(run.get_details()["error"], indent=4))
    return word


def _out_of_time(what: str, timeout_s: float) -> None:
    show(f"Waited {timeout_s:g} seconds; {what} has not ended and goes on.")


def _summary(title: str, head: str, word: str, details: dict[str, Any]) -> None:
    title = f"{title} Execution Summary"
    show(f"\n\n{title}\n{'=' * len(title)}\n{head} Status: {word}\n{details}\n")


class _PipelineTeller:
    """Tells of a pipeline run as it goes on. One step is shown at a time, whole, in the order in which they began."""

    def __init__(self, experiment: Experiment, run: str) -> None:
        self._experiment = experiment
        self._stored = experiment.workspace.open()
        self._run = run
        self._status = ""
        self._seen: records.Run | None = None
        self._steps: list[records.StepRun] = []
        self._tellers: dict[str, _StepTeller] = {}
        show(f"PipelineRunId: {run}\nFollow it anywhere with: stepwell logs {run} -f")

    def look(self, record: records.Run) -> None:
        """Tell what is new; `record` is the run as it is now."""
        if record is not self._seen:
            self._seen = record
            self._steps = oldest_first(history.steps_of(self._stored.database, self._run))
            if record.ended_at is None:
                self._tell_status(pipeline_word(record.status))
        self._look_at_steps()
        if record.ended_at is not None:
            self._tell_status(pipeline_word(record.status))

    def _look_at_steps(self) -> None:
        for step in self._steps:
            teller = self._tellers.get(step.id)
            if teller is None:
                teller = self._tellers[step.id] = _StepTeller(self._experiment, step.id)
            teller.look(step)
            if step.ended_at is None:
                return

    def _tell_status(self, word: str) -> None:
        if word != self._status:
            self._status = word
            show(f"PipelineRun Status: {word}")


class _StepTeller:
    """Tells of one step run as it goes on."""

    def __init__(self, experiment: Experiment, step_run: str) -> None:
        self._run: StepRun = StepRun.listed(experiment, step_run)
        self._tail = LogTail(experiment.workspace.open())
        self._status = ""
        self._over = False
        show(f"\n\nStepRunId: {step_run}")

    def look(self, record: records.StepRun) -> None:
        """Tell what is new; `record` is the step run as it is now."""
        if self._over:
            return
        word = step_word(record.status)
        if word != self._status and record.ended_at is None:
            show(f"StepRun( {record.name} ) Status: {word}")
        self._status = word
        show(self._tail.read(record), end="")
        if record.ended_at is not None:
            self._over = True
            if record.reused_from is not None:
                show(f"It took the result of step run {record.reused_from}.")
            _summary(f"StepRun({record.name})", f"StepRun( {record.name} )", word, self._run.get_details())
