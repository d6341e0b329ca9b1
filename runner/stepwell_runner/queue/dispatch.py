"""Start what waits, as far as there is room. Anybody may do it, as often as they like: whoever submits, whose run has ended, a server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from stepwell_runner.queue.enqueue import room_in
from stepwell_runner.queue.lineup import runs_on
from stepwell_store.errors import BusyError
from stepwell_store.ledger import waiting
from stepwell_store.locks import FileLock
from stepwell_store.workspace import Workspace

_WAIT_S = 60.0


def dispatch(workspace: Workspace, at_most: int | None = None) -> list[str]:
    """Start the runs for which there is room, the oldest first, each in a process of its own; the ids of those that began.

    A run that cannot have its target holds back the later ones that want the same target. One caller does it at a time; the
    others wait for it, so that nothing that changed before they called is missed. `at_most` is how many to start.
    """
    started: list[str] = []
    lock = FileLock(os.path.join(workspace.locks, "dispatch.lock"))
    if not waiting.count(workspace.database):
        return started
    try:
        lock.acquire(_WAIT_S)
    except BusyError:
        return started  # somebody is at it, and looks again before it ends
    try:
        failed: set[str] = set()
        while (at_most is None or len(started) < at_most) and (run := _next(workspace, failed)):
            if _start(workspace, run):
                started.append(run)
            else:
                failed.add(run)
    finally:
        lock.release()
    return started


def _next(workspace: Workspace, without: set[str]) -> str | None:
    """The first run of the line for whose targets there is room."""
    heads = waiting.heads(workspace.database, without)
    if not heads:
        return None
    taken = runs_on(workspace)
    full: set[str] = set()
    for run, targets in heads:
        full.update(target for target in targets if taken[target] >= room_in(workspace, target))
        if not full.intersection(targets):
            return run
        full.update(targets)  # those behind it wait, too
    return None


def _start(workspace: Workspace, run: str) -> bool:
    """Start the process of a run and wait until it owns it; False when it ended before that."""
    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, "-P", "-m", "stepwell_runner.queue.begin", str(workspace.root), run, str(write)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(write,),
                               start_new_session=True, cwd=workspace.base)
    os.close(write)
    # It may outlive this process; while it does not, somebody has to take note of its end.
    threading.Thread(target=process.wait, name="started run", daemon=True).start()
    with open(read, "rb") as answers:
        return answers.readline() != b""
