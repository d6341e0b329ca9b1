"""The way from a step to its workspace: a process of Stepwell's own that opens it on the step's behalf, asked over two pipes.

A step never opens the workspace itself: its interpreter may be an old one, and have nothing installed. The process is started
when a step first asks for more than its own run, and ends with the step. One question and one answer are one line of JSON each.
"""

from __future__ import annotations

import _thread
import json
import os
from typing import Any

from stepwell import context
from stepwell.errors import RunEnvironmentException

_lock = _thread.allocate_lock()
_open: _Door | None = None


def ask(question: dict[str, Any]) -> Any:
    """The answer, as the other side encoded it. RunEnvironmentException where the workspace cannot be reached."""
    global _open  # noqa: PLW0603
    with _lock:
        if _open is None or _open.owner != os.getpid():  # a forked process needs a door of its own
            _open = _Door()
        return _open.ask(question)


class _Door:
    def __init__(self) -> None:
        import subprocess

        facts = context.read()
        if facts is None:
            raise RunEnvironmentException("this process is not a step of a run, so it has no workspace")
        command = facts.get("door") or []
        if not command or not os.path.exists(command[0]):
            raise RunEnvironmentException(
                "the workspace cannot be reached from where this step runs; hand it what it needs as inputs, outputs and parameters"
            )
        self.owner = os.getpid()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_variables(), start_new_session=False
        )

    def ask(self, question: dict[str, Any]) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(json.dumps({**question, "cwd": _cwd()}).encode("ascii") + b"\n")
            stdin.flush()
            line = stdout.readline()
        except OSError:
            line = b""
        if not line:
            raise RunEnvironmentException(f"the process that opens the workspace has ended (exit code {self._process.wait()})")
        return json.loads(line)


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return None


def _variables() -> dict[str, str]:
    """The environment without what makes a process a step."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STEPWELL_", "PYTHONHOME"))}
    paths = [folder for folder in kept.pop("PYTHONPATH", "").split(os.pathsep) if folder and os.path.abspath(folder) != here]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)} if paths else kept
