"""The detached runner: reads a submission from standard input, says which run it made, and runs it.

    python -m stepwell_runner WORKSPACE DESCRIPTOR
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from stepwell_runner.queue.dispatch import dispatch
from stepwell_runner.verbs.detach import KINDS, Announcement
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store.errors import StepwellError
from stepwell_store.ledger import events
from stepwell_store.workspace import open_workspace


def main() -> int:
    """Run one submission to its end."""
    root, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    submission = msgspec.json.decode(sys.stdin.buffer.read(), type=Submission)
    workspace = open_workspace(root)

    def announce(event: events.AnyEvent) -> None:
        if isinstance(event, events.RunCreated):
            _say(descriptor, Announcement(run=event.run))

    try:
        finished = execute(workspace, prepare(workspace, submission), listener=announce, interrupt=_on_signals)
    except StepwellError as error:
        kind = next(name for name, one in KINDS.items() if isinstance(error, one))
        _say(descriptor, Announcement(kind=kind, what=error.what, where=error.where, todo=error.todo))
        return 1
    dispatch(workspace)  # there may be room now for what waits
    return 0 if finished.status == "Completed" else 1


def _say(descriptor: int, announcement: Announcement) -> None:
    try:
        os.write(descriptor, msgspec.json.encode(announcement) + b"\n")
        os.close(descriptor)
    except OSError:
        # Whoever started the run is gone, or has heard of it already; the ledger tells the rest.
        return


def _on_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())


if __name__ == "__main__":
    sys.exit(main())
