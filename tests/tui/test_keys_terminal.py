"""Keys that hand the terminal to somebody else, pressed on a terminal of the real program."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from pty_program import OnTerminal

from short_history import STEPWELL
from stepwell_store.workspace import create

PIPELINE = """
from stepwell import Pipeline, PythonScriptStep, Workspace
say = PythonScriptStep("say.py", name="say", source_directory="src")
pipeline = Pipeline(Workspace.from_config(), steps=[say])
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A project with one pipeline, which has run once."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "say.py").write_text("print('it was said')\n")
    (folder / "pipeline.py").write_text(PIPELINE)
    create(folder)
    return folder


def program(folder: Path, text: str) -> str:
    """A program of the person's own."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_log_of_a_step_opens_in_the_pager(base: Path, tmp_path: Path) -> None:
    pager = program(tmp_path, 'printf "in the pager: "; cat "$1"; read line')
    with OnTerminal([STEPWELL, "ui"], cwd=base, PAGER=pager) as terminal:
        terminal.until(lambda seen: b"Nothing has run yet" in seen)
        terminal.type("2")
        terminal.until(lambda seen: b"it has not run before" in seen)
        since = terminal.type("r")
        terminal.until(lambda seen: b"it was said" in seen and b"Completed" in seen, since)
        since = terminal.type("o")
        terminal.until(lambda seen: b"in the pager: it was said" in seen, since)
        since = terminal.type("\n")
        terminal.until(lambda seen: b"Steps" in seen, since)
        terminal.type("\x11")
        assert terminal.end() == 0


def test_the_file_of_a_pipeline_opens_in_the_editor(base: Path, tmp_path: Path) -> None:
    editor = program(tmp_path, """sed 's/name="say"/name="exclaim"/' "$1" >"$1".new; mv "$1".new "$1"; printf 'in the editor'""")
    with OnTerminal([STEPWELL, "ui"], cwd=base, VISUAL=editor) as terminal:
        terminal.until(lambda seen: b"Nothing has run yet" in seen)
        terminal.type("2")
        terminal.until(lambda seen: b"it has not run before" in seen)
        since = terminal.type("e")
        terminal.until(lambda seen: b"in the editor" in seen and b"exclaim" in seen, since)
        since = terminal.type("r")
        terminal.until(lambda seen: b"it was said" in seen, since)
        terminal.type("\x11")
        assert terminal.end() == 0


@pytest.mark.parametrize("before", ["", "/"])
def test_the_dashboard_is_suspended_and_comes_back(base: Path, before: str) -> None:
    with OnTerminal([STEPWELL, "ui"], cwd=base) as terminal:
        terminal.until(lambda seen: b"Nothing has run yet" in seen)
        terminal.type(before)
        terminal.rest()
        since = terminal.type("\x1a")
        terminal.until(lambda seen: b"\x1b[?1049l" in seen, since)
        _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        since = len(terminal.seen)
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.until(lambda seen: b"Nothing has run yet" in seen, since)
        terminal.type("\x11")
        assert terminal.end() == 0
