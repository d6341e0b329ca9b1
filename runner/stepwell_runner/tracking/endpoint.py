"""The address at which MLflow clients of a run's steps are served: a socket from the first step on, a server from the first call on."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from stepwell_runner.targets.protocol import wait_readable

if TYPE_CHECKING:
    import socket

_UNPROXIED = ("no_proxy", "NO_PROXY")
_HOST = "127.0.0.1"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """A step's attempt as its clients may write to it: its step run, what people call it, its experiment, the file of its reports
    and the folder of its artifacts."""

    step_run: str
    name: str
    experiment: str
    reports: str
    artifacts: str


class Endpoint:
    """The endpoint of one run. `workspace` is the `.stepwell` folder. Close it when no step runs any longer."""

    def __init__(self, workspace: str) -> None:
        self.workspace = workspace
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stop: tuple[int, int] = (-1, -1)
        self._lock = threading.Lock()
        self._scopes: dict[str, Scope] = {}

    @contextmanager
    def serving(self, scope: Scope) -> Iterator[dict[str, str]]:
        """Serve an attempt while the block runs; the variables that tell its clients where and as whom."""
        token = os.urandom(24).hex()
        with self._lock:
            port = self._open()
            self._scopes[token] = scope
        try:
            yield _variables(port, token, scope)
        finally:
            with self._lock:
                del self._scopes[token]

    def scope(self, token: str) -> Scope | None:
        """Whose token it is; None for nobody's, and for that of an attempt that is over."""
        with self._lock:
            return self._scopes.get(token)

    def _open(self) -> int:
        if self._socket is None:
            import socket

            self._socket = socket.create_server((_HOST, 0), backlog=128)
            self._stop = os.pipe()
            self._thread = threading.Thread(target=self._serve, args=(self._socket,), name="tracking", daemon=True)
            self._thread.start()
        port: int = self._socket.getsockname()[1]
        return port

    def _serve(self, listener: socket.socket) -> None:
        stop = self._stop[0]
        if stop in wait_readable([listener.fileno(), stop], None):
            return
        from stepwell_runner.tracking.http import serve

        serve(listener, stop, self)

    def close(self) -> None:
        """Serve nobody any more."""
        if self._socket is None or self._thread is None:
            return
        os.write(self._stop[1], b"x")
        self._thread.join()
        self._socket.close()
        for descriptor in self._stop:
            os.close(descriptor)
        self._socket = None


def _variables(port: int, token: str, scope: Scope) -> dict[str, str]:
    found = {"MLFLOW_TRACKING_URI": f"http://{_HOST}:{port}", "MLFLOW_TRACKING_TOKEN": token, "MLFLOW_RUN_ID": scope.step_run,
             "MLFLOW_EXPERIMENT_NAME": scope.experiment}  # fmt: skip
    # Also where there is no proxy: the client looks at much less then.
    return {**found, **{name: ",".join(filter(None, (os.environ.get(name), _HOST))) for name in _UNPROXIED}}
