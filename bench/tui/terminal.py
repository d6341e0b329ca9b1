"""A program on a terminal of its own: what it writes and when, and how much of the processor it takes."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from typing import Self

import psutil

QUIET_S = 0.06
"""A screen that did not change for so long is painted."""


class Silent(Exception):
    """What was waited for did not come."""


class Terminal:
    """One program, until the `with` block ends."""

    def __init__(self, words: Sequence[str], columns: int = 120, lines: int = 40) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_ANIMATIONS": "none"}
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, env=variables, start_new_session=True)
        os.close(slave)
        self._usage = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def send(self, keys: str) -> float:
        """Type; when that was."""
        os.write(self._master, keys.encode())
        return time.perf_counter()

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        times = self._usage.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        """Bytes in memory."""
        return float(self._usage.memory_info().rss)

    def until(self, text: str, timeout: float) -> float:
        """Read until this text is written; when that was."""
        seen, wanted, end = b"", text.encode(), time.perf_counter() + timeout
        while time.perf_counter() < end:
            seen = seen[-4096:] + self._read(0.05)
            if wanted in seen:
                return time.perf_counter()
        raise Silent(f"{text!r} was not shown in {timeout:.0f} s")

    def painted(self, timeout: float) -> tuple[float, int]:
        """Read until nothing more comes; when the last of it came, and how many bytes it were."""
        first, last, count = time.perf_counter(), None, 0
        while time.perf_counter() - (last or first) < (QUIET_S if last else timeout):
            data = self._read(QUIET_S / 4)
            if data:
                last, count = time.perf_counter(), count + len(data)
        if last is None:
            raise Silent("nothing was painted")
        return last, count

    def rest(self, seconds: float) -> None:
        """Let it go on, and read what it writes."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._read(min(0.05, seconds))

    def _read(self, timeout: float) -> bytes:
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return b""
        try:
            return os.read(self._master, 1 << 16)
        except OSError:
            raise Silent("the program ended") from None
