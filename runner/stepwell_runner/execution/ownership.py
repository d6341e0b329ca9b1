"""Who owns a run: whoever holds its lock file. A free lock on an unfinished run means that its runner died."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from stepwell_runner.execution.folders import run_folder
from stepwell_runner.targets.strays import sweep
from stepwell_store import files
from stepwell_store.errors import BusyError, MachineError
from stepwell_store.housekeeping.guard import using
from stepwell_store.ledger import history
from stepwell_store.ledger.events import RunEnded, StepEnded
from stepwell_store.locks import FileLock, holder, is_locked
from stepwell_store.workspace import Workspace

DIED = "its runner ended before it did (killed, or the machine went down)"


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


def is_adopted(workspace: Workspace, run: str) -> bool:
    """True while the owner of a run is the process that sees to the steps which its runner left."""
    return is_owned(workspace, run) and os.path.exists(_adopted_mark(workspace, run))


def mark_adopted(workspace: Workspace, run: str) -> None:
    """Say that whoever owns the run from now on is not the runner that began it."""
    files.write_atomic(_adopted_mark(workspace, run), b"", durable=False)


def _adopted_mark(workspace: Workspace, run: str) -> str:
    return os.path.join(run_folder(workspace, run), "adopted")


def request_cancel(workspace: Workspace, run: str) -> None:
    """Ask the run's owner to stop it; it looks several times a second."""
    files.write_atomic(os.path.join(run_folder(workspace, run), "cancel"), b"", durable=False)


def cancel_requested(workspace: Workspace, run: str) -> bool:
    """Whether somebody asked for the run to stop."""
    return os.path.exists(os.path.join(run_folder(workspace, run), "cancel"))


def recover(workspace: Workspace, tell: Callable[[str], object] = lambda _: None) -> list[str]:
    """End every run whose runner died: its stray processes are stopped and it is recorded as failed. The ids of those runs.

    Steps that outlive their runner are not stopped. What has ended is taken in here; a run with a step that still goes on is given to
    a process of its own (`stepwell_runner.adopter`), which `tell` hears of, in a sentence.

    May be called by several processes at once and again after a crash in the middle: whoever gets the lock does it.
    """
    return [run for run in history.begun_runs(workspace.database) if _recover(workspace, run, tell)]


def _recover(workspace: Workspace, run: str, tell: Callable[[str], object]) -> bool:
    folder = run_folder(workspace, run)
    files.make_dir(folder)
    lock = FileLock(os.path.join(folder, "lock"))
    if not lock.try_acquire():
        return False
    try:
        if history.get_run(workspace.database, run).ended_at is not None:
            return False
        sweep(run)
        running = _take_in(workspace, run) if _may_outlive(workspace, run) else _record_death(workspace, run)
    except MachineError as error:
        tell(f"run {run} was left by a runner that died, and what it left cannot be looked at: {error.what}")
        return False
    finally:
        lock.release()
    if running:
        _hand_over(workspace, run, running, tell)
    return not running


def _may_outlive(workspace: Workspace, run: str) -> bool:
    from stepwell_runner.execution.adoption import left_of

    return bool(left_of(workspace, run))


def _take_in(workspace: Workspace, run: str) -> list[str]:
    """The steps that still go on; when there are none, all that was left is taken in and the run is ended."""
    from stepwell_runner.execution.adoption import adopt, left_of

    found = left_of(workspace, run)
    if cancel_requested(workspace, run):
        for one in found:
            with suppress(MachineError):  # what an engine that does not answer still has, `gc` removes
                one.left.discard()
        return _record_death(workspace, run)
    running = [one.step.step for one in found if one.left.is_running()]
    if not running:
        with using(workspace.locks):
            adopt(workspace, run)
    return running


def _hand_over(workspace: Workspace, run: str, steps: list[str], tell: Callable[[str], object]) -> None:
    """Start the process that owns the run from now on, and wait until it does."""
    import subprocess
    import threading

    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, "-P", "-m", "stepwell_runner.adopter", str(workspace.root), run, str(write)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(write,),
                               start_new_session=True)  # fmt: skip
    os.close(write)
    with open(read, "rb") as answers:
        taken = bool(answers.readline())
    # The child outlives this process; while it does not, somebody has to take note of its end.
    threading.Thread(target=process.wait, name="adopter", daemon=True).start()
    if taken:
        tell(f"the runner of run {run} died, and {', '.join(steps)} {'goes' if len(steps) == 1 else 'go'} on without it:"
             f" process {process.pid} sees to that")


def _record_death(workspace: Workspace, run: str) -> list[str]:
    now = time.time()
    status: Literal["Canceled", "Failed"] = "Canceled" if cancel_requested(workspace, run) else "Failed"
    open_steps = history.open_steps_of(workspace.database, run)
    ended = [StepEnded(at=now, run=run, step_run=step.id, status=status, error=DIED,
                       duration_s=None if step.started_at is None else max(0.0, now - step.started_at)) for step in open_steps]
    workspace.record(*ended, RunEnded(at=now, run=run, status=status, error=DIED))
    return []
