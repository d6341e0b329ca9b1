"""The graphics processors of this machine: asked of NVIDIA's library where the extra `gpu` brings it, else of nvidia-smi.

Where there are none, nothing is said; where there is one that does not answer, that is.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import msgspec

PATIENCE_S = 5.0
_QUERY = "name,memory.used,memory.total,utilization.gpu,uuid"


class Gpu(msgspec.Struct, frozen=True):
    """A graphics processor: memory in bytes, use in percent; None where it does not say. `id` is what containers know it by."""

    name: str
    memory_used: int | None
    memory: int | None
    busy: int | None
    id: str = ""


def gpus() -> tuple[tuple[Gpu, ...], str]:
    """Those that there are, and why they are not known where one should be."""
    try:
        import pynvml
    except ImportError:
        return _asked_of_program()
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:  # no driver, or none that works: nvidia-smi says which
        return _asked_of_program()
    try:
        return tuple(_one(pynvml, index) for index in range(pynvml.nvmlDeviceGetCount())), ""
    except pynvml.NVMLError as error:
        return (), f"the NVIDIA driver does not answer: {error}"
    finally:
        pynvml.nvmlShutdown()


def _one(pynvml: Any, index: int) -> Gpu:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = _said(pynvml, pynvml.nvmlDeviceGetMemoryInfo, handle)
    rates = _said(pynvml, pynvml.nvmlDeviceGetUtilizationRates, handle)
    return Gpu(_text(pynvml.nvmlDeviceGetName(handle)), memory and int(memory.used), memory and int(memory.total),
               rates and int(rates.gpu), _text(pynvml.nvmlDeviceGetUUID(handle)))  # fmt: skip


def _said(pynvml: Any, ask: Any, handle: Any) -> Any:
    try:
        return ask(handle)
    except pynvml.NVMLError:  # some processors do not say it
        return None


def _text(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _asked_of_program() -> tuple[tuple[Gpu, ...], str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return (), ""
    try:
        done = subprocess.run([program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=True, errors="replace")
    except (OSError, subprocess.SubprocessError):
        return (), "nvidia-smi is there and does not answer"
    return tuple(gpus_in(done.stdout)), ""


def gpus_in(said: str) -> list[Gpu]:
    """What nvidia-smi said, a processor a line."""
    found = []
    for line in said.splitlines():
        name, *rest = (part.strip() for part in line.rsplit(",", 4))
        if len(rest) == 4:
            used, total, busy = (int(text) if text.isdigit() else None for text in rest[:3])
            found.append(Gpu(name, used and used << 20, total and total << 20, busy, rest[3]))
    return found
