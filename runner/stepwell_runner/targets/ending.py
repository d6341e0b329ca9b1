"""The end of a child process as a descriptor that becomes readable, so that one `poll` waits for it and for other things."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager


@contextlib.contextmanager
def from_pidfd(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """By the kernel: Linux 5.3 and later. The process stays unreaped. OSError where the kernel knows no such thing."""
    if sys.platform != "linux":
        raise OSError("no pidfd on this system")
    descriptor = os.pidfd_open(process.pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def from_thread(process: subprocess.Popen[bytes]) -> Iterator[int]:
    """By a thread that waits; everywhere."""
    read, write = os.pipe()
    try:
        threading.Thread(target=_close_after, args=(process, write), name=f"wait for {process.pid}", daemon=True).start()
        yield read
    finally:
        os.close(read)


def _close_after(process: subprocess.Popen[bytes], descriptor: int) -> None:
    try:
        if hasattr(os, "waitid"):
            # Left unreaped, the process keeps its pid, and with it its group's number, from being given to another.
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        else:
            process.wait()
    except ChildProcessError:
        pass  # reaped already, by the one that stopped waiting for us
    finally:
        os.close(descriptor)


def ending(process: subprocess.Popen[bytes]) -> AbstractContextManager[int]:
    """The better of the two on this machine."""
    return from_pidfd(process) if _kernel_tells() else from_thread(process)


@functools.cache
def _kernel_tells() -> bool:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.close(os.pidfd_open(os.getpid()))
            return True
    return False
