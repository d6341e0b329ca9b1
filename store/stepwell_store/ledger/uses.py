"""Reads of what runs used: environments, commits, and the steps that run now. Each answers for the whole history at once."""

from __future__ import annotations

import msgspec

from stepwell_store.ledger.database import Database


class EnvironmentUse(msgspec.Struct, frozen=True):
    """How many step runs ran in an environment (its digest), which steps they were of, and when the newest of them began."""

    digest: str
    uses: int
    steps: tuple[str, ...]
    newest_at: float | None


class CommitUse(msgspec.Struct, frozen=True):
    """The runs that saw a commit: how many, how many of them with uncommitted changes, and the newest one."""

    commit: str
    branch: str | None
    runs: int
    dirty: int
    number: int
    run: str
    status: str
    at: float


class RunningStep(msgspec.Struct, frozen=True):
    """A step that has begun and has not ended."""

    run: str
    number: int
    pipeline: str
    step: str
    target: str
    started_at: float | None


def environment_uses(database: Database) -> list[EnvironmentUse]:
    """The environments that step runs ran in, those used last first. Steps that took an earlier result ran in none."""
    rows = database.read(
        "SELECT json_extract(ingredients, '$.environment') AS digest, pipeline || '/' || step, count(*), max(step_runs.started_at)"
        " FROM step_runs JOIN runs ON runs.id = step_runs.run WHERE reused_from IS NULL AND digest IS NOT NULL"
        " GROUP BY digest, pipeline, step ORDER BY 4 DESC")
    found: dict[str, EnvironmentUse] = {}
    for digest, step, uses, newest in rows:
        known = found.get(digest) or EnvironmentUse(digest, 0, (), newest)
        found[digest] = EnvironmentUse(digest, known.uses + uses, (*known.steps, step), known.newest_at)
    return list(found.values())


def commit_uses(database: Database, limit: int) -> list[CommitUse]:
    """The commits that runs saw, those seen last first."""
    rows = database.read(
        "SELECT json_extract(git, '$.commit') AS seen, json_extract(git, '$.branch'), count(*),"
        " coalesce(sum(json_extract(git, '$.dirty')), 0), max(number), id, status, created_at FROM runs"
        " WHERE git IS NOT NULL AND seen IS NOT NULL GROUP BY seen ORDER BY 5 DESC LIMIT ?", (limit,))
    return [CommitUse(*row) for row in rows]


def running_steps(database: Database) -> list[RunningStep]:
    """The steps that run now, in the order in which they began; of a sweep its trials, which are what takes room."""
    rows = database.read(
        "SELECT runs.id, number, pipeline, step, target, step_runs.started_at FROM runs JOIN step_runs ON step_runs.run = runs.id"
        " WHERE runs.ended_at IS NULL AND step_runs.status = 'Running'"
        " AND NOT EXISTS (SELECT 1 FROM step_runs AS trials WHERE trials.parent = step_runs.id) ORDER BY step_runs.started_at")
    return [RunningStep(*row) for row in rows]
