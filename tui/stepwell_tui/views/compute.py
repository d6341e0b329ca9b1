"""Where steps run: the local target with its slots as they are now, and the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import msgspec

from stepwell_store.housekeeping.surroundings import free
from stepwell_store.ledger.uses import RunningStep, running_steps
from stepwell_store.locks import Holder, holder, is_locked
from stepwell_store.workspace import Workspace

_PATIENCE_S = 5.0
_QUERY = "name,memory.used,memory.total,utilization.gpu"


class SlotState(msgspec.Struct, frozen=True):
    """One slot of a target; `holder` is the process whose step has it, None when it is free or its holder has not signed yet."""

    number: int
    taken: bool
    holder: Holder | None = None


class Gpu(msgspec.Struct, frozen=True):
    """A graphics processor: memory in bytes, use in percent; None where it does not say."""

    name: str
    memory_used: int | None
    memory: int | None
    busy: int | None


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
    """The local target and what it runs on."""

    slots: tuple[SlotState, ...]
    steps: tuple[RunningStep, ...]
    machine: Machine

    @property
    def taken(self) -> int:
        """How many slots are in use."""
        return sum(slot.taken for slot in self.slots)


def compute(workspace: Workspace) -> Compute:
    """All of it, as it is now."""
    return Compute(slots(str(workspace.locks / "slots"), "local"), tuple(running_steps(workspace.database)), machine(workspace))


def slots(folder: str, name: str) -> tuple[SlotState, ...]:
    """The slots of a target: one for each processor, and those that a run with more jobs at once has made."""
    numbers = set(range(os.cpu_count() or 1)) | _known(folder, name)
    return tuple(_slot(os.path.join(folder, f"{name}-{number}.lock"), number) for number in sorted(numbers))


def _known(folder: str, name: str) -> set[int]:
    """Slots beyond the usual ones count only while they are held: their files stay when the run has ended."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return set()
    found = {int(match[1]) for match in (re.fullmatch(rf"{re.escape(name)}-(\d+)\.lock", entry) for entry in names) if match}
    return {number for number in found if is_locked(os.path.join(folder, f"{name}-{number}.lock"))}


def _slot(path: str, number: int) -> SlotState:
    return SlotState(number, is_locked(path), holder(path))


def machine(workspace: Workspace) -> Machine:
    """This machine as it is now."""
    import psutil

    memory = psutil.virtual_memory()
    gpus, note = _gpus()
    return Machine(os.cpu_count() or 1, os.getloadavg()[0], memory.total, memory.available, free(workspace.root)[0], gpus, note)


def _gpus() -> tuple[tuple[Gpu, ...], str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return (), ""
    try:
        done = subprocess.run([program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=_PATIENCE_S, check=True, errors="replace")
    except (OSError, subprocess.SubprocessError):
        return (), "nvidia-smi is there and does not answer"
    return tuple(gpus_in(done.stdout)), ""


def gpus_in(said: str) -> list[Gpu]:
    """What nvidia-smi said, a processor a line."""
    found = []
    for line in said.splitlines():
        name, *numbers = (part.strip() for part in line.rsplit(",", 3))
        if len(numbers) == 3:
            used, total, busy = (int(text) if text.isdigit() else None for text in numbers)
            found.append(Gpu(name, used and used << 20, total and total << 20, busy))
    return found
