"""Which process a number means: a pid names a process only together with its start time and the boot of the machine."""

from __future__ import annotations

import functools
import os
import signal
import sys

import msgspec


class ProcessIdentity(msgspec.Struct, frozen=True):
    """One process among all that ever ran on this machine.

    `started` is in clock ticks since the boot on Linux, elsewhere in seconds since the epoch; `boot` names the boot.
    """

    pid: int
    started: float
    boot: str


class _Seen(msgspec.Struct, frozen=True):
    """What the system says of a pid now. `over`: it has ended, but its parent has not waited for it."""

    started: float
    over: bool
    group: int


@functools.cache
def boot_id() -> str:
    """A name for this boot of the machine; empty where the start time of a process says enough."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _look_in_proc(pid: int) -> _Seen | None:
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        line = os.read(descriptor, 4096)
    except ProcessLookupError:
        return None
    finally:
        os.close(descriptor)
    fields = line[line.rindex(b")") + 2 :].split()  # the program's name, in parentheses, may hold spaces
    return _Seen(started=float(fields[19]), over=fields[0] in (b"Z", b"X"), group=int(fields[2]))


def _look_with_psutil(pid: int) -> _Seen | None:
    import psutil

    try:
        process = psutil.Process(pid)
        over = process.status() == psutil.STATUS_ZOMBIE
        return _Seen(started=process.create_time(), over=over, group=os.getpgid(pid))
    except (psutil.Error, ProcessLookupError):
        return None


_look = _look_in_proc if sys.platform == "linux" else _look_with_psutil


def identify(pid: int) -> ProcessIdentity | None:
    """The process that has this pid now, ended but not yet waited for included; None when there is none."""
    seen = _look(pid)
    return None if seen is None else ProcessIdentity(pid=pid, started=seen.started, boot=boot_id())


def is_running(process: ProcessIdentity) -> bool:
    """Whether this very process still runs; another one that got its pid does not count."""
    seen = _look(process.pid)
    return seen is not None and not seen.over and seen.started == process.started and boot_id() == process.boot


def anyone_runs_in(group: int) -> bool:
    """Whether the process group has a member that has not ended."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS says "not permitted" of a group whose members have all ended
        return False
    seen = (_look(pid) for pid in _pids())
    return any(one is not None and one.group == group and not one.over for one in seen)


def _pids() -> list[int]:
    if sys.platform == "linux":
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    import psutil

    return psutil.pids()


def send(process: ProcessIdentity, number: signal.Signals) -> bool:
    """Signal this very process; False when it is over, is not ours, or another process has its pid."""
    try:
        handle = _hold(process.pid)
    except ProcessLookupError:
        return False
    try:
        if not is_running(process):
            return False
        _signal(process.pid, handle, number)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def _hold(pid: int) -> int | None:
    """A descriptor that stays with the process that has the pid now, so that a check of it holds until the signal."""
    if sys.platform == "linux":
        try:
            return os.pidfd_open(pid)
        except ProcessLookupError:
            raise
        except OSError:
            return None  # a kernel before 5.3, or a sandbox that refuses
    return None


def _signal(pid: int, handle: int | None, number: signal.Signals) -> None:
    if sys.platform == "linux" and handle is not None:
        signal.pidfd_send_signal(handle, number)
    else:
        os.kill(pid, number)
