"""The processes of the workers: started, told, killed."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from typing import Any

from stepwell.parallel.batches import Batch
from stepwell.parallel.wire import Lines, send_object

STDOUT = os.path.join("logs", "user", "stdout")


class Seat:
    """A place for a worker: its names, its log, its share of the machine. A worker that died is followed by another on its seat."""

    def __init__(self, number: int, per_node: int, device: str | None = None) -> None:
        self.node = f"node{number // per_node:03d}"
        self.agent = f"process{number % per_node:03d}"
        self.device = device
        self.log = os.path.join(STDOUT, self.node, f"{self.agent}.std.txt")


class Worker:
    """One process on a seat. `batch` is what it works on, `deadline` when that takes too long.

    `explained` is set when it has said itself why it could not start.
    """

    def __init__(self, seat: Seat, told: dict[str, Any]) -> None:
        self.seat = seat
        self.batch: Batch | None = None
        self.deadline: float | None = None
        self.ready = False
        self.explained = False
        self.connection, theirs = socket.socketpair()
        self._lines = Lines()
        os.makedirs(os.path.dirname(seat.log), exist_ok=True)
        with theirs, open(seat.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stepwell.parallel.worker", str(theirs.fileno())], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, pass_fds=[theirs.fileno()], env=_variables(seat),
            )  # fmt: skip
        send_object(self.connection, told)

    def give(self, batch: Batch, timeout_s: float | None) -> None:
        """Hand over a mini-batch."""
        self.batch = batch
        self.deadline = None if timeout_s is None else time.monotonic() + timeout_s
        send_object(self.connection, batch)

    def free(self) -> Batch | None:
        """Take back what it worked on."""
        batch, self.batch, self.deadline = self.batch, None, None
        return batch

    def hear(self) -> list[dict[str, Any]] | None:
        """The messages that have come; None when its process has closed the connection. Never waits."""
        try:
            data = self.connection.recv(1 << 20, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        except ConnectionError:
            data = b""
        return self._lines.feed(data) if data else None

    def dismiss(self) -> None:
        """Tell it that nothing more will come."""
        self.connection.shutdown(socket.SHUT_WR)

    def wait(self, seconds: float) -> int | None:
        """Wait so long for its end; its exit code, None when it goes on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.returncode

    def kill(self) -> int:
        """End it now; its exit code."""
        self.process.kill()
        self.connection.close()
        return self.process.wait()


def _variables(seat: Seat) -> dict[str, str]:
    own = {} if seat.device is None else {"CUDA_VISIBLE_DEVICES": seat.device}
    return {**os.environ, **own, "PYTHONUNBUFFERED": "1"}


def devices() -> list[str]:
    """The graphics processors that this step may use, by the names that CUDA gives them."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        return [one.strip() for one in given.split(",") if one.strip() not in ("", "-1")]
    try:
        names = os.listdir("/dev")
    except OSError:
        return []
    return [str(number) for number, _ in enumerate(name for name in names if name.startswith("nvidia") and name[6:].isdigit())]
