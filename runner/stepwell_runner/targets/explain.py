"""How a command ended, or why it could not start, in words for a person."""

from __future__ import annotations

import errno
import os
import signal
import sys

from stepwell_runner.targets.protocol import Job


def oom_kills() -> int:
    """How many processes this machine has killed for want of memory since it booted; 0 where it does not tell."""
    if sys.platform != "linux":
        return 0
    try:
        with open("/proc/vmstat", "rb") as file:
            return next((int(line.split()[1]) for line in file if line.startswith(b"oom_kill ")), 0)
    except OSError:
        return 0


def how_it_ended(exit_code: int, *, out_of_memory: bool = False) -> str:
    """`exit_code` as subprocess gives it: negative for a signal. `out_of_memory`: there is evidence for it."""
    hint = ", probably out of memory" if out_of_memory else ""
    if exit_code >= 0:
        return f"exit code {exit_code}{hint}"
    return f"killed by signal {-exit_code}{_name(-exit_code)}{hint}"


def _name(number: int) -> str:
    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""


def why_not_started(error: OSError | ValueError, job: Job) -> str:
    """`error` is what starting the job's command raised."""
    return f"could not start: {_reason(error, job)}"


def _reason(error: OSError | ValueError, job: Job) -> str:
    if isinstance(error, ValueError):
        return str(error)  # a null byte in an argument, a variable with "=" in its name
    if error.filename == job.work:
        return _reason_of_folder(error, job.work)
    if error.filename == job.command[0]:
        return _reason_of_program(error, job)
    return f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)


def _reason_of_folder(error: OSError, folder: str) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such folder {folder}"
    return f"{str(error.strerror).lower()}: the folder {folder}"


def _reason_of_program(error: OSError, job: Job) -> str:
    program = job.command[0]
    place = _find(program, job)
    if isinstance(error, FileNotFoundError):
        if place is None:
            return f"no such file {program}" if "/" in program else f"no such file {program} in any folder of PATH"
        return f"{place}: bad interpreter {_interpreter(place)}"
    if isinstance(error, PermissionError):
        return f"permission denied: {program} is not a file that may be executed"
    if error.errno == errno.ENOEXEC:
        return f"{program} is neither a program for this machine nor a script with a #! line"
    return f"{str(error.strerror).lower()}: {program}"


def _find(program: str, job: Job) -> str | None:
    import shutil

    if "/" not in program:
        return shutil.which(program, path=job.variables.get("PATH", os.defpath))
    place = os.path.join(job.work, program)
    return place if os.path.exists(place) else None


def _interpreter(script: str) -> str:
    """What the script's first line names, or a guess at what a program's header names."""
    try:
        with open(script, "rb") as file:
            line = file.readline(256)
    except OSError:
        return "(unreadable)"
    words = line[2:].split() if line.startswith(b"#!") else []
    return words[0].decode(errors="replace") if words else "(its loader is missing)"
