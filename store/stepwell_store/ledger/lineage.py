"""Reads that follow a result through the runs: who made what a step took, what came before it, which snapshots are in use."""

from __future__ import annotations

import msgspec

from stepwell_store.ledger.database import Database
from stepwell_store.ledger.records import StepRun, columns, from_row


class Origin(msgspec.Struct, frozen=True):
    """The step run that really ran. `number` is that of its run; `ended_at` in seconds since 1970."""

    step_run: str
    run: str
    number: int
    ended_at: float | None


class KeptSnapshot(msgspec.Struct, frozen=True):
    """A snapshot that step runs ran in: how many, the newest of them, and when that began."""

    digest: str
    uses: int
    number: int
    run: str
    step: str
    started_at: float
    pipeline: str


class Maker(msgspec.Struct, frozen=True):
    """The step that made something, and its run by id and number."""

    run: str
    number: int
    pipeline: str
    step: str


def origins(database: Database, run: str) -> dict[str, Origin]:
    """For each reused step run of a run, by its id, the step run whose result it took."""
    rows = database.read(
        "SELECT mine.id, made.id, made.run, runs.number, made.ended_at FROM step_runs AS mine JOIN step_runs AS made"
        " ON made.id = mine.reused_from JOIN runs ON runs.id = made.run WHERE mine.run = ?", (run,))
    return {row[0]: Origin(*row[1:]) for row in rows}


def origin_of(database: Database, step_run: str) -> Origin | None:
    """When and in which run this step run ran; None when it is not known."""
    rows = database.read("SELECT step_runs.id, step_runs.run, runs.number, step_runs.ended_at FROM step_runs"
                         " JOIN runs ON runs.id = step_runs.run WHERE step_runs.id = ?", (step_run,))
    return Origin(*rows[0]) if rows else None


def earlier_result(database: Database, pipeline: str, step: str, before: int) -> StepRun | None:
    """The newest result of a step of a pipeline that a run with a number below `before` made or took."""
    # A cross join keeps the order of the runs, so that the search ends at the first one that fits.
    rows = database.read(
        "SELECT coalesce(step_runs.reused_from, step_runs.id) FROM runs CROSS JOIN step_runs ON step_runs.run = runs.id"
        " WHERE runs.pipeline = ? AND runs.number < ? AND step_runs.step = ? AND step_runs.status = 'Completed'"
        " ORDER BY runs.number DESC LIMIT 1", (pipeline, before, step))
    return _step(database, rows[0][0]) if rows else None


def _step(database: Database, step_run: str) -> StepRun | None:
    rows = database.read(f"SELECT {', '.join(columns(StepRun))} FROM step_runs WHERE id = ?", (step_run,))  # noqa: S608 - column names
    return from_row(StepRun, rows[0]) if rows else None


def snapshots(database: Database, limit: int) -> list[KeptSnapshot]:
    """The snapshots that step runs ran in, those used last first."""
    rows = database.read(
        "SELECT step_runs.snapshot, count(*), max(runs.number), runs.id, step_runs.step, step_runs.started_at,"
        " runs.pipeline FROM step_runs"
        " JOIN runs ON runs.id = step_runs.run WHERE step_runs.snapshot IS NOT NULL"
        " GROUP BY step_runs.snapshot ORDER BY 3 DESC, 5 LIMIT ?", (limit,))
    return [KeptSnapshot(*row) for row in rows]


def maker_of(database: Database, datastore: str, path: str) -> Maker | None:
    """The step whose output is at this path of a datastore, or above it; None for what no step made."""
    rows = database.read(
        "SELECT runs.id, runs.number, runs.pipeline, step_runs.step FROM outputs JOIN step_runs ON step_runs.id = outputs.step_run"
        " JOIN runs ON runs.id = step_runs.run WHERE outputs.datastore = ?1"
        " AND (outputs.path = ?2 OR substr(?2, 1, length(outputs.path) + 1) = outputs.path || '/') LIMIT 1", (datastore, path))
    return Maker(*rows[0]) if rows else None


def find_snapshots(database: Database, prefix: str) -> list[str]:
    """The digests of snapshots that begin so, at most five."""
    rows = database.read("SELECT DISTINCT snapshot FROM step_runs WHERE snapshot >= ? AND snapshot < ? LIMIT 5",
                         (prefix, prefix + "\U0010ffff"))
    return [row[0] for row in rows]
