"""This machine as a place where steps run: processors, memory, disk, graphics processors."""

from __future__ import annotations

import os

from stepwell_runner.targets.examined import Finding
from stepwell_runner.targets.graphics import Gpu, gpus

_LITTLE = 1 << 30


def findings(home: str) -> list[Finding]:
    """Facts about the machine; `home` is a folder on the disk that is meant."""
    import psutil

    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(home or "/")
    return [
        Finding("processors", "ok", f"{os.cpu_count() or 1}, load {os.getloadavg()[0]:.1f}"),
        Finding("memory", "ok" if memory.available >= _LITTLE else "warn", f"{_gib(memory.total)}, {_gib(memory.available)} free"),
        Finding("disk", "ok" if disk.free >= _LITTLE else "warn", f"{_gib(disk.free)} free",
                "" if disk.free >= _LITTLE else "free some space: `stepwell gc`"),
        *graphics(),
    ]


def graphics() -> list[Finding]:
    """The graphics processors of this machine, nothing where there are none."""
    found, note = gpus()
    if note:
        return [Finding("gpu", "warn", note, "look at the driver; steps run on the processor")]
    return [Finding(f"gpu {number}", "ok", _words(gpu)) for number, gpu in enumerate(found)]


def _words(gpu: Gpu) -> str:
    memory = "" if gpu.memory is None else f", {_gib(gpu.memory)}, {_gib(gpu.memory_used or 0)} used"
    return gpu.name + memory + ("" if gpu.busy is None else f", {gpu.busy} % busy")


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB"
