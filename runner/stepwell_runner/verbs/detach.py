"""Start a run in a process of its own, which goes on when this one ends; or let it wait until there is room."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import msgspec

from stepwell_runner.queue.dispatch import dispatch
from stepwell_runner.queue.lineup import has_room, line_up
from stepwell_runner.verbs.submit import Submission
from stepwell_store.errors import BusyError, IntegrityError, MachineError, StepwellError, UsageError
from stepwell_store.workspace import Workspace

_ERRORS = (UsageError, MachineError, IntegrityError, BusyError, StepwellError)
KINDS: dict[str, type[StepwellError]] = {kind.__name__: kind for kind in _ERRORS}


class Announcement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the new process says first: the run that it made, or why there is none."""

    run: str | None = None
    kind: str = "StepwellError"
    what: str = ""
    where: str | None = None
    todo: str | None = None


def start(workspace: Workspace, submission: Submission) -> str:
    """Start the run, or put it into the line when its compute target has no room; its id, once it exists.

    Raises what keeps it from beginning.
    """
    if has_room(workspace, submission):
        return _start(workspace, submission)
    run = line_up(workspace, submission)
    dispatch(workspace)  # there may be room by now
    return run


def _start(workspace: Workspace, submission: Submission) -> str:
    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, "-P", "-m", "stepwell_runner", str(workspace.root), str(write)], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(write,), start_new_session=True)
    os.close(write)
    assert process.stdin is not None
    with process.stdin as stdin:
        stdin.write(msgspec.json.encode(submission))
    with open(read, "rb") as answers:
        answer = answers.readline()
    if not answer:
        raise MachineError(f"the run's process ended before it began (exit code {process.wait()})",
                           todo=f"`{sys.executable} -P -m stepwell_runner` may say why; `stepwell doctor` looks at the machine")
    said = msgspec.json.decode(answer, type=Announcement)
    # The child may outlive this process; while it does not, somebody has to take note of its end.
    threading.Thread(target=process.wait, name="detached run", daemon=True).start()
    if said.run is None:
        raise KINDS.get(said.kind, StepwellError)(said.what, where=said.where, todo=said.todo)
    return said.run
