"""Loads a pipeline file. A Python file runs in a child process, which gives back the graph that it defines; YAML is read here.

The file runs with its own folder as current directory and first on `sys.path`, as module `__stepwell__` (so that what stands
below `if __name__ == "__main__":` does not run), without standard input. What it prints goes to standard error.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from stepwell.loading import wire
from stepwell_runner.graph.model import Graph, decode
from stepwell_runner.targets.protocol import wait_readable
from stepwell_store import errors

_GRACE_S = 1.0
"""How long a file that is out of time has to say where it was."""

_LOOK_S = 0.2
"""How often to look whether the child is alive: its pipe stays open when its own children hold it."""


def load(
    path: str | os.PathLike[str],
    workspace_root: Path | None = None,
    progress: Callable[[str], None] | None = None,
    timeout_s: float = 120.0,
    *,
    noise: int = 2,
    hint_s: float = 3.0,
    edits: Sequence[str] = (),
    lax: bool = False,
    target: str | None = None,
) -> Graph:
    """The graph that a pipeline file defines. UsageError says what is wrong with the file, with its own lines.

    `workspace_root` is the `.stepwell` folder that the file's `Workspace` stands for, None when there is none yet.
    `progress` is called with a sentence when loading takes longer than `hint_s` seconds. After `timeout_s` seconds the file
    and every process that it started are ended. `noise` is the descriptor that takes what the file prints. `edits`, `lax`
    and `target` are for YAML, whose notices go to `progress` (see `stepwell.jobs.loading`).
    """
    place = _existing(os.path.abspath(os.fspath(path)))
    name = os.path.basename(place)
    if place.endswith((".yml", ".yaml")):
        return _of_yaml(place, workspace_root, progress, edits, lax, target)
    if edits or lax:
        raise errors.UsageError("--set and --lax are for pipelines written in YAML", where=place, todo="Set parameters with -p NAME=VALUE.")
    child = _start(place, str(workspace_root) if workspace_root is not None else "", noise)
    try:
        frame = _answer(child, name, progress, timeout_s, hint_s)
        if frame is None:
            child.wait(_GRACE_S)
    finally:
        ended = child.end()
    if frame is None:
        raise errors.UsageError(f"{name} {_how_it_ended(ended)} before its pipeline was complete", where=place)
    return _graph(frame, name)


def _of_yaml(
    path: str, workspace_root: Path | None, progress: Callable[[str], None] | None, edits: Sequence[str], lax: bool,
    target: str | None,
) -> Graph:
    from stepwell.jobs.loading import load_job

    loaded = load_job(path, workspace_root, edits=edits, lax=lax, target=target)
    if progress is not None:
        for notice in loaded.notices:
            progress(notice)
    return loaded.graph


def _existing(path: str) -> str:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise errors.UsageError(f"the path {path!a} is not valid UTF-8", todo="Rename what is not, or set a locale with UTF-8, such as"
                                " LC_ALL=C.UTF-8, if only the locale is at fault.") from None
    if os.path.isfile(path):
        return path
    if os.path.isdir(path):
        raise errors.UsageError(f"{path} is a folder, not a pipeline file", todo=_scripts_in(path))
    from difflib import get_close_matches

    folder, name = os.path.split(path)
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    near = get_close_matches(name, names, n=3)
    raise errors.UsageError(f"there is no file {path}", todo=f"Did you mean {' or '.join(near)}?" if near else None)


def _scripts_in(folder: str) -> str | None:
    scripts = sorted(name for name in os.listdir(folder) if name.endswith((".py", ".yml", ".yaml")))
    return f"Name a file in it: {', '.join(scripts[:10])}." if scripts else None


class _Child:
    """A process that leads a group of its own; `answer` is the readable end of its pipe."""

    def __init__(self, pid: int, answer: int) -> None:
        self.answer = answer
        self._pid = pid
        self._status: int | None = None

    def status(self) -> int | None:
        """How it ended, negative for a signal; None while it runs."""
        if self._status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def wait(self, seconds: float) -> None:
        """Give it time to end; its pipe closes a moment before its status is known."""
        deadline = time.monotonic() + seconds
        while self.status() is None and time.monotonic() < deadline:
            time.sleep(0.002)

    def ask_to_stop(self) -> None:
        """Have it say where it is."""
        if self.status() is None:
            os.kill(self._pid, signal.SIGTERM)

    def end(self) -> int | None:
        """End it and all that it started; how it had ended before that, or None."""
        ended = self.status()
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # It has no group yet, or nothing is left of it but its status.
            if ended is None:
                os.kill(self._pid, signal.SIGKILL)
        if ended is None:
            os.waitpid(self._pid, 0)
        os.close(self.answer)
        return ended


def _start(path: str, workspace_root: str, noise: int) -> _Child:
    read, write = os.pipe()
    try:
        # A fork spares the 55 ms that a fresh interpreter takes to import all this again. It is sound with one thread only.
        begin = _forked if sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1 else _spawned
        return _Child(begin(path, workspace_root, noise, write), read)
    except BaseException:
        os.close(read)
        raise
    finally:
        os.close(write)


def _forked(path: str, workspace_root: str, noise: int, write: int) -> int:
    from stepwell.loading import child

    for stream in (sys.stdout, sys.stderr):
        child.flush(stream)
    pid = os.fork()
    if pid == 0:
        child.settle(noise, write)
        child.run(path, workspace_root, write)
    return pid


def _spawned(path: str, workspace_root: str, noise: int, write: int) -> int:
    there = max(write, noise) + 1
    command = [sys.executable, "-P", "-m", "stepwell.loading.child", path, workspace_root, str(there)]
    descriptors = [(os.POSIX_SPAWN_DUP2, noise, 2), (os.POSIX_SPAWN_DUP2, write, there)]
    return os.posix_spawn(sys.executable, command, os.environ, file_actions=descriptors)


def _answer(
    child: _Child, name: str, progress: Callable[[str], None] | None, timeout_s: float, hint_s: float
) -> tuple[bytes, bytes] | None:
    """What the child says; None when it ends without a word. UsageError when it is out of time and does not say where."""
    begun = time.monotonic()
    data = bytearray()
    if progress is not None and timeout_s > hint_s:
        if _read_until(child, data, begun + hint_s):
            return wire.received(data)
        progress(f"{name} is still being loaded after {hint_s:g} s ...")
    if _read_until(child, data, begun + timeout_s):
        return wire.received(data)
    child.ask_to_stop()
    if _read_until(child, data, time.monotonic() + _GRACE_S) and wire.received(data):
        return wire.received(data)
    raise errors.UsageError(f"{name} was not loaded within {timeout_s:g} s", todo="It hangs, or does work that belongs into a step.")


def _read_until(child: _Child, data: bytearray, deadline: float) -> bool:
    """Whether the child has said all that it will say before the deadline."""
    while wire.received(data) is None:
        over = child.status() is not None
        ready = wait_readable([child.answer], 0 if over else min(deadline, time.monotonic() + _LOOK_S))
        chunk = os.read(child.answer, 1 << 20) if ready else b""
        data += chunk
        if not chunk and (over or ready):
            return True
        if not chunk and time.monotonic() >= deadline:
            return False
    return True


def _how_it_ended(status: int | None) -> str:
    if status is None or status >= 0:
        return f"ended its process (exit code {status})" if status else "ended its process"
    hint = " (out of memory?)" if status == -signal.SIGKILL else ""
    return f"was killed by {signal.Signals(-status).name}{hint}"


def _graph(frame: tuple[bytes, bytes], name: str) -> Graph:
    status, payload = frame
    collecting = gc.isenabled()
    gc.disable()  # a graph of thousands of steps is built at once, and the collector would look at it again and again
    try:
        if status == wire.GRAPH:
            return decode(payload)
        mistake = wire.decode_mistake(payload)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise errors.UsageError(f"{name} disturbed the process that loads it: its answer cannot be read") from None
    finally:
        if collecting:
            gc.enable()
    kind: type[errors.StepwellError] = getattr(errors, mistake.kind, errors.UsageError)
    raise kind(mistake.what, where=mistake.where, todo=mistake.todo)
