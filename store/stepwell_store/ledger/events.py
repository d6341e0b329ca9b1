"""What happened, in order. Appending an event and changing the rows that follow from it are one transaction.

The rows of history are a fold over the events: `replay` makes them again from nothing, and a property test compares.
Log lines are not events; metrics come in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from stepwell_store.ledger import records
from stepwell_store.ledger.records import Artifact, Metric, OutputRecord, Run, RunStatus, StepRun, StepStatus

if TYPE_CHECKING:
    import sqlite3


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the events. `at` is seconds since 1970 in UTC."""

    at: float
    run: str


class RunCreated(Event, frozen=True, kw_only=True, tag="run_created"):
    """A pipeline was submitted."""

    record: Run


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """Its runner began to work."""


class RunDescribed(Event, frozen=True, kw_only=True, tag="run_described"):
    """Git facts, tags or properties were added to a run, or tags taken away."""

    git: dict[str, Any] | None = None
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    untagged: list[str] = []


class RunEnded(Event, frozen=True, kw_only=True, tag="run_ended"):
    """It is over."""

    status: RunStatus
    error: str | None = None


class Reused(msgspec.Struct, frozen=True, array_like=True):
    """One step that took an earlier result."""

    id: str
    position: int
    step: str
    name: str
    kind: str
    target: str
    reused_from: str
    fingerprint: str
    parent: str | None = None


class StepsReused(Event, frozen=True, kw_only=True, tag="steps_reused"):
    """Steps that took earlier results, many at a time."""

    steps: list[Reused]


class StepStarted(Event, frozen=True, kw_only=True, tag="step_started"):
    """A step began to run, with why and from what."""

    record: StepRun


class StepRetried(Event, frozen=True, kw_only=True, tag="step_retried"):
    """A step failed and is tried again."""

    step_run: str
    attempt: int
    error: str


class StepEnded(Event, frozen=True, kw_only=True, tag="step_ended"):
    """A step is over, with what it left."""

    step_run: str
    status: StepStatus
    duration_s: float | None = None
    exit_code: int | None = None
    error: str | None = None
    outputs: list[OutputRecord] = []
    artifacts: list[Artifact] = []


class StepsSkipped(Event, frozen=True, kw_only=True, tag="steps_skipped"):
    """Steps that will not run, because one that they need did not complete or was left out."""

    steps: list[StepRun]


class MetricsLogged(Event, frozen=True, kw_only=True, tag="metrics_logged"):
    """Values that a step reported since the last batch."""

    metrics: list[Metric]


class StepDescribed(Event, frozen=True, kw_only=True, tag="step_described"):
    """A step run got tags or properties, or lost tags."""

    step_run: str
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    untagged: list[str] = []


class ArtifactsKept(Event, frozen=True, kw_only=True, tag="artifacts_kept"):
    """Files were put with a run or step run from outside of its steps."""

    artifacts: list[Artifact]


class StepNoted(Event, frozen=True, kw_only=True, tag="step_noted"):
    """Something that takes time before or after a step runs, for people who watch. Changes no row."""

    step_run: str
    message: str


class OutputResealed(Event, frozen=True, kw_only=True, tag="output_resealed"):
    """The same bytes were found under a new stat identity, for example after the workspace was copied."""

    step_run: str
    name: str
    seal: str


AnyEvent = (RunCreated | RunStarted | RunDescribed | RunEnded | StepsReused | StepStarted | StepRetried | StepEnded | StepsSkipped
            | MetricsLogged | StepDescribed | StepNoted | OutputResealed | ArtifactsKept)
HISTORY_TABLES = ("metrics", "artifacts", "outputs", "latest", "step_runs", "runs")

_encode = msgspec.json.Encoder().encode

_INSERT_RUN = records.insert(Run, "runs")
_INSERT_STEP = records.insert(StepRun, "step_runs")
_INSERT_OUTPUT = records.insert(OutputRecord, "outputs")
_INSERT_ARTIFACT = records.insert(Artifact, "artifacts").replace("INSERT", "INSERT OR REPLACE", 1)
_INSERT_METRIC = records.insert(Metric, "metrics")
_INSERT_REUSED = (
    "INSERT INTO step_runs (id, run, position, step, name, kind, status, target, reused_from, fingerprint, started_at, ended_at,"
    " duration_s, ingredients, reasons, attempt, tags, properties, parent)"
    " VALUES (?, ?, ?, ?, ?, ?, 'Completed', ?, ?, ?, ?, ?, 0.0, '{}', '[]', 0, '{}', '{}', ?)"
)
_KEEP_LATEST = (
    "INSERT INTO latest (pipeline, step, step_run, fingerprint) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET step_run = excluded.step_run, fingerprint = excluded.fingerprint WHERE step_run <> excluded.step_run"
)


def append(connection: sqlite3.Connection, events: Iterable[AnyEvent]) -> None:
    """Append events and change the rows, inside the caller's write transaction."""
    for event in events:
        connection.execute("INSERT INTO events (at, kind, run, payload) VALUES (?, ?, ?, ?)",
                           (event.at, event.__struct_config__.tag, event.run, _encode(event).decode()))
        project(connection, event)


def next_number(connection: sqlite3.Connection) -> int:
    """The number of the next run, inside the caller's write transaction."""
    return int(connection.execute("SELECT coalesce(max(number), 0) + 1 FROM runs").fetchone()[0])


def decode(payload: str) -> AnyEvent:
    """An event from its stored form."""
    return _decoder().decode(payload)


@cache
def _decoder() -> msgspec.json.Decoder[AnyEvent]:
    # Made when it is needed: most commands only write events.
    return msgspec.json.Decoder(AnyEvent)


