"""One run with its steps, and what is told of a step, as values."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from stepwell_runner.execution.sight import local_root
from stepwell_runner.planning.reasons import words
from stepwell_runner.verbs import logfiles
from stepwell_runner.verbs.leavings import Left, left_by
from stepwell_runner.verbs.measured import Measured, measured_by
from stepwell_runner.verbs.steps import graph_of, shown_status, step_named, steps_of_run
from stepwell_runner.verbs.why import Told, why_run
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.render.graph.adapt import drawable
from stepwell_tui.render.graph.model import Edge, Node
from stepwell_tui.render.text import duration_text
from stepwell_tui.views.facts import Facts, facts_of


class StepLine(msgspec.Struct, frozen=True):
    """A step in the list of steps. `log` is the file that its newest attempt writes to, None when there is none.

    `begin` and `end` are the part of the run's time in which it ran, 0 to 1; None when it did not run in it. `of` is the step
    whose trial it is, None for the steps of the graph. `took` is in seconds, so far while it runs; None when it ran nothing.
    """

    step: str
    status: str
    took: float | None
    log: str | None
    begin: float | None = None
    end: float | None = None
    of: str | None = None


class RunView(msgspec.Struct, frozen=True):
    """A run as the run screen shows it."""

    run: Run
    steps: tuple[StepLine, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.run.ended_at is not None

    @property
    def done(self) -> int:
        """How many steps of the graph have a result."""
        return sum(step.status in ("Completed", "Reused") for step in self.steps if step.of is None)

    @property
    def total(self) -> int:
        """How many steps the graph has."""
        return sum(step.of is None for step in self.steps)

    def took(self, now: float) -> str:
        """How long it took, or takes so far, at this time in seconds since 1970."""
        return duration_text(max(0.0, (self.run.ended_at or now) - self.run.created_at))


def run_view(workspace: Workspace, run: str) -> RunView:
    """Everything about a run but what is told of single steps."""
    record = history.get_run(workspace.database, run)
    steps = steps_of_run(workspace, record)
    now = time.time()
    status = {step.step: shown_status(step) for step in steps}
    graph = graph_of(workspace, record)
    took = {step.step: duration_text(span) for step in steps if (span := _took(step, now)) is not None}
    nodes, edges = drawable(graph, status, took) if graph is not None else ([], [])
    lines = tuple(line for step in steps for line in _lines(workspace, record, step, now))
    return RunView(record, lines, tuple(nodes), tuple(edges))


def _lines(workspace: Workspace, run: Run, step: StepRun, now: float) -> Iterator[StepLine]:
    """A step, and below it its trials when it is a sweep that ran here."""
    yield _line(workspace, run, step, now, None)
    if step.ingredients.keys() & {"work/space"} and step.reused_from is None:
        for trial in history.trials_of(workspace.database, step.id):
            yield _line(workspace, run, trial, now, step.step)


def _line(workspace: Workspace, run: Run, step: StepRun, now: float, of: str | None) -> StepLine:
    return StepLine(step.step, shown_status(step), _took(step, now), log_of(workspace, step), *_part(run, step, now), of)


def _part(run: Run, step: StepRun, now: float) -> tuple[float | None, float | None]:
    if step.started_at is None or step.reused_from is not None:
        return None, None
    begun = run.started_at or run.created_at
    span = max((run.ended_at or now) - begun, 1e-9)
    begin, end = ((at - begun) / span for at in (step.started_at, step.ended_at or run.ended_at or now))
    return min(max(begin, 0.0), 1.0), min(max(end, 0.0), 1.0)


def _took(step: StepRun, now: float) -> float | None:
    if step.duration_s is not None and step.reused_from is None:
        return step.duration_s
    return now - step.started_at if step.status == "Running" and step.started_at is not None else None


def log_of(workspace: Workspace, step: StepRun) -> str | None:
    """The log of what made a step's result; None when it has not begun."""
    made = _made(workspace, step)
    return logfiles.log_of(workspace, made) if made.attempt else None


