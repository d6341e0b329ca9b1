"""One process, measured: wall time, and CPU of it and of everything that it started and waited for."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

TIMEOUT_S = 1200.0
_NOT_PASSED_ON = ("PYTHON", "VIRTUAL_ENV", "STEPWELL", "AZUREML", "UV_")


class Command(msgspec.Struct, frozen=True):
    """A command line, the folder in which it runs, and variables in addition to the usual ones."""

    words: tuple[str, ...]
    folder: Path
    variables: Mapping[str, str] = {}


class Sample(msgspec.Struct, frozen=True):
    """One measured process. `cpu` and `wall` in seconds, `output` what it printed."""

    cpu: float
    wall: float
    output: str


class Failed(Exception):
    """A command failed, or did something else than what was to be measured."""


def run(command: Command) -> Sample:
    """Run a command to its end; Failed with its last words when it is not content."""
    log = command.folder / "bench.log"
    with open(log, "wb") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(command.words, cwd=command.folder, env={**_environment(), **command.variables},
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        patience = threading.Timer(TIMEOUT_S, process.kill)
        patience.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        patience.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    said = log.read_text(errors="replace")
    if process.returncode:
        raise Failed(f"{' '.join(command.words)} ended with {process.returncode}: ... {' '.join(said.split())[-200:]}")
    return Sample(usage.ru_utime + usage.ru_stime, wall, said)


def _environment() -> dict[str, str]:
    """The variables of this process, without those that change how an interpreter starts, such as PYTHONDONTWRITEBYTECODE."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}


def in_turn(actions: Mapping[str, Callable[[], T]], times: int, failures: dict[str, str]) -> dict[str, list[T]]:
    """Do each action, then each again, so that what else the machine does meets all alike. One that fails is left out, with why."""
    results: dict[str, list[T]] = {name: [] for name in actions}
    for _ in range(times):
        for name in list(results):
            try:
                results[name].append(actions[name]())
            except Failed as failure:
                failures[name] = str(failure)
                del results[name]
    return results