def replay(connection: sqlite3.Connection, payloads: Iterable[str]) -> None:
    """Empty the tables of history and make them again from events, inside the caller's write transaction."""
    for table in HISTORY_TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant of this module
    for payload in payloads:
        project(connection, decode(payload))


def project(connection: sqlite3.Connection, event: AnyEvent) -> None:
    """Change the rows by what one event says."""
    _PROJECTIONS[type(event)](connection, event)


def _run_created(connection: sqlite3.Connection, event: RunCreated) -> None:
    connection.execute(_INSERT_RUN, records.to_row(event.record))


def _run_started(connection: sqlite3.Connection, event: RunStarted) -> None:
    connection.execute("UPDATE runs SET status = 'Running', started_at = ? WHERE id = ?", (event.at, event.run))
    connection.execute("DELETE FROM queue WHERE run = ?", (event.run,))


def _run_described(connection: sqlite3.Connection, event: RunDescribed) -> None:
    _merge(connection, "runs", event.run, event.tags, event.properties, event.untagged)
    if event.git is not None:
        connection.execute("UPDATE runs SET git = ? WHERE id = ?", (_encode(event.git).decode(), event.run))


def _run_ended(connection: sqlite3.Connection, event: RunEnded) -> None:
    connection.execute("UPDATE runs SET status = ?, error = ?, ended_at = ? WHERE id = ?",
                       (event.status, event.error, event.at, event.run))
    connection.execute("DELETE FROM queue WHERE run = ?", (event.run,))


def _steps_reused(connection: sqlite3.Connection, event: StepsReused) -> None:
    connection.executemany(_INSERT_REUSED, [
        (step.id, event.run, step.position, step.step, step.name, step.kind, step.target, step.reused_from, step.fingerprint,
         event.at, event.at, step.parent) for step in event.steps])
    pipeline = connection.execute("SELECT pipeline FROM runs WHERE id = ?", (event.run,)).fetchone()[0]
    connection.executemany(_KEEP_LATEST, [(pipeline, step.step, step.reused_from, step.fingerprint) for step in event.steps
                                               if step.parent is None])


def _step_started(connection: sqlite3.Connection, event: StepStarted) -> None:
    connection.execute(_INSERT_STEP, records.to_row(event.record))


def _step_retried(connection: sqlite3.Connection, event: StepRetried) -> None:
    connection.execute("UPDATE step_runs SET attempt = ?, error = ? WHERE id = ?", (event.attempt, event.error, event.step_run))


def _step_ended(connection: sqlite3.Connection, event: StepEnded) -> None:
    connection.execute("UPDATE step_runs SET status = ?, ended_at = ?, duration_s = ?, exit_code = ?, error = ? WHERE id = ?",
                       (event.status, event.at, event.duration_s, event.exit_code, event.error, event.step_run))
    connection.executemany(_INSERT_OUTPUT, map(records.to_row, event.outputs))
    connection.executemany(_INSERT_ARTIFACT, map(records.to_row, event.artifacts))
    if event.status == "Completed":
        connection.execute(
            "INSERT OR REPLACE INTO latest (pipeline, step, step_run, fingerprint)"
            " SELECT runs.pipeline, step_runs.step, step_runs.id, step_runs.fingerprint FROM step_runs"
            " JOIN runs ON runs.id = step_runs.run WHERE step_runs.id = ? AND step_runs.parent IS NULL", (event.step_run,))


def _steps_skipped(connection: sqlite3.Connection, event: StepsSkipped) -> None:
    connection.executemany(_INSERT_STEP, map(records.to_row, event.steps))


def _metrics_logged(connection: sqlite3.Connection, event: MetricsLogged) -> None:
    connection.executemany(_INSERT_METRIC, map(records.to_row, event.metrics))


def _step_described(connection: sqlite3.Connection, event: StepDescribed) -> None:
    _merge(connection, "step_runs", event.step_run, event.tags, event.properties, event.untagged)


def _artifacts_kept(connection: sqlite3.Connection, event: ArtifactsKept) -> None:
    connection.executemany(_INSERT_ARTIFACT, map(records.to_row, event.artifacts))


def _step_noted(connection: sqlite3.Connection, event: StepNoted) -> None:
    del connection, event


def _output_resealed(connection: sqlite3.Connection, event: OutputResealed) -> None:
    connection.execute("UPDATE outputs SET seal = ? WHERE step_run = ? AND name = ?", (event.seal, event.step_run, event.name))


def _merge(connection: sqlite3.Connection, table: Literal["runs", "step_runs"], key: str, tags: dict[str, str],
           properties: dict[str, str], untagged: list[str]) -> None:
    row = connection.execute(f"SELECT tags, properties FROM {table} WHERE id = ?", (key,)).fetchone()  # noqa: S608
    if row is None:
        return
    kept = {key: value for key, value in msgspec.json.decode(row[0]).items() if key not in untagged}
    merged = [_encode(one).decode() for one in ({**kept, **tags}, {**msgspec.json.decode(row[1]), **properties})]
    connection.execute(f"UPDATE {table} SET tags = ?, properties = ? WHERE id = ?", (*merged, key))  # noqa: S608


_PROJECTIONS: dict[type, Callable[[sqlite3.Connection, Any], None]] = {
    RunCreated: _run_created, RunStarted: _run_started, RunDescribed: _run_described, RunEnded: _run_ended,
    StepsReused: _steps_reused, StepStarted: _step_started, StepRetried: _step_retried, StepEnded: _step_ended,
    StepsSkipped: _steps_skipped, MetricsLogged: _metrics_logged, StepDescribed: _step_described,
    StepNoted: _step_noted, OutputResealed: _output_resealed, ArtifactsKept: _artifacts_kept,
}
