"""What driver and worker say to each other over a pair of sockets: messages as one line of JSON, the input of a worker pickled.

The driver trusts nothing that comes from a worker's process: it reads JSON only.
"""

from __future__ import annotations

import json
import pickle
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!Q")


def send_object(connection: socket.socket, value: Any) -> None:
    """From the driver to a worker."""
    data = pickle.dumps(value)
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive_object(connection: socket.socket) -> Any:
    """In the worker: what the driver sent; None when it has gone."""
    head = _exactly(connection, _LENGTH.size)
    data = _exactly(connection, _LENGTH.unpack(head)[0]) if head else b""
    return pickle.loads(data) if data else None  # noqa: S301  (the driver made it, for this process)


def _exactly(connection: socket.socket, count: int) -> bytes:
    pieces = []
    while count:
        piece = connection.recv(min(count, 1 << 20))
        if not piece:
            return b""
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def send_line(connection: socket.socket, **message: Any) -> None:
    """From a worker to the driver."""
    connection.sendall(json.dumps(message).encode("ascii") + b"\n")


class Lines:
    """Messages of one worker as they come, in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages that are complete now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]
