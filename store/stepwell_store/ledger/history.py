"""Reads of history, for every door. Lists come in pages; nothing here loads what was not asked for."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from stepwell_store.errors import UsageError
from stepwell_store.ledger import events
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.records import Artifact, Metric, OutputRecord, Run, StepRun, from_row, select

_RUN = select(Run, "runs")
_STEP = select(StepRun, "step_runs")
_COMMIT = "coalesce(git ->> '$.commit', '')"
_NAMES = f"pipeline || ' ' || experiment || ' ' || status || ' ' || id || ' ' || {_COMMIT}"

RunOrder = Literal["number", "status", "pipeline", "experiment", "took", "commit"]
"""What runs are sorted by; `took` is how long, where what goes on counts as the longest."""
_ORDERS: dict[RunOrder, str] = {
    "number": "number", "status": "status", "pipeline": "pipeline", "experiment": "experiment",
    "took": "coalesce(ended_at, 1e12) - created_at", "commit": _COMMIT,
}


class Result(msgspec.Struct, frozen=True):
    """A finished step run that a later one may reuse."""

    step_run: str
    fingerprint: str
    outputs: tuple[OutputRecord, ...] = ()


class Attempt(msgspec.Struct, frozen=True):
    """One attempt at a step: the step run, its run, the key of the step, and which attempt it was, counted from 1."""

    step_run: str
    run: str
    step: str
    number: int


class Counts(msgspec.Struct, frozen=True):
    """How many steps of a run are in which state; reused ones are Completed too."""

    total: int
    done: int
    reused: int
    failed: int


def find_run(database: Database, name: str) -> Run:
    """The run with this id, unique prefix of one, number such as `#12`, or `@last`."""
    if name == "@last":
        rows = database.read(_RUN + "ORDER BY number DESC LIMIT 1")
    elif name.startswith("#") and name[1:].isdigit():
        rows = database.read(_RUN + "WHERE number = ?", (int(name[1:]),))
    else:
        rows = database.read(_RUN + "WHERE id >= ? AND id < ? LIMIT 5", (name, name + "\U0010ffff"))
    if len(rows) == 1:
        return from_row(Run, rows[0])
    if not rows:
        raise UsageError(f"there is no run {name}", todo="`stepwell runs` lists them; @last is the newest one")
    ids = ", ".join(from_row(Run, row).id for row in rows)
    raise UsageError(f"{name} begins more than one run id: {ids}", todo="give more characters of it")


def get_run(database: Database, run: str) -> Run:
    """The run with exactly this id."""
    return from_row(Run, database.read(_RUN + "WHERE id = ?", (run,))[0])


def list_runs(database: Database, *, experiment: str | None = None, pipeline: str | None = None, status: str | None = None,
              text: str = "", before: int | None = None, limit: int = 50, offset: int = 0, order: RunOrder = "number",
              ascending: bool = False, having: tuple[str, str] | None = None) -> list[Run]:
    """The newest runs first, or those with the most of what `order` names.

    `before` is a run number to go on from, `text` is something that their names, ids or commits hold, `having` a property and its value.
    """
    where, values = _where(experiment, pipeline, status, text, before, having)
    by = f"{_ORDERS[order]} {'ASC' if ascending else 'DESC'}{'' if order == 'number' else ', number DESC'}"
    rows = database.read(f"{_RUN}{where}ORDER BY {by} LIMIT :limit OFFSET :offset", {**values, "limit": limit, "offset": offset})
    return [from_row(Run, row) for row in rows]


def count_runs(database: Database, *, experiment: str | None = None, pipeline: str | None = None, status: str | None = None,
               text: str = "", having: tuple[str, str] | None = None) -> int:
    """How many runs there are of those that `list_runs` would list."""
    where, values = _where(experiment, pipeline, status, text, None, having)
    return int(database.read(f"SELECT count(*) FROM runs {where}", values)[0][0])  # noqa: S608 - columns are constants


def _where(experiment: str | None, pipeline: str | None, status: str | None, text: str, before: int | None,
           having: tuple[str, str] | None) -> tuple[str, dict[str, Any]]:
    wanted = {"experiment": experiment, "pipeline": pipeline, "status": status}
    clauses = [f"{column} = :{column}" for column, value in wanted.items() if value is not None]
    if before is not None:
        clauses.append("number < :before")
    if text:
        clauses.append(f"(instr(lower({_NAMES}), lower(:text)) OR '#' || number = :text)")
    if having is not None:
        clauses.append("json_extract(properties, :property) = :value")
    name, value = having or ("", "")
    return f"WHERE {' AND '.join(clauses)} " if clauses else "", {
        **wanted, "before": before, "text": text, "property": f'$."{name}"', "value": value}


def unfinished_runs(database: Database) -> list[str]:
    """Ids of the runs that have not ended."""
    return [row[0] for row in database.read("SELECT id FROM runs WHERE ended_at IS NULL")]


def begun_runs(database: Database) -> list[str]:
    """Ids of the runs that have begun and not ended, which somebody has to own; those that wait in the queue are not among them."""
    return [row[0] for row in database.read("SELECT id FROM runs WHERE ended_at IS NULL AND started_at IS NOT NULL")]


def step_counts(database: Database, runs: list[str]) -> dict[str, Counts]:
    """How far each of the runs is."""
    marks = ", ".join("?" * len(runs))
    sums = "count(*), sum(status = 'Completed'), sum(reused_from IS NOT NULL), sum(status = 'Failed')"
    rows = database.read(f"SELECT run, {sums} FROM step_runs WHERE run IN ({marks}) AND parent IS NULL GROUP BY run", runs)  # noqa: S608 - question marks
    return {row[0]: Counts(*row[1:]) for row in rows}


def steps_in_question(database: Database, runs: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Of each of the runs the steps that run now or failed, with their status, in the order of the graph."""
    marks = ", ".join("?" * len(runs))
    rows = database.read(f"SELECT run, step, status FROM step_runs WHERE run IN ({marks}) AND parent IS NULL"  # noqa: S608 - question marks
                         " AND status IN ('Running', 'Failed') ORDER BY run, position", runs)
    found: dict[str, list[tuple[str, str]]] = {}
    for run, step, status in rows:
        found.setdefault(run, []).append((step, status))
    return found


