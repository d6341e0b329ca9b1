"""Callers that keep a connection without saying what they want lose it; those that do say it do not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from stepwell.server.impatient import Impatient

PATIENCE_S = 60


class Hasty(Impatient):
    """One that a test can wait for."""

    head_s = 0.3


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers every request."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def address(eventually: Callable[..., None]) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(echo, http=Hasty, lifespan="off", log_config=None, timeout_keep_alive=30))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        eventually(lambda: server.started, timeout=PATIENCE_S)
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_one_that_does_not_end_its_head_is_let_go(address: tuple[str, int], said: bytes) -> None:
    with socket.create_connection(address, timeout=PATIENCE_S) as connection:
        connection.sendall(said)
        assert gone(connection)


def test_one_that_does_so_at_its_second_request_is_let_go_and_had_its_first_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=PATIENCE_S) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in connection.recv(4096)
        connection.sendall(b"GET / HTTP/1.1\r\nHost")
        assert gone(connection)


def gone(connection: socket.socket) -> bool:
    """Whether the other end closes the connection."""
    try:
        while connection.recv(4096):
            continue
    except ConnectionResetError:
        return True
    return True
