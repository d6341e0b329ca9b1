"""One worker: a process that runs the author's script on one mini-batch after the other. `python -m stepwell.parallel.worker FD`."""

from __future__ import annotations

import importlib.util
import inspect
import os
import socket
import sys
import traceback
from typing import Any

from stepwell.parallel import rows
from stepwell.parallel.batches import Batch
from stepwell.parallel.context import MiniBatchContext
from stepwell.parallel.entry import EntryScript
from stepwell.parallel.wire import receive_object, send_line


def main(arguments: list[str]) -> int:
    """Serve the driver at the other end of the socket until it says stop or is gone."""
    with socket.socket(fileno=int(arguments[0])) as connection:
        connection.set_inheritable(False)
        return _work(connection)


def _work(connection: socket.socket) -> int:
    told = receive_object(connection)
    if told is None:
        return 1
    try:
        script = _prepared(told)
    except BaseException:  # whatever the script raises, SystemExit among it, is told
        send_line(connection, kind="broken", error=_explained())
        return 1
    send_line(connection, kind="ready")
    while True:
        batch = receive_object(connection)
        if batch is None:
            _finish(script)
            return 0
        _serve(connection, script, batch, told)


def _prepared(told: dict[str, Any]) -> Any:
    """The author's script, imported and initialised."""
    EntryScript._tell(told["facts"])  # noqa: SLF001  (a part of this package)
    sys.argv = [told["entry"], *told["arguments"]]
    path = os.path.abspath(told["entry"])
    sys.path[:0] = list(dict.fromkeys([os.path.dirname(path), os.getcwd()]))
    script = _imported(path)
    if not callable(getattr(script, "run", None)):
        raise AttributeError(f"{told['entry']} has no function run(mini_batch)")
    if callable(getattr(script, "init", None)):
        script.init()
    return script


def _imported(path: str) -> Any:
    if not os.path.isfile(path):
        raise FileNotFoundError(f"there is no entry script {path}")
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python script")
    script = importlib.util.module_from_spec(spec)
    sys.modules[name] = script
    spec.loader.exec_module(script)
    return script


def _serve(connection: socket.socket, script: Any, batch: Batch, told: dict[str, Any]) -> None:
    try:
        result = _run(script, batch)
        count = rows.check(result)
        if told["append"] is not None:
            rows.write(result, os.path.join(told["spool"], f"{batch.index}.rows"), told["append"].separator, told["append"].header)
    except KeyboardInterrupt:
        raise
    except BaseException:  # exit() in a script is a failure of the mini-batch, not the end of the worker
        _flush()
        send_line(connection, kind="failed", index=batch.index, error=_explained())
    else:
        _flush()
        send_line(connection, kind="done", index=batch.index, results=count)


def _run(script: Any, batch: Batch) -> Any:
    items: Any = list(batch.files or [])
    if batch.rows is not None:
        import pandas as pd

        items = pd.read_pickle(batch.rows)  # noqa: S301  (the driver wrote it, in the step's own folder)
    context = MiniBatchContext(batch, items)
    return script.run(items, context) if _takes_context(script.run) else script.run(items)


def _takes_context(run: Any) -> bool:
    """Whether the script's function has a place for a second value."""
    try:
        parameters = list(inspect.signature(run).parameters.values())
    except (TypeError, ValueError):
        return False
    positional = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    return len(positional) > 1 or any(one.kind is one.VAR_POSITIONAL for one in parameters)


def _explained() -> str:
    """The exception that is being handled, from where the author's code begins."""
    kind, error, trace = sys.exc_info()
    here = os.path.dirname(os.path.abspath(__file__))
    while trace is not None and trace.tb_next is not None and _is_ours(trace, here):
        trace = trace.tb_next
    return "".join(traceback.format_exception(kind, error, trace))


def _is_ours(trace: Any, here: str) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return os.path.dirname(os.path.abspath(file)) == here or "importlib" in file


def _finish(script: Any) -> None:
    if callable(getattr(script, "shutdown", None)):
        script.shutdown()
    _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
