"""The whole story in tmux, as a person has it: open, run, watch it finish, edit a file, see what is stale, rerun, compare, quit."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from short_history import STEPWELL
from stepwell_store.workspace import create

PATIENCE_S = 60.0
PIPELINE = """
from stepwell import Pipeline, PipelineData, PythonScriptStep, Workspace
ws = Workspace.from_config()
made = PipelineData("made")
make = PythonScriptStep("make.py", name="make", arguments=[made], outputs=[made], source_directory="make")
use = PythonScriptStep("use.py", name="use", arguments=[made], inputs=[made], source_directory="use")
pipeline = Pipeline(ws, steps=[use])
"""


class Tmux:
    """A server of its own with one window, in which a shell runs."""

    def __init__(self, base: Path, socket: Path) -> None:
        self._socket = socket
        self("-f", os.devnull, "new-session", "-d", "-x", "120", "-y", "36", "-c", str(base), "exec sh")

    def __call__(self, *words: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "TMUX", "NO_COLOR")}
        return subprocess.run(["tmux", "-S", self._socket, *words], env=environment, capture_output=True, text=True, check=True).stdout

    def keys(self, *keys: str) -> None:
        """Press them."""
        for key in keys:
            self("send-keys", key)

    def shows(self, *texts: str) -> None:
        """Wait until all of these are on the screen."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(text in (screen := self("capture-pane", "-p")) for text in texts):
            assert time.monotonic() < deadline, f"{texts} did not come:\n{screen}"
            time.sleep(0.1)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None and not os.environ.get("CI"):
        pytest.skip("there is no tmux here")
    base = tmp_path / "project"
    for name, text in (("make", "print('made it')\nopen(__import__('sys').argv[1], 'w').write('one')\n"), ("use", "print('used it')\n")):
        (base / name).mkdir(parents=True)
        (base / name / f"{name}.py").write_text(text)
    (base / "pipeline.py").write_text(PIPELINE)
    create(base)
    found = Tmux(base, tmp_path / "socket")
    yield found
    found("kill-server")


def test_the_whole_story(tmux: Tmux, tmp_path: Path) -> None:
    tmux.keys(f"{STEPWELL}; echo it ended with $?", "Enter")
    tmux.shows("Nothing has run yet")
    tmux.keys("2")
    tmux.shows("1 stale, 1 may follow", "it has not run before")
    tmux.keys("r")
    tmux.shows("Completed", "2/2 steps")
    tmux.keys("Escape")
    tmux.shows("2 fresh")
    (tmp_path / "project" / "use" / "use.py").write_text("print('used it')\nprint('better')\n")
    tmux.shows("1 fresh, 1 stale", "use.py +1")
    tmux.keys("r")
    tmux.shows("Reused", "2/2 steps", "#2")
    tmux.keys("c")
    tmux.shows("Compare", "#1", "#2", "use.py")
    tmux.keys("Escape")
    tmux.shows("2/2 steps")
    tmux.keys("C-q")
    tmux.shows("it ended with 0")
