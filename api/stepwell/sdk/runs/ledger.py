"""Reads of the ledger that every kind of run needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from stepwell_runner.execution.ownership import is_owned, recover
from stepwell_runner.graph.model import Graph, decode
from stepwell_store.ledger import history, records
from stepwell_store.workspace import Workspace

LOOK_S = 0.05
OWNER_S = 1.0
"""How often to look whether a run's runner is alive; its death changes nothing in the database."""


def run_record(workspace: Workspace, run: str) -> records.Run:
    """A run as it is now. One whose runner died is ended first, and one that waits is begun if there is room."""
    record = history.get_run(workspace.database, run)
    if record.ended_at is None and not is_owned(workspace, run):
        recover(workspace)
        if record.started_at is None:
            from stepwell_runner.queue.dispatch import dispatch

            dispatch(workspace)  # nobody else may be left who would
        record = history.get_run(workspace.database, run)
    return record


def step_record(workspace: Workspace, step_run: str) -> records.StepRun:
    """A step run as it is now."""
    record = history.get_step(workspace.database, step_run)
    if record.ended_at is None and run_record(workspace, record.run).ended_at is not None:
        record = history.get_step(workspace.database, step_run)
    return record


def is_run(workspace: Workspace, run: str) -> bool:
    """Whether a run has exactly this id."""
    with suppress(IndexError):
        return bool(history.get_run(workspace.database, run))
    return False


def is_step_run(workspace: Workspace, step_run: str) -> bool:
    """Whether a step run has exactly this id."""
    with suppress(IndexError):
        return bool(history.get_step(workspace.database, step_run))
    return False


def newest_first(steps: list[records.StepRun]) -> list[records.StepRun]:
    """Step runs in the order in which v1 lists them: what began last, or never did, comes first."""
    return sorted(steps, key=lambda step: (step.started_at or float("inf"), step.position), reverse=True)


def oldest_first(steps: list[records.StepRun]) -> list[records.StepRun]:
    """Step runs in the order in which they began."""
    return newest_first(steps)[::-1]


@lru_cache(maxsize=4)
def graph_of(workspace: Workspace, digest: str) -> Graph:
    """A stored graph; IntegrityError when it is gone."""
    return decode(workspace.objects.read(digest))


def looks(workspace: Workspace, run: str, timeout_s: float) -> Iterator[records.Run]:
    """The run now, and again several times a second until it has ended or so many seconds are over.

    The same object comes again while nothing has been written.
    """
    deadline = time.monotonic() + timeout_s
    version, read_at = -1, 0.0
    while True:
        found, now = workspace.database.data_version(), time.monotonic()
        if found != version or now - read_at > OWNER_S:
            version, read_at = found, now
            record = run_record(workspace, run)
        yield record
        rest = deadline - time.monotonic()
        if record.ended_at is not None or rest <= 0:
            return
        time.sleep(min(LOOK_S, rest))
