"""Act on a run that goes on elsewhere."""

from __future__ import annotations

import time

from stepwell_runner.execution.ownership import is_owned, recover, request_cancel
from stepwell_store.errors import BusyError, UsageError
from stepwell_store.ledger import history, waiting
from stepwell_store.ledger.events import RunEnded
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace

LOOK_S = 0.05


def ask_to_stop(workspace: Workspace, run: str) -> None:
    """Ask for a run to be stopped; one that waits in the queue is ended here. Nothing happens when it is over already."""
    if history.get_run(workspace.database, run).ended_at is None and not withdraw(workspace, run):
        request_cancel(workspace, run)


def withdraw(workspace: Workspace, run: str) -> bool:
    """Cancel a run that waits in the queue; False when it has begun, or is over."""
    return waiting.end(workspace.database, RunEnded(at=time.time(), run=run, status="Canceled", error="cancelled before it began"))


def cancel(workspace: Workspace, run: str, timeout_s: float) -> str:
    """Stop a run and wait until it has ended; its status then. A run whose runner died is ended here, and so is one that waits.

    UsageError when it is over already, BusyError when its owner does not end it in time.
    """
    record = history.get_run(workspace.database, run)
    if record.ended_at is not None:
        raise UsageError(f"run {run} is over already: {record.status}")
    ask_to_stop(workspace, run)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        record = history.get_run(workspace.database, run)
        if record.ended_at is not None:
            return record.status
        if not is_owned(workspace, run):
            recover(workspace)
        else:
            time.sleep(LOOK_S)
    raise BusyError(f"run {run} was asked to stop {timeout_s:g} s ago and has not ended", todo="look at its steps with `stepwell show`")


def wait_until_ended(workspace: Workspace, run: str) -> Run:
    """The run once it has ended; when its owner dies meanwhile it is ended here."""
    while (record := history.get_run(workspace.database, run)).ended_at is None:
        if not is_owned(workspace, run):
            recover(workspace)
        time.sleep(LOOK_S)
    return record
