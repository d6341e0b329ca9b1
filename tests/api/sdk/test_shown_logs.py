"""Logs of steps as drivers show them: read on while they grow, made safe on a terminal."""

from __future__ import annotations

import os
from contextlib import redirect_stdout
from pathlib import Path

import msgspec
import pytest

from stepwell.sdk.runs.logs import LogTail, log_text, show
from stepwell_runner.execution.folders import attempt_folder
from stepwell_store import workspace as stored
from stepwell_store.ledger.records import StepRun

STEP = StepRun(id="i", run="r", position=0, step="s", name="s", kind="PythonScriptStep", status="Running", attempt=1)


@pytest.fixture
def workspace(tmp_path: Path) -> stored.Workspace:
    return stored.open_workspace(stored.create(tmp_path))


def write(workspace: stored.Workspace, attempt: int, data: bytes) -> None:
    path = Path(attempt_folder(workspace, "r", "s", attempt)) / "logs" / "std_log.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(data)


def test_a_log_is_read_on_from_where_it_was(workspace: stored.Workspace) -> None:
    tail = LogTail(workspace)
    assert tail.read(STEP) == ""
    euro = "€".encode()
    write(workspace, 1, b"one " + euro[:1])
    assert tail.read(STEP) == "one "
    write(workspace, 1, euro[1:] + b" 10%\r20%\r\n")
    assert tail.read(STEP) == "€ 10%\n20%\n"
    write(workspace, 1, b"last")
    write(workspace, 2, b"again\xff")
    assert tail.read(msgspec.structs.replace(STEP, attempt=2)) == "lastagain\ufffd"
    assert tail.read(msgspec.structs.replace(STEP, attempt=2)) == ""


def test_the_newest_attempt_counts(workspace: stored.Workspace) -> None:
    write(workspace, 1, b"first")
    write(workspace, 2, b"second")
    assert log_text(workspace, msgspec.structs.replace(STEP, attempt=2)) == "second"
    assert log_text(workspace, msgspec.structs.replace(STEP, attempt=0)) == ""


def test_a_terminal_is_told_nothing_that_it_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    master, slave = os.openpty()
    try:
        with os.fdopen(slave, "w") as terminal, redirect_stdout(terminal):
            show("\x1b]0;title\x07")
            assert os.read(master, 100) == b"\\x1b]0;title\\x07\r\n"
    finally:
        os.close(master)
    show("\x1b[31m", end="")
    assert capsys.readouterr().out == "\x1b[31m"
