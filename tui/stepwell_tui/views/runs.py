"""Runs as rows, read a page at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from stepwell_runner.verbs.steps import graph_of
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import age_text, duration_text

Having = tuple[str, str]
"""A property of runs and its value."""


class RunRow(msgspec.Struct, frozen=True):
    """One run as text. `key` is its id; `part` how much of it is done, 0 to 1, None once it is over; `age` and `span` are seconds.

    `at` are the steps that run now, or those that failed; `steps` tells how many are done, of how many.
    """

    key: str
    number: str
    status: str
    pipeline: str
    experiment: str
    steps: str
    started: str
    took: str
    git: str
    part: float | None = None
    age: float = 0.0
    span: float = 0.0
    at: str = ""


def run_rows(workspace: Workspace, offset: int, limit: int, *, text: str = "", pipeline: str | None = None,
             having: Having | None = None, order: history.RunOrder = "number", ascending: bool = False) -> list[RunRow]:
    """A page of the runs that hold a text, the newest first or in another order."""
    runs = history.list_runs(workspace.database, text=text, pipeline=pipeline, limit=limit, offset=offset, order=order,
                             ascending=ascending, having=having)
    return rows_of(workspace, runs)


def rows_of(workspace: Workspace, runs: Sequence[Run]) -> list[RunRow]:
    """These runs as rows."""
    counts = history.step_counts(workspace.database, [run.id for run in runs]) if runs else {}
    telling = [run.id for run in runs if run.ended_at is None or run.status == "Failed"]
    steps = history.steps_in_question(workspace.database, telling) if telling else {}
    now = time.time()
    return [_row(run, _whole(workspace, run, counts.get(run.id)), _at(run, steps.get(run.id, [])), now) for run in runs]


def _at(run: Run, steps: Sequence[tuple[str, str]]) -> str:
    wanted = "Failed" if run.ended_at is not None else "Running"
    found = ", ".join(step for step, status in steps if status == wanted)
    return found or ("waits for room" if run.started_at is None and run.ended_at is None else "")


def _whole(workspace: Workspace, run: Run, counts: history.Counts | None) -> history.Counts | None:
    """With the steps that have not begun, of which the ledger knows only when the run is over."""
    graph = graph_of(workspace, run) if run.ended_at is None else None
    if graph is None:
        return counts
    return msgspec.structs.replace(counts or history.Counts(0, 0, 0, 0), total=len(graph.steps))


def count_runs(workspace: Workspace, *, text: str = "", pipeline: str | None = None, having: Having | None = None) -> int:
    """How many there are."""
    return history.count_runs(workspace.database, text=text, pipeline=pipeline, having=having)


def _row(run: Run, counts: history.Counts | None, at: str, now: float) -> RunRow:
    done = "" if counts is None else f"{counts.done}/{counts.total}" + (f" ↺{counts.reused}" if counts.reused else "")
    git = run.git or {}
    commit = f"{str(git.get('commit') or '')[:7]}{'*' if git.get('dirty') else ''}"
    span = (run.ended_at or now) - run.created_at
    part = None if run.ended_at is not None else counts.done / max(1, counts.total) if counts is not None else 0.0
    return RunRow(run.id, f"#{run.number}", run.status, run.pipeline, run.experiment, done, age_text(now - run.created_at),
                  duration_text(span), commit, part, now - run.created_at, span, at)
