"""What a Java machine writes, brought to the log of the step that uses it at the moment."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections import deque

_CHUNK = 65536
_KEPT = 64


class Output:
    """Reads one pipe to its end in a thread of its own. What comes while no log is set is kept, the last part of it, for error messages."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._sink: int | None = None
        self._last: deque[bytes] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self._open = True
        os.set_blocking(descriptor, False)
        self._thread = threading.Thread(target=self._run, name=f"output of {name}", daemon=True)
        self._thread.start()

    def to(self, path: str) -> None:
        """From now on it goes to the end of this file."""
        sink = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with self._lock:
            self._take()
            self._sink = sink

    def away(self) -> None:
        """What was written so far goes to the file; what comes from now on belongs to no step."""
        with self._lock:
            self._take()
            sink, self._sink = self._sink, None
        if sink is not None:
            os.close(sink)

    def last(self) -> str:
        """The end of what belonged to no step."""
        with self._lock:
            return b"".join(self._last).decode("utf-8", "replace")[-2000:]

    def close(self) -> None:
        """When the other end is closed: take in the rest."""
        self._thread.join()
        self.away()

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        while self._open:
            poll.poll()
            with self._lock:
                self._take()
        os.close(self._descriptor)

    def _take(self) -> None:
        """All that is in the pipe now."""
        while self._open:
            try:
                chunk = os.read(self._descriptor, _CHUNK)
            except BlockingIOError:
                return
            if not chunk:
                self._open = False
            elif self._sink is None:
                self._last.append(chunk)
            else:
                _write(self._sink, chunk)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    with contextlib.suppress(OSError):  # a full disk must not keep the Java machine waiting for its reader
        while rest:
            rest = rest[os.write(descriptor, rest) :]
