"""Processes of a run that got away from their process group: found by the token in their environment, and ended."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator

import msgspec

from stepwell_runner.targets.identity import ProcessIdentity, identify, is_running, send

TOKEN_VARIABLE = "STEPWELL_RUN_TOKEN"  # noqa: S105
"""The environment variable that marks every process of a run."""

_KILL_ROUNDS = 50
_LOOK_AGAIN_S = 0.005


class Stray(msgspec.Struct, frozen=True):
    """A process that was found, and the last signal that it got: SIGTERM, or SIGKILL when that was not enough."""

    process: ProcessIdentity
    signal: str


def find(token: str) -> list[ProcessIdentity]:
    """The running processes that were started with this run's token, this process never among them.

    One that replaced its environment, or belongs to another user, is not found.
    """
    pids = _marked_in_proc(token) if sys.platform == "linux" else _marked_by_psutil(token)
    found = (identify(pid) for pid in pids if pid != os.getpid())
    return [process for process in found if process is not None]


def sweep(token: str, *, grace_s: float = 2.0) -> tuple[Stray, ...]:
    """End every process of the run: SIGTERM, up to `grace_s` seconds of patience, SIGKILL. What was found and how it went."""
    last = _signal_all(find(token), signal.SIGTERM)
    _wait(last, grace_s)
    for _ in range(_KILL_ROUNDS):  # again, because one that forks faster than we look may leave a child
        left = find(token)
        if not left:
            break
        killed = _signal_all(left, signal.SIGKILL)
        last |= killed
        _wait(killed, grace_s)
    return tuple(Stray(process, number.name) for process, number in last.items())


def _signal_all(processes: list[ProcessIdentity], number: signal.Signals) -> dict[ProcessIdentity, signal.Signals]:
    return {process: number for process in processes if send(process, number)}


def _wait(processes: dict[ProcessIdentity, signal.Signals], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(is_running(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_S)


def _marked_in_proc(token: str) -> Iterator[int]:
    mark = b"\0" + f"{TOKEN_VARIABLE}={token}".encode() + b"\0"
    for name in os.listdir("/proc"):
        if name.isdecimal() and mark in b"\0" + _environment(name):
            yield int(name)


def _environment(pid: str) -> bytes:
    """As the process was started with: `name=value`, each with a null byte after it; empty when we may not know."""
    try:
        with open(f"/proc/{pid}/environ", "rb", buffering=0) as file:
            return file.read() or b""
    except OSError:
        return b""


def _marked_by_psutil(token: str) -> Iterator[int]:
    import psutil

    for process in psutil.process_iter():
        try:
            if process.environ().get(TOKEN_VARIABLE) == token:
                yield process.pid
        except (psutil.Error, OSError):
            continue
