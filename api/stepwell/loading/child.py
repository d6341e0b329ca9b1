"""Runs a pipeline file in a process of its own and sends the graph that it defines. Never returns."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from stepwell.loading import wire
from stepwell_runner.graph.model import Graph, encode
from stepwell_store.errors import UsageError

if TYPE_CHECKING:
    from stepwell.sdk.pipeline import Pipeline

MODULE = "__stepwell__"
"""`__name__` of a pipeline file while it is loaded."""

_COMMON_NAMES = frozenset({"pipeline", "pipelines", "main", "run", "driver"})

_ROOT_VARIABLE = "STEPWELL_WORKSPACE"


class _TooLong(BaseException):
    """The parent has lost patience. Not an Exception, so that an author's `except Exception` lets it through."""


def settle(noise: int, answer: int) -> None:
    """Make this process independent of its parent: session, descriptors, signals. Output goes to the descriptor `noise`."""
    # Garbage of the parent must not be collected here: it would close descriptors that are somebody else's by then.
    gc.freeze()
    os.setsid()
    for number in range(1, signal.NSIG):
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(noise, 1)
    os.dup2(noise, 2)
    os.dup2(nothing, 0)
    _close_all_but(answer)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.stdout, sys.stderr = _text(1), _text(2)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]


def _close_all_but(kept: int) -> None:
    """Close what a fork inherits, such as locks of the parent's, which would outlive it here."""
    for name in os.listdir("/dev/fd"):
        if int(name) > 2 and int(name) != kept:
            try:
                os.close(int(name))
            except OSError:
                continue  # the folder itself was among them


def _text(descriptor: int) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)


def run(path: str, workspace_root: str, answer: int) -> NoReturn:
    """Load the file, send its graph or its mistake through the descriptor `answer`, and leave the process."""
    try:
        status, payload = _outcome(path, workspace_root)
        for stream in (sys.stdout, sys.stderr):
            flush(stream)
        wire.send(answer, status, payload)
    finally:
        # Threads and exit handlers of the author's have no say in when the process ends.
        os._exit(0)


def flush(stream: Any) -> None:
    """Write out what a stream holds, if it still can."""
    try:
        stream.flush()
    except (OSError, ValueError, AttributeError):
        return


def _outcome(path: str, workspace_root: str) -> tuple[bytes, bytes]:
    try:
        signal.signal(signal.SIGTERM, _out_of_patience)
        graph = _graph(path, workspace_root)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return wire.GRAPH, encode(graph)
    except BaseException as error:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        from stepwell.loading.mistakes import of_exception

        return wire.MISTAKE, wire.encode_mistake(of_exception(error, path, isinstance(error, _TooLong)))


def _out_of_patience(signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    raise _TooLong


def _graph(path: str, workspace_root: str) -> Graph:
    folder, name = os.path.split(path)
    os.environ[_ROOT_VARIABLE] = workspace_root
    os.chdir(folder)
    sys.argv = [path]
    sys.path.insert(0, folder)
    pipeline = _pipeline(_executed(path), name)
    return msgspec.structs.replace(pipeline.graph, name=pipeline.name or _name_of(path), base=folder)


def _name_of(path: str) -> str:
    """What a pipeline is called when its author did not say: its file, or the folder of a file that is merely called pipeline.py."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    return os.path.basename(folder) or stem if stem in _COMMON_NAMES else stem


def _executed(path: str) -> ModuleType:
    module = ModuleType(MODULE)
    module.__file__ = path
    sys.modules[MODULE] = module
    with open(path, "rb") as file:
        source = file.read()
    if b"azureml" in source:
        from stepwell.azureml.finder import install

        install()
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except ValueError as error:
        raise SyntaxError(str(error), (path, 1, 1, "")) from None
    exec(code, module.__dict__)  # noqa: S102  running the author's file is the purpose
    return module


def _pipeline(module: ModuleType, name: str) -> Pipeline:
    from stepwell.sdk.pipeline import Pipeline
    from stepwell.sdk.workspace import Workspace

    maker = getattr(module, "pipeline", None)
    if callable(maker) and not isinstance(maker, type):
        made = maker(Workspace.from_config())
        if not isinstance(made, Pipeline):
            raise UsageError(f"pipeline(workspace) in {name} returned {type(made).__name__}, not a Pipeline")
        return made
    found = {id(value): (key, value) for key, value in vars(module).items() if isinstance(value, Pipeline)}
    if len(found) != 1:
        raise _not_one(name, [key for key, _ in found.values()])
    return next(iter(found.values()))[1]


def _not_one(name: str, keys: list[str]) -> UsageError:
    if keys:
        return UsageError(f"{name} defines {len(keys)} pipelines: {', '.join(keys)}", todo="Leave one of them at module level.")
    return UsageError(
        f"{name} defines no pipeline", todo="Define one `Pipeline` at module level, or a function `pipeline(workspace)` that returns one."
    )


if __name__ == "__main__":
    settle(2, int(sys.argv[3]))
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]))
