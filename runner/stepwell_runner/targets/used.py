"""The targets that one run uses, each made once, and their slots."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol, runtime_checkable

from stepwell_runner.targets.protocol import Target
from stepwell_runner.targets.registry import TargetSpec, make, resolve, room
from stepwell_runner.targets.slots import Slots
from stepwell_runner.targets.wrappers import WithTimeout
from stepwell_store.errors import StepwellError
from stepwell_store.ledger.compute import ComputeTarget


@runtime_checkable
class Closes(Protocol):
    """A target that holds something for as long as the run goes on: a connection, a warm JVM."""

    def close(self) -> None:
        """Let go of it; nothing runs on the target any longer."""
        ...


class UsedTargets:
    """Slots and targets by name. `folder` holds the slots; `jobs` is how many steps the submission wants at once, if it says."""

    def __init__(self, folder: str, home: str, defined: Iterable[ComputeTarget], jobs: int | None) -> None:
        self._folder = folder
        self._home = home
        self._defined = tuple(defined)
        self._jobs = jobs
        self._slots: dict[str, Slots] = {}
        self._made: dict[str, Target] = {}

    @property
    def used(self) -> bool:
        """Whether anything ran."""
        return bool(self._made)

    def spec(self, name: str) -> TargetSpec:
        """What a name means; UsageError when it means nothing."""
        return resolve(name, self._defined, self._home)

    def slots(self, name: str) -> Slots:
        """The slots of a target."""
        if name not in self._slots:
            self._slots[name] = Slots(self._folder, name, room(self.spec(name), self._jobs))
        return self._slots[name]

    def target(self, name: str) -> Target:
        """The target, with the time limits of its jobs."""
        if name not in self._made:
            self._made[name] = make(self.spec(name))
        return WithTimeout(self._made[name])

    def close(self) -> None:
        """Let every target go."""
        for target in self._made.values():
            if isinstance(target, Closes):
                with suppress(StepwellError, OSError):  # what it held is of no more use; that it hung on is no fault of the run
                    target.close()
