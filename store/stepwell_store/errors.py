"""Errors that a person can act on, one class per who must act.

    StepwellError
    ├── UsageError      the person at the keyboard: the command, a name, a pipeline file
    ├── MachineError    the owner of the machine: disk, permissions, a missing program
    ├── IntegrityError  stored data that does not verify
    ├── BusyError       somebody else holds what is needed
    └── RunFailed       a step of the pipeline failed (its own log says why)

Whatever else escapes is a bug and is printed as one.
"""

from __future__ import annotations


class StepwellError(Exception):
    """What happened, where, and what to do next; `str()` joins the three."""

    def __init__(self, what: str, *, where: str | None = None, todo: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f"\n{self.todo}" if self.todo else ""
        return f"{self.what}{place}{advice}"


class UsageError(StepwellError):
    """The command or the pipeline is wrong; the message names what would be right."""


class MachineError(StepwellError):
    """The machine is not ready: disk, permissions, a program that is not there."""


class IntegrityError(StepwellError):
    """Stored bytes are not what was stored."""


class BusyError(StepwellError):
    """Another process holds it; the message says who and since when."""


class RunFailed(StepwellError):
    """A run ended because a step failed."""
