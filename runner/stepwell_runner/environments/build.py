"""Makes an environment with uv: beside its place first, then renamed, so that it is there whole or not at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO

from stepwell_runner.graph.model import Packages
from stepwell_store.errors import MachineError, StepwellError, UsageError

_LAST_LINES = 15
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[^\x20-\x7e\u00a0-\U0010ffff]")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_NO_PYTHON = re.compile(r"no interpreter found|no download found|invalid version request|not found in .*path", re.IGNORECASE)
_MACHINE = re.compile(
    r"no space left|permission denied|read-only file system|disk quota|too many open files|network was disabled|"
    r"connection|connect to|dns error|timed? ?out|certificate|error sending request|failed to fetch|temporary failure",
    re.IGNORECASE,
)


def build(spec: Packages, home: str, progress: Callable[[str], None]) -> None:
    """Make the environment at `home`; the caller holds its lock. What uv says is kept in `<home>.log`."""
    from stepwell_store.files import make_dir, remove_tree

    for left in _left_behind(home):
        remove_tree(left)
    temporary = f"{home}.tmp-{os.getpid()}"
    make_dir(temporary)
    started = time.monotonic()
    progress(f"making an environment with {len(spec.requirements)} requirements (log: {home}.log)")
    try:
        _make(spec, temporary, f"{home}.log", progress)
        os.rename(temporary, home)
    except BaseException:
        remove_tree(temporary)
        raise
    progress(f"environment made in {time.monotonic() - started:.1f} s")


def _left_behind(home: str) -> list[str]:
    """Builds of this environment that never ended, and an environment whose interpreter has gone."""
    folder, name = os.path.split(home)
    return [os.path.join(folder, entry) for entry in os.listdir(folder) if entry == name or entry.startswith(f"{name}.tmp-")]


def _make(spec: Packages, folder: str, log: str, progress: Callable[[str], None]) -> None:
    from stepwell_store.files import write_atomic

    write_atomic(log, b"", durable=False)
    python = spec.python or sys.executable
    options = ["--quiet", "--relocatable", "--no-project", "--allow-existing"]
    _uv(["venv", *options, f"--python={python}", folder], log, progress, python)
    if not spec.requirements:
        return
    try:
        _install(spec.requirements, folder, log, progress, python)
    except UsageError as mistake:
        lines = _near(spec, folder, log, progress, python)
        if lines is None:
            raise
        progress(f"the versions that are asked for are those of Python {spec.meant_for}; the nearest of Python {python} serve for them")
        try:
            _install(lines, folder, log, progress, python)
        except UsageError:
            raise mistake from None


def _install(lines: Sequence[str], folder: str, log: str, progress: Callable[[str], None], python: str) -> None:
    listed = _listed("requirements.txt", lines, folder)
    _uv(["pip", "install", f"--python={folder}/bin/python", f"--requirements={listed}"], log, progress, python)


def _listed(name: str, lines: Sequence[str], folder: str) -> str:
    """The path of a file with these lines."""
    from stepwell_store.files import write_atomic

    path = os.path.join(folder, name)
    write_atomic(path, "".join(f"{line}\n" for line in lines).encode(), durable=False)
    return path


def _near(spec: Packages, folder: str, log: str, progress: Callable[[str], None], python: str) -> list[str] | None:
    """The requirements in the versions that are nearest for this Python; None where none can be told, or they were written for it."""
    from stepwell_runner.environments.near import OF_THEIR_TIME, lower_bounds, nearest

    if spec.meant_for is None:
        return None
    bounds, held, found = (os.path.join(folder, name) for name in ("lowest.txt", "held.txt", "nearest.txt"))
    _listed("lowest.txt", lower_bounds(spec.requirements), folder)
    _listed("held.txt", OF_THEIR_TIME, folder)
    options = ["--quiet", "--no-header", "--no-annotate", "--only-binary=:all:", "--resolution=lowest-direct"]
    files = [f"--constraints={held}", f"--python={folder}/bin/python", f"--output-file={found}", bounds]
    try:
        _uv(["pip", "compile", *options, *files], log, progress, python)
    except UsageError:
        return None
    with open(found, encoding="utf-8") as file:
        return [*nearest(spec.requirements, file.read()), "setuptools", f"-c {held}"]


def _uv(arguments: list[str], log: str, progress: Callable[[str], None], python: str) -> None:
    """Run uv, its words going to the log and to `progress`."""
    from uv import find_uv_bin

    last: deque[str] = deque(maxlen=_LAST_LINES)
    try:
        command = [find_uv_bin(), *arguments]
        # From the root, so that no project above the workspace has a say in what is installed.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/",
                                   env=_variables())  # fmt: skip
    except OSError as problem:
        raise MachineError(f"uv cannot be started: {problem}", todo="Install Stepwell again; uv comes with it.") from problem
    with process, open(log, "ab") as kept:
        try:
            assert process.stdout is not None
            _follow(process.stdout, kept.write, last, progress)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise _failure("\n".join(last), log, python)


def _follow(lines: IO[bytes], keep: Callable[[bytes], int], last: deque[str], progress: Callable[[str], None]) -> None:
    for line in lines:
        keep(line)
        words = shown(line)
        if words:
            last.append(words)
            if not words.startswith(" "):
                # The indented lines list every package and every download that ended; the log has them.
                progress(words)


def shown(line: bytes) -> str:
    """A line of uv for a person's terminal: no control characters, no credentials."""
    return _CREDENTIALS.sub("", _CONTROL.sub("", line.decode("utf-8", "replace"))).rstrip()[:500]


def _variables() -> dict[str, str]:
    """Those of this process without the ones that would bend what is built."""
    dropped = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "__PYVENV_LAUNCHER__")
    return {**{name: value for name, value in os.environ.items() if name not in dropped}, "NO_COLOR": "1", "UV_NO_PROGRESS": "1"}


def _failure(said: str, log: str, python: str) -> StepwellError:
    if _NO_PYTHON.search(said):
        from stepwell_runner.environments.found import no_interpreter

        return no_interpreter(f"there is no Python {python} for the environment of a step")
    kind: type[StepwellError]
    kind, advice = MachineError, "Look at the network, the disk and the index address, then run again."
    if not _MACHINE.search(said):
        kind, advice = UsageError, "Correct the requirements of the step, then run again."
    return kind("The environment of a step could not be made.", where=log, todo=f"uv said:\n{said}\n{advice}")