def steps_of(database: Database, run: str) -> list[StepRun]:
    """The step runs of a run, in the order of the graph, without the trials of sweeps."""
    return [from_row(StepRun, row) for row in database.read(_STEP + "WHERE run = ? AND parent IS NULL ORDER BY position", (run,))]


def trials_of(database: Database, step_run: str) -> list[StepRun]:
    """The trials of a sweep, in the order in which they were made."""
    return [from_row(StepRun, row) for row in database.read(_STEP + "WHERE parent = ? ORDER BY position", (step_run,))]


def open_steps_of(database: Database, run: str) -> list[StepRun]:
    """The step runs of a run that have begun and not ended, trials among them."""
    return [from_row(StepRun, row) for row in
            database.read(_STEP + "WHERE run = ? AND ended_at IS NULL AND status = 'Running' ORDER BY position", (run,))]


def find_step(database: Database, run: str, step: str) -> StepRun:
    """A step run of a run by step key or name; the first one when several have the name."""
    steps = steps_of(database, run)
    found = [one for one in steps if one.step == step] or [one for one in steps if one.name == step]
    if not found:
        raise UsageError(f"the run has no step {step}", todo=f"its steps are: {', '.join(one.step for one in steps) or 'none yet'}")
    return found[0]


def get_step(database: Database, step_run: str) -> StepRun:
    """The step run with exactly this id."""
    return from_row(StepRun, database.read(_STEP + "WHERE id = ?", (step_run,))[0])


def attempts_of(database: Database, step_runs: list[str]) -> list[Attempt]:
    """The last attempt of each of these step runs."""
    marks = ",".join("?" * len(step_runs))
    rows = database.read(f"SELECT id, run, step, attempt FROM step_runs WHERE id IN ({marks})", step_runs)  # noqa: S608 - question marks
    return [Attempt(*row) for row in rows]


def outputs_of(database: Database, step_run: str) -> list[OutputRecord]:
    """What a step left. For a reused one ask for the outputs of `reused_from`."""
    return [from_row(OutputRecord, row) for row in
            database.read(select(OutputRecord, "outputs", "WHERE step_run = ? ORDER BY name"), (step_run,))]


def artifacts_of(database: Database, owner: str) -> list[Artifact]:
    """The artifacts of a run or step run."""
    return [from_row(Artifact, row) for row in database.read(select(Artifact, "artifacts", "WHERE owner = ? ORDER BY name"), (owner,))]


def metrics_of(database: Database, owner: str, name: str | None = None) -> list[Metric]:
    """The metrics of a run or step run, in the order in which they were logged."""
    rows = database.read(select(Metric, "metrics", "WHERE owner = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY id"), (owner, name))
    return [from_row(Metric, row) for row in rows]


def latest_results(database: Database, pipeline: str) -> dict[str, Result]:
    """For each step of a pipeline the newest result, with its outputs."""
    rows = database.read(
        "SELECT latest.step, latest.step_run, latest.fingerprint, outputs.name, outputs.kind, outputs.datastore, outputs.path,"
        " outputs.digest, outputs.seal, outputs.size, outputs.files"
        " FROM latest LEFT JOIN outputs ON outputs.step_run = latest.step_run WHERE latest.pipeline = ?", (pipeline,))
    found: dict[str, Result] = {}
    for step, step_run, fingerprint, *output in rows:
        earlier = found.get(step)
        found[step] = Result(step_run, fingerprint, (*(earlier.outputs if earlier else ()), *_output(step_run, output)))
    return found


def _output(step_run: str, values: list[Any]) -> tuple[OutputRecord, ...]:
    if values[0] is None:
        return ()
    name, kind, datastore, path, digest, seal, size, files = values
    return (OutputRecord(step_run=step_run, name=name, kind=kind, datastore=datastore, path=path, digest=digest, seal=seal,
                         size=size, files=files),)


def results_with(database: Database, fingerprint: str, *, not_of: str | None = None) -> list[Result]:
    """Results of any pipeline that were made from exactly this, the newest first; those of the run `not_of` do not count."""
    rows = database.read("SELECT id FROM step_runs WHERE fingerprint = ?1 AND status = 'Completed' AND reused_from IS NULL"
                         " AND run IS NOT ?2 ORDER BY ended_at DESC LIMIT 5", (fingerprint, not_of))
    return [Result(row[0], fingerprint, tuple(outputs_of(database, row[0]))) for row in rows]


def events_since(database: Database, cursor: int, *, run: str | None = None, limit: int = 1000) -> list[tuple[int, events.AnyEvent]]:
    """Events after the cursor, with their sequence numbers."""
    rows = database.read("SELECT seq, payload FROM events WHERE seq > ?1 AND (?2 IS NULL OR run = ?2) ORDER BY seq LIMIT ?3",
                         (cursor, run, limit))
    return [(row[0], events.decode(row[1])) for row in rows]
