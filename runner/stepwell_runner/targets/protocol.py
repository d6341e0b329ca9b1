"""What a target is: `run(job, cancel) -> Outcome`. A target returns; an exception from it means that the target is broken."""

from __future__ import annotations

import os
import select
import threading
import time
from typing import Protocol

import msgspec

from stepwell_runner.graph.model import Resources


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one step, with every name resolved.

    `folder` is the attempt's own folder, `work` the current directory of the command (inside `folder`), `log` the file
    that takes stdout and stderr as they come. `token` marks every process of the run in its environment
    (variable STEPWELL_RUN_TOKEN, part of `variables`), so that strays can be found.
    """

    run: str
    step_run: str
    step: str
    attempt: int
    command: tuple[str, ...]
    variables: dict[str, str]
    folder: str
    work: str
    log: str
    token: str
    resources: Resources = Resources()
    timeout_s: float | None = None


class Succeeded(msgspec.Struct, frozen=True, tag=True):
    """The command ended with exit code 0."""

    exit_code: int = 0


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The command ended otherwise, or could not start. `message` is for a person; `exit_code` is negative for a signal."""

    message: str
    exit_code: int | None = None


class Cancelled(msgspec.Struct, frozen=True, tag=True):
    """It was asked to stop, and nothing of it is left."""


class TimedOut(msgspec.Struct, frozen=True, tag=True):
    """It ran longer than `after_s` seconds and was ended."""

    after_s: float


Outcome = Succeeded | Failed | Cancelled | TimedOut


class Cancellation:
    """Asks the work under it to stop, once and for good; wakes waiters through a file descriptor and may have a deadline.

    A child is set when its parent is. `fileno()` becomes readable when set, so that a target can wait for a process and
    for this in one `poll`.
    """

    def __init__(self, parent: Cancellation | None = None) -> None:
        self._read, self._write = os.pipe()
        self._flag = threading.Event()
        self._children: list[Cancellation] = []
        self._lock = threading.Lock()
        if parent is not None:
            parent._adopt(self)

    def _adopt(self, child: Cancellation) -> None:
        with self._lock:
            self._children.append(child)
        if self._flag.is_set():
            child.set()

    def set(self) -> None:
        """Ask to stop. Safe from any thread and from a signal handler's follow-up; more than once is fine."""
        with self._lock:
            if self._flag.is_set():
                return
            self._flag.set()
            children = list(self._children)
        os.write(self._write, b"x")
        for child in children:
            child.set()

    def is_set(self) -> bool:
        return self._flag.is_set()

    def fileno(self) -> int:
        return self._read

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True when set."""
        return self._flag.wait(seconds)

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


class Target(Protocol):
    """Somewhere that a job can run. One contract suite (tests/contract) runs against every implementation."""

    def run(self, job: Job, cancel: Cancellation) -> Outcome:
        """Run the job to its end and return how it ended, with no process of it left behind."""
        ...


def monotonic_deadline(seconds: float | None) -> float | None:
    """The moment, on the monotonic clock, at which a wait of so many seconds is over; None waits for ever."""
    return None if seconds is None else time.monotonic() + seconds


def wait_readable(descriptors: list[int], deadline: float | None) -> list[int]:
    """Those of the descriptors that are readable, or none when the deadline came first."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    remaining = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
    return [descriptor for descriptor, _ in poll.poll(remaining)]
