"""What the engine and its workers say to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from stepwell_runner.execution.sweeping import Entry
from stepwell_runner.graph.model import Step
from stepwell_runner.planning.reasons import AnyReason
from stepwell_runner.targets.protocol import Cancellation
from stepwell_store.ledger.records import Artifact, Metric, OutputRecord, StepStatus

Made = Mapping[tuple[str, str], OutputRecord]


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a step ended, whatever it took to get there."""

    status: StepStatus
    exit_code: int | None = None
    error: str | None = None
    outputs: list[OutputRecord] = []
    artifacts: list[Artifact] = []


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker needs to know of the step that it runs. `made` has the outputs of the steps before it."""

    step: Step
    step_run: str
    snapshot: str | None
    made: Made


class Ended(msgspec.Struct, frozen=True):
    """A worker's last message."""

    key: str
    result: StepResult


class Retried(msgspec.Struct, frozen=True):
    """A worker begins another attempt."""

    key: str
    attempt: int
    error: str


class Noted(msgspec.Struct, frozen=True):
    """A worker does something that takes time."""

    key: str
    message: str


class Wake(msgspec.Struct, frozen=True):
    """Nothing happened, but look again."""


Message = Ended | Retried | Noted | Wake
Tell = Callable[[Message], None]


class Workshop(Protocol):
    """Where steps are made ready, run and cleared away."""

    def snapshot(self, step: Step) -> str | None:
        """Store the step's source, once a run; the tree digest of what was stored."""
        ...

    def explain(self, step: Step, reasons: tuple[AnyReason, ...]) -> tuple[AnyReason, ...]:
        """The reasons with the names that people want to see: files, packages."""
        ...

    def begin_sweep(self, step: Step) -> Callable[[str], object]:
        """Make the folder of a sweep; what writes a line of its log."""
        ...

    def logged(self, step_run: str) -> list[Metric]:
        """The metrics of an earlier step run."""
        ...

    def conclude(self, step: Step, step_run: str, best: Entry, entries: Sequence[Entry]) -> StepResult:
        """Make the outputs of a sweep from those of its best trial. Called in a thread of its own."""
        ...

    def run(self, assignment: Assignment, tell: Tell, cancel: Cancellation) -> StepResult:
        """Run the step to its end, with all its attempts. Called in a thread of its own."""
        ...
