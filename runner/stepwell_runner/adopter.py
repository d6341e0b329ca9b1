"""The process that sees the steps of a dead run to their end: it owns the run meanwhile, says so, and records what they leave.

    python -m stepwell_runner.adopter WORKSPACE RUN DESCRIPTOR
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from stepwell_runner.execution.adoption import adopt
from stepwell_runner.execution.ownership import mark_adopted, own, request_cancel
from stepwell_runner.targets.strays import sweep
from stepwell_store.errors import BusyError
from stepwell_store.housekeeping.guard import using
from stepwell_store.ledger import history
from stepwell_store.workspace import open_workspace


def main() -> int:
    """Adopt one run."""
    root, run, descriptor = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    workspace = open_workspace(root)
    signal.signal(signal.SIGTERM, lambda *_: request_cancel(workspace, run))

    def ready() -> None:
        with contextlib.suppress(OSError):
            os.write(descriptor, b"ready\n")
            os.close(descriptor)

    try:
        with own(workspace, run), using(workspace.locks):
            if history.get_run(workspace.database, run).ended_at is None:
                mark_adopted(workspace, run)
                sweep(run)
                adopt(workspace, run, ready)
    except BusyError:
        return 0  # somebody else was quicker
    return 0


if __name__ == "__main__":
    sys.exit(main())
