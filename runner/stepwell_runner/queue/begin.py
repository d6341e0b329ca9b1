"""The process of a run that waited: it takes the run, says so, runs it to its end, and starts what waits next.

    python -m stepwell_runner.queue.begin WORKSPACE RUN DESCRIPTOR
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from stepwell_runner.execution.ownership import own
from stepwell_runner.queue.dispatch import dispatch
from stepwell_runner.verbs.submit import Submission, execute, prepare, rerun_of
from stepwell_store.errors import BusyError, StepwellError
from stepwell_store.ledger import history, waiting
from stepwell_store.ledger.events import RunEnded, RunStarted
from stepwell_store.ledger.waiting import Waiting
from stepwell_store.workspace import Workspace, open_workspace


def main() -> int:
    """Run one waiting run, unless it is somebody else's or over."""
    root, run, descriptor = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    workspace = open_workspace(root)
    try:
        with own(workspace, run):
            waits = waiting.get(workspace.database, run)
            if waits is None or not waiting.begin(workspace.database, RunStarted(at=time.time(), run=run)):
                return 0
            _say(descriptor)
            _run(workspace, waits)
    except BusyError:
        return 0
    dispatch(workspace)
    return 0


def _say(descriptor: int) -> None:
    with suppress(OSError):  # whoever started it is gone
        os.write(descriptor, b"begun\n")
        os.close(descriptor)


def _run(workspace: Workspace, waits: Waiting) -> None:
    try:
        execute(workspace, prepare(workspace, submission_of(workspace, waits)), begun=waits.run, interrupt=_on_signals)
    except StepwellError as error:
        if history.get_run(workspace.database, waits.run).ended_at is None:
            workspace.record(RunEnded(at=time.time(), run=waits.run, status="Failed", error=str(error)))


def submission_of(workspace: Workspace, waits: Waiting) -> Submission:
    """The submission that a waiting run stands for."""
    run = history.get_run(workspace.database, waits.run)
    known = rerun_of(workspace, run)
    options = run.options
    return msgspec.structs.replace(
        known, pinned=waits.pinned, files=waits.files, rerun_of=run.rerun_of, force=bool(options.get("force")), jobs=options.get("jobs"),
        forced=tuple(options.get("forced") or ()), only=tuple(options["only"]) if options.get("only") else None,
        step_tags=options.get("step_tags") or {})


def _on_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())


if __name__ == "__main__":
    sys.exit(main())
