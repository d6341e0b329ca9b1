"""HTTP for the endpoint: requests with a token to the functions of `api` and `artifacts`, and their answers back."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from stepwell_runner.targets.protocol import wait_readable
from stepwell_runner.tracking import artifacts
from stepwell_runner.tracking.api import Api
from stepwell_runner.tracking.errors import Refusal

if TYPE_CHECKING:
    from stepwell_runner.tracking.endpoint import Endpoint

_LARGEST_BODY = 64 << 20
_FILES = "/api/2.0/mlflow-artifacts/artifacts"
_CALLS = "/api/2.0/mlflow/"
_PATIENCE_S = 600.0


def serve(listener: socket.socket, stop: int, endpoint: Endpoint) -> None:
    """Answer until `stop` becomes readable; each connection in a thread of its own."""
    api = Api(endpoint.workspace)
    try:
        while stop not in wait_readable([listener.fileno(), stop], None):
            connection, address = listener.accept()
            threading.Thread(target=_answer, args=(connection, address, endpoint, api), name="tracking client", daemon=True).start()
    finally:
        api.close()


def _answer(connection: socket.socket, address: Any, endpoint: Endpoint, api: Api) -> None:
    connection.settimeout(_PATIENCE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        _Handler(connection, address, endpoint, api)
    except OSError:
        pass  # the client went away
    finally:
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "stepwell"
    sys_version = ""

    def __init__(self, connection: socket.socket, address: Any, endpoint: Endpoint, api: Api) -> None:
        self._endpoint = endpoint
        self._api = api
        self._left = 0
        super().__init__(connection, address, None)  # type: ignore[arg-type]  # it is the server only for those who subclass that

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  the names are those of http.server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: what clients call is no news for people."""

    def _handle(self) -> None:
        length = self.headers.get("Content-Length", "0")
        self._left = int(length) if length.isdecimal() else 0
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            self.close_connection = True
            self._tell(411, {"error_code": "INVALID_PARAMETER_VALUE", "message": "a length is needed"})
            return
        try:
            self._route()
        except Refusal as refusal:
            self._drain()
            self._tell(refusal.status, {"error_code": refusal.code, "message": refusal.message})
        except Exception as problem:  # whatever a client sends, it gets an answer and the runner goes on
            self.close_connection = True
            self._tell(500, {"error_code": "INTERNAL_ERROR", "message": f"the runner could not do it: {problem}"})

    def _route(self) -> None:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        scope = self._endpoint.scope(token.strip()) if kind.lower() == "bearer" else None
        address = urlsplit(self.path)
        path = unquote(address.path)
        if scope is None:
            raise Refusal("PERMISSION_DENIED", "the token is none of a step that runs now", 401)
        query = {name: values if len(values) > 1 else values[0] for name, values in parse_qs(address.query).items()}
        if path.startswith(_FILES):
            self._files(self._api.book(scope), path.removeprefix(_FILES).strip("/"), query)
        elif path.startswith(_CALLS):
            body = self._body() if self.command != "GET" else query
            self._tell(200, self._api.call(self._api.book(scope), self.command, path.removeprefix(_CALLS).strip("/"), body))
        else:
            raise Refusal("ENDPOINT_NOT_FOUND", f"{path} is not served here", 404)

    def _body(self) -> dict[str, Any]:
        if self._left > _LARGEST_BODY:
            self.close_connection = True
            raise Refusal("INVALID_PARAMETER_VALUE", "the request is too large", 413)
        data = self.rfile.read(self._left)
        self._left = 0
        try:
            found = json.loads(data or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Refusal("BAD_REQUEST", "the request is no JSON object")
        return found

    def _files(self, book: Any, path: str, query: dict[str, Any]) -> None:
        if self.command == "PUT":
            artifacts.put(book.place(path, to_write=True), _Body(self))
            self._tell(200, {})
        elif self.command == "DELETE":
            artifacts.remove(book.place(path, to_write=True))
            self._tell(200, {})
        elif not path:
            self._tell(200, artifacts.listed(book.place(str(query.get("path", "")))))
        else:
            self._send_file(book.place(path))

    def _send_file(self, path: str) -> None:
        with artifacts.opened(path) as file:
            size = artifacts.size_of(file)
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(size))
            self.end_headers()
            artifacts.pour(file, self.wfile, size)

    def read_body(self, size: int) -> bytes:
        """The next bytes of the request's body, empty at its end."""
        data = self.rfile.read(min(size, self._left)) if self._left else b""
        if self._left and not data:
            self.close_connection = True
            raise Refusal("BAD_REQUEST", "the file came to an end before its length")
        self._left -= len(data)
        return data

    def _drain(self) -> None:
        """Take what the client still sends, so that it hears the answer; from one that sends a lot the connection is taken away."""
        if self._left > _LARGEST_BODY:
            self.close_connection = True
            return
        while self._left:
            self.read_body(1 << 20)

    def _tell(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Body:
    def __init__(self, handler: _Handler) -> None:
        self._handler = handler

    def read(self, size: int) -> bytes:
        return self._handler.read_body(size)


