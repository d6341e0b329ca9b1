"""Targets around targets: a time limit, a limit on how many run at once, and a run of nothing.

The time that a job waits for a slot is not its own: put `WithTimeout` inside `WithSlots`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from stepwell_runner.targets.protocol import Cancellation, Cancelled, Job, Outcome, Succeeded, Target, TimedOut
from stepwell_runner.targets.slots import Slots


class WithTimeout:
    """Ends a job that runs longer than its `timeout_s`. Only the time that the machine is awake counts."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def run(self, job: Job, cancel: Cancellation) -> Outcome:
        """As the wrapped target, or TimedOut."""
        if job.timeout_s is None:
            return self._target.run(job, cancel)
        return limited(lambda limit: self._target.run(job, limit), job.timeout_s, job.timeout_s, cancel)


def limited(work: Callable[[Cancellation], Outcome], seconds: float, whole_s: float, cancel: Cancellation) -> Outcome:
    """The outcome of work that is asked to stop after so many seconds; TimedOut, after `whole_s` altogether, when that made it end."""
    with Cancellation(cancel) as limit:
        alarm = threading.Timer(seconds, limit.set)
        alarm.daemon = True
        alarm.start()
        try:
            outcome = work(limit)
        finally:
            alarm.cancel()
            alarm.join()
    if isinstance(outcome, Cancelled) and not cancel.is_set():
        return TimedOut(whole_s)
    return outcome


class WithSlots:
    """Runs a job only while it holds one of the slots; Cancelled when it was asked to stop before it got one."""

    def __init__(self, target: Target, slots: Slots) -> None:
        self._target = target
        self._slots = slots

    def run(self, job: Job, cancel: Cancellation) -> Outcome:
        """As the wrapped target, once there is room."""
        slot = self._slots.acquire(cancel)
        if slot is None:
            return Cancelled()
        with slot:
            return self._target.run(job, cancel)


class DryRun:
    """Says which job it would run, and succeeds."""

    def __init__(self, say: Callable[[Job], object]) -> None:
        self._say = say

    def run(self, job: Job, cancel: Cancellation) -> Outcome:
        """Starts nothing and touches no file."""
        if cancel.is_set():
            return Cancelled()
        self._say(job)
        return Succeeded()
