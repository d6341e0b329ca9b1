"""Exit codes, in one table (docs: command line)."""

from __future__ import annotations

from stepwell_store.errors import BusyError, IntegrityError, MachineError, RunFailed, StepwellError, UsageError

DONE = 0
STEP_FAILED = 1
WRONG_COMMAND = 2
MACHINE_NOT_READY = 3
DOES_NOT_VERIFY = 4
BUSY = 5
BUG = 70
CANCELLED = 130

CODES: tuple[tuple[type[StepwellError], int], ...] = (
    (RunFailed, STEP_FAILED), (UsageError, WRONG_COMMAND), (IntegrityError, DOES_NOT_VERIFY), (BusyError, BUSY),
    (MachineError, MACHINE_NOT_READY),
)


def code_of(error: StepwellError) -> int:
    """The exit code for an error that a person can act on."""
    return next((code for kind, code in CODES if isinstance(error, kind)), MACHINE_NOT_READY)
