"""The target `local`: the command as a process of this machine, in a session of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from stepwell_runner.targets.ending import ending
from stepwell_runner.targets.examined import Finding
from stepwell_runner.targets.explain import how_it_ended, oom_kills, why_not_started
from stepwell_runner.targets.identity import anyone_runs_in
from stepwell_runner.targets.protocol import (
    Cancellation,
    Cancelled,
    Failed,
    Job,
    Outcome,
    Succeeded,
    monotonic_deadline,
    wait_readable,
)
from stepwell_runner.targets.registry import TargetSpec
from stepwell_runner.targets.values import number
from stepwell_store.errors import UsageError

GRACE_VARIABLE = "STEPWELL_GRACE_S"
"""Environment variable with the seconds that a process has between SIGTERM and SIGKILL, where nobody says otherwise."""

_GRACE_S = 10.0
_GROUP_GONE_S = 5.0
_KILLED_OR_SHELL_SAYS_SO = (-signal.SIGKILL, 128 + signal.SIGKILL)

Ending = Callable[["subprocess.Popen[bytes]"], AbstractContextManager[int]]


class ProcessTarget:
    """Runs jobs as processes. One that is cancelled gets SIGTERM, and SIGKILL after `grace_s` seconds; None is what the
    environment says, or else 10. UsageError when it says no number.

    When the main process has ended, whatever is left of its process group is killed.
    """

    def __init__(self, *, grace_s: float | None = None, ending: Ending = ending) -> None:
        self._grace_s = grace_from_environment() if grace_s is None else grace_s
        self._ending = ending
        self._oom_kills = oom_kills()

    def run(self, job: Job, cancel: Cancellation) -> Outcome:
        """As the protocol says."""
        if cancel.is_set():
            return Cancelled()
        try:
            process = _start(job)
        except (OSError, ValueError) as error:
            return Failed(why_not_started(error, job))
        try:
            with self._ending(process) as ended:
                stopped = self._wait(process.pid, ended, cancel)
        finally:
            exit_code = _end(process)
        return Cancelled() if stopped else self._outcome(exit_code)

    def _wait(self, pid: int, ended: int, cancel: Cancellation) -> bool:
        """Wait for the end of the main process; True when it had to be asked to stop."""
        if ended in wait_readable([ended, cancel.fileno()], None):
            return False
        _signal_group(pid, signal.SIGTERM)
        if not wait_readable([ended], monotonic_deadline(self._grace_s)):
            _signal_group(pid, signal.SIGKILL)
            wait_readable([ended], None)
        return True

    def _outcome(self, exit_code: int) -> Outcome:
        if exit_code == 0:
            return Succeeded()
        starved = exit_code in _KILLED_OR_SHELL_SAYS_SO and self._memory_ran_out()
        return Failed(how_it_ended(exit_code, out_of_memory=starved), exit_code)

    def _memory_ran_out(self) -> bool:
        """Whether the machine has killed something for want of memory since the last time that it mattered."""
        before, self._oom_kills = self._oom_kills, oom_kills()
        return self._oom_kills > before


def make(spec: TargetSpec) -> ProcessTarget:
    """The target of a definition."""
    grace = spec.settings.get("grace")
    return ProcessTarget(grace_s=None if grace is None else number(grace))


def examine(spec: TargetSpec) -> list[Finding]:
    """What this machine has for processes of steps."""
    from stepwell_runner.targets.machine import findings

    return findings(spec.home)


def grace_from_environment() -> float:
    """The seconds that GRACE_VARIABLE names, 10 when it is not set; UsageError when it is no number or a negative one."""
    text = os.environ.get(GRACE_VARIABLE) or str(_GRACE_S)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise UsageError(f"{GRACE_VARIABLE} is {text!r}, which is not a number of seconds", todo="Set it to 0 or more, or unset it.")
    return seconds


def _start(job: Job) -> subprocess.Popen[bytes]:
    """The running command; OSError or ValueError when it could not start."""
    if not job.command:
        raise ValueError("the command is empty")
    log = os.open(job.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(log, 0o600)
        # No preexec_fn: with one, Python cannot use vfork, and a fork costs more the more memory the runner has.
        return subprocess.Popen(
            job.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=job.work, env=job.variables,
            start_new_session=True,
        )
    finally:
        os.close(log)


def _signal_group(group: int, number: signal.Signals) -> None:
    # macOS says "not permitted" of a group whose members have all ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Kill what is left of the process and its group, and see it gone; the exit code of the process."""
    _signal_group(process.pid, signal.SIGKILL)  # before the wait: until then nobody else can have the number
    exit_code = process.wait()
    deadline = time.monotonic() + _GROUP_GONE_S
    while anyone_runs_in(process.pid) and time.monotonic() < deadline:
        time.sleep(0.001)
    return exit_code