def _made(workspace: Workspace, step: StepRun) -> StepRun:
    """The step run that made a step's result."""
    return history.get_step(workspace.database, step.reused_from) if step.reused_from else step


class Series(msgspec.Struct, frozen=True):
    """A metric that was logged as numbers."""

    name: str
    values: tuple[float, ...]


class Leaving(msgspec.Struct, frozen=True):
    """What a step left: an output with its datastore and its place there, or an artifact. `path` is absolute, `size` in bytes."""

    name: str
    kind: str
    size: int
    files: int
    path: str
    datastore: str | None = None
    place: str = ""


class StepView(msgspec.Struct, frozen=True):
    """What is told of one step: why it ran, metrics, what it left, and facts in groups.

    `said` are metrics that are no numbers, by name, in words; foreign text.
    """

    told: Told
    reasons: tuple[str, ...]
    series: tuple[Series, ...]
    left: tuple[Leaving, ...]
    facts: tuple[Facts, ...]
    snapshot: str | None = None
    said: tuple[tuple[str, str], ...] = ()


def step_view(workspace: Workspace, run: str, step: str) -> StepView | None:
    """What is told of a step; None when the run has no such step."""
    record = history.get_run(workspace.database, run)
    try:
        one = step_named(workspace, steps_of_run(workspace, record), step)
    except UsageError:
        return None
    [told] = why_run(workspace, record, [one])
    reasons = tuple(words(reason) for reason in told.reasons)
    measured = measured_by(workspace, one)
    return StepView(told, reasons, tuple(Series(one.name, tuple(one.values)) for one in measured if one.values), _left(workspace, one),
                    facts_of(workspace, record, one), _made(workspace, one).snapshot,
                    tuple((one.name, _said(one)) for one in measured if not one.values))


def _said(one: Measured) -> str:
    latest = one.latest if isinstance(one.latest, str) else msgspec.json.encode(one.latest).decode()
    return f"{len(one.rows)} rows, the last one {msgspec.json.encode(one.rows[-1]).decode()}" if one.rows else latest


def _left(workspace: Workspace, step: StepRun) -> tuple[Leaving, ...]:
    return tuple(Leaving(one.name, one.kind, one.size, one.files, str(one.path), one.datastore, _place(workspace, one))
                 for one in left_by(workspace, step))


def _place(workspace: Workspace, one: Left) -> str:
    """Where it is on its datastore."""
    return os.path.relpath(one.path, local_root(workspace.datastore(one.datastore))) if one.datastore is not None else ""


def neighbour(workspace: Workspace, run: str, *, newer: bool) -> str | None:
    """The next or previous run of the same pipeline."""
    record = history.get_run(workspace.database, run)
    compared, order = (">", "ASC") if newer else ("<", "DESC")
    rows = workspace.database.read(
        f"SELECT id FROM runs WHERE pipeline = ? AND number {compared} ? ORDER BY number {order} LIMIT 1",  # noqa: S608 - two constants
        (record.pipeline, record.number))
    return str(rows[0][0]) if rows else None


def copies(view: RunView, step: str | None, told: StepView | None, base: Path) -> Iterator[tuple[str, str]]:
    """What may be wanted on the clipboard: names and values."""
    run = view.run
    yield "id", run.id
    yield "command", shlex.join(["stepwell", "show", "-w", str(base), run.id[:8]])
    if step is not None:
        yield "logs command", shlex.join(["stepwell", "logs", "-w", str(base), f"{run.id[:8]}/{step}"])
    log = next((line.log for line in view.steps if line.step == step), None)
    if log is not None:
        yield "log file", log
    commit = (run.git or {}).get("commit")
    if commit:
        yield "commit", str(commit)
    if told is not None:
        if told.snapshot is not None:
            yield "snapshot", told.snapshot
        yield from ((f"output {one.name}", one.path) for one in told.left)
    if run.parameters:
        yield "parameters", msgspec.json.encode(run.parameters).decode()
