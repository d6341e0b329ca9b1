"""Where steps run: every compute target with its slots as they are now, and the machine."""

from __future__ import annotations

import os

import msgspec

from stepwell_runner.targets.graphics import Gpu, gpus
from stepwell_runner.verbs.compute import Target, targets
from stepwell_store.housekeeping.surroundings import free
from stepwell_store.ledger.uses import RunningStep, running_steps
from stepwell_store.workspace import Workspace


class Machine(msgspec.Struct, frozen=True):
    """This machine: sizes in bytes, `load` the average of the last minute, `note` why graphics processors are not known."""

    cpus: int
    load: float
    memory: int
    memory_free: int
    disk_free: int
    gpus: tuple[Gpu, ...] = ()
    note: str = ""


class Compute(msgspec.Struct, frozen=True):
    """The targets, the steps that run on them, and what the local one runs on."""

    targets: tuple[Target, ...]
    steps: tuple[RunningStep, ...]
    machine: Machine

    @property
    def taken(self) -> int:
        """How many slots are in use."""
        return sum(target.taken for target in self.targets)

    @property
    def room(self) -> int:
        """How many slots there are."""
        return sum(len(target.slots) for target in self.targets)


def compute(workspace: Workspace) -> Compute:
    """All of it, as it is now."""
    return Compute(tuple(targets(workspace)), tuple(running_steps(workspace.database)), machine(workspace))


def machine(workspace: Workspace) -> Machine:
    """This machine as it is now."""
    import psutil

    memory = psutil.virtual_memory()
    found, note = gpus()
    return Machine(os.cpu_count() or 1, os.getloadavg()[0], memory.total, memory.available, free(workspace.root)[0], found, note)
