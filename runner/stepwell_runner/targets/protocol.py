"""What a target is: `run(job, cancel) -> Outcome`. A target returns; an exception from it means that the target is broken."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Protocol, Self

import msgspec

from stepwell_runner.graph.model import Resources, Spark

SCRATCH = "scratch"
"""The folder, in that of the attempt, that a target may make for HOME and TMPDIR: on the disk, not in memory. It goes with the job."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one step, with every name resolved.

    `folder` is the attempt's own folder, `work` the current directory of the command (inside `folder`), `log` the file
    that takes stdout and stderr as they come. `token` marks every process of the run in its environment
    (variable STEPWELL_RUN_TOKEN, part of `variables`), so that strays can be found. `variables` are the whole environment.
    `python` is the interpreter of the step's environment. `reports` is the file that takes what is reported of the step.
    `image` is the container image of that environment, None for a process. `reads` and `writes` are what the job needs to see
    outside of its folder, absolute paths.
    `timeout_s` is for the wrapper WithTimeout; targets do not look at it.
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
    python: str = ""
    image: str | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reports: str | None = None
    resources: Resources = Resources()
    spark: Spark | None = None
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
    """Asks the work under it to stop, once and for good.

    A child is set when its parent is. `fileno()` becomes readable when set, so that a target can wait for a process and
    for this in one `poll`. Close it when the work is over, children before their parent.
    """

    def __init__(self, parent: Cancellation | None = None) -> None:
        self._read, self._write = os.pipe()
        self._set = False
        self._closed = False
        self._listeners: list[Callable[[], object]] = []
        self._lock = threading.RLock()  # entered again when a signal handler interrupts `set` and sets it too
        self._parent = parent
        if parent is not None:
            parent.listen(self.set)

    def listen(self, listener: Callable[[], object]) -> None:
        """Call `listener`, from the thread that cancels, when set; at once when set already."""
        with self._lock:
            self._listeners.append(listener)
            late = self._set
        if late:
            listener()

    def unlisten(self, listener: Callable[[], object]) -> None:
        """Call `listener` no more; a call that has begun may still be going on."""
        with self._lock:
            self._listeners.remove(listener)

    def set(self) -> None:
        """Ask to stop. Safe from any thread and from a signal handler; more than once is fine."""
        with self._lock:
            if self._set or self._closed:
                return
            self._set = True
            os.write(self._write, b"x")
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def is_set(self) -> bool:
        """Whether it has been asked to stop."""
        return self._set

    def fileno(self) -> int:
        """A descriptor that is readable from then on; never read from it."""
        return self._read

    def wait(self, seconds: float | None) -> bool:
        """Wait at most so long, or for ever; True when set."""
        return self._set or bool(wait_readable([self._read], monotonic_deadline(seconds)))

    def close(self) -> None:
        """Give the descriptors back; `set` does nothing from now on."""
        if self._parent is not None and not self._closed:
            self._parent.unlisten(self.set)
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._read)
                os.close(self._write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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
