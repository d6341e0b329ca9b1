"""A program on a terminal of its own, and every byte that it writes there."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

PATIENCE_S = 90.0
QUIET_S = 0.25
"""A screen that nothing was written to for so long is painted."""


class OnTerminal:
    """Runs until the `with` block ends."""

    def __init__(self, words: Sequence[str], *, cwd: Path, columns: int = 120, lines: int = 40, **variables: str) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        # The size is what the terminal says, and the look what the test says.
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "TMUX")}
        environment = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", **variables}
        self.seen = b""
        self.process = subprocess.Popen(words, cwd=cwd, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def type(self, keys: str) -> int:
        """Press keys; how much had been written until then."""
        before = len(self.seen)
        os.write(self._master, keys.encode())
        return before

    def until(self, holds: Callable[[bytes], object], since: int = 0, what: str = "") -> bytes:
        """Read until it holds of what was written since, and then until nothing more comes: all of that."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds(self.seen[since:]):
            assert time.monotonic() < deadline, (what, self.seen[since:][-3000:])
            self._read(1.0)
        while self._read(QUIET_S):
            assert time.monotonic() < deadline, "it never comes to rest"
        return self.seen[since:]

    def rest(self) -> None:
        """Read until nothing more comes."""
        self.until(lambda _: True)

    def end(self) -> int:
        """Read to its end; how it ended."""
        with suppress(OSError):  # the other side has closed
            while self._read(PATIENCE_S):
                pass
        return self.process.wait(PATIENCE_S)

    def _read(self, patience: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], patience)
        if not ready:
            return False
        data = os.read(self._master, 1 << 16)
        self.seen += data
        return bool(data)
