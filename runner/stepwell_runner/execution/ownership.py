"""Who owns a run: whoever holds its lock file. A free lock on an unfinished run means that its runner died."""

from __future__ import annotations

import os
import time
from typing import Literal

from stepwell_runner.targets.strays import sweep
from stepwell_store import files
from stepwell_store.errors import BusyError
from stepwell_store.ledger import history
from stepwell_store.ledger.events import RunEnded, StepEnded
from stepwell_store.locks import FileLock, holder, is_locked
from stepwell_store.workspace import Workspace

DIED = "its runner ended before it did (killed, or the machine went down)"


def run_folder(workspace: Workspace, run: str) -> str:
    """Where everything of a run lies."""
    return os.path.join(workspace.runs, run)


def attempt_folder(workspace: Workspace, run: str, step: str, attempt: int) -> str:
    """Where one attempt at one step lies."""
    return os.path.join(workspace.runs, run, step, str(attempt))


def reports_file(folder: str) -> str:
    """The file that takes what is reported of an attempt in this folder."""
    return os.path.join(folder, "reports.jsonl")


def own(workspace: Workspace, run: str) -> FileLock:
    """Take a run for this process, for as long as it lives or until released. BusyError names who has it."""
    folder = run_folder(workspace, run)
    files.make_dir(folder)
    lock = FileLock(os.path.join(folder, "lock"))
    if not lock.try_acquire():
        who = holder(lock.path)
        raise BusyError(f"run {run} belongs to process {who.pid if who else 'unknown'}", todo="wait for it, or `stepwell cancel` it")
    return lock


def is_owned(workspace: Workspace, run: str) -> bool:
    """True while a living process works on the run."""
    return is_locked(os.path.join(run_folder(workspace, run), "lock"))


def request_cancel(workspace: Workspace, run: str) -> None:
    """Ask the run's owner to stop it; it looks several times a second."""
    files.write_atomic(os.path.join(run_folder(workspace, run), "cancel"), b"", durable=False)


def cancel_requested(workspace: Workspace, run: str) -> bool:
    """Whether somebody asked for the run to stop."""
    return os.path.exists(os.path.join(run_folder(workspace, run), "cancel"))


def recover(workspace: Workspace) -> list[str]:
    """End every run whose runner died: its stray processes are stopped and it is recorded as failed. The ids of those runs.

    May be called by several processes at once and again after a crash in the middle: whoever gets the lock does it.
    """
    return [run for run in history.begun_runs(workspace.database) if _recover(workspace, run)]


def _recover(workspace: Workspace, run: str) -> bool:
    folder = run_folder(workspace, run)
    files.make_dir(folder)
    lock = FileLock(os.path.join(folder, "lock"))
    if not lock.try_acquire():
        return False
    try:
        if history.get_run(workspace.database, run).ended_at is not None:
            return False
        sweep(run)
        _record_death(workspace, run)
    finally:
        lock.release()
    return True


def _record_death(workspace: Workspace, run: str) -> None:
    now = time.time()
    status: Literal["Canceled", "Failed"] = "Canceled" if cancel_requested(workspace, run) else "Failed"
    open_steps = history.open_steps_of(workspace.database, run)
    ended = [StepEnded(at=now, run=run, step_run=step.id, status=status, error=DIED,
                       duration_s=None if step.started_at is None else max(0.0, now - step.started_at)) for step in open_steps]
    workspace.record(*ended, RunEnded(at=now, run=run, status=status, error=DIED))
