"""A server for the time of a driver: scripts that call their published pipelines by REST find one, without starting it.

    python -P -m stepwell.azureml.serving ROOT PARENT
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from stepwell_store.errors import MachineError, StepwellError
from stepwell_store.locks import is_locked
from stepwell_store.workspace import Workspace, open_workspace

_LOOK_S = 0.5

_started: dict[str, subprocess.Popen[bytes]] = {}


def ensure(workspace: Workspace) -> None:
    """Have the workspace served: by a server that runs already, or by one that ends with this process."""
    root = str(workspace.root)
    if (root in _started and _started[root].poll() is None) or _is_served(workspace):
        return
    command = [sys.executable, "-P", "-m", "stepwell.azureml.serving", root, str(os.getpid())]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stderr is not None
    first = process.stderr.readline().decode("utf-8", "replace").strip()
    if not first.startswith("serving at"):
        process.kill()
        raise MachineError(f"the server for this driver could not be started: {first or 'it ended'}", todo="Try `stepwell serve`.")
    _started[root] = process
    threading.Thread(target=process.stderr.read, daemon=True).start()
    atexit.register(_end, process)


def _is_served(workspace: Workspace) -> bool:
    return is_locked(os.path.join(workspace.locks, "serve.lock"))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def main() -> None:
    """Serve until told to stop, or until the driver is gone."""
    from stepwell.server.address import DEFAULT_PORT
    from stepwell.server.serving import serve

    root, parent = sys.argv[1], int(sys.argv[2])
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    workspace = open_workspace(Path(root))
    try:
        _serve_at(workspace, DEFAULT_PORT, serve)
    except MachineError:  # somebody has that port
        _serve_at(workspace, 0, serve)
    except StepwellError as error:
        _say(str(error))


def _serve_at(workspace: Workspace, port: int, serve: object) -> None:
    assert callable(serve)
    serve(workspace, "127.0.0.1", port, say=_say)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
