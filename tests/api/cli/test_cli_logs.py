"""`stepwell logs`."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from commandline import Measured, Project, Result, finish
from short_history import STEPWELL, Seeded, make_source, on_terminal, stepwell
from stepwell_runner.graph import model
from stepwell_runner.verbs.logfiles import tail_start
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces

Typed = Callable[..., Result]


def test_one_step_gives_its_bytes_as_they_are(typed: Typed) -> None:
    done = typed("logs", "#4/train")
    assert (done.code, done.err) == (0, "")
    assert done.out == "training at 9.0\na second linethe rate is too high: \x1b]0;title\x07\n"


def test_several_steps_have_their_name_before_each_line(typed: Typed) -> None:
    assert typed("logs", "#1").out == "clean | cleaning data.txt\ntrain | training at 1.0\ntrain | a second line\nafter | after\n"


def test_a_terminal_is_safe_from_what_steps_write(shown: Typed) -> None:
    done = shown("logs", "#4/train")
    assert done.out == "training at 9.0\na second linethe rate is too high: \\x1b]0;title\\x07\n"


def test_a_reused_step_has_the_log_of_the_step_that_it_took(typed: Typed, seeded: Seeded) -> None:
    done = typed("logs", "#2/train")
    assert done.out == "training at 1.0\na second line"
    assert f"from run #1 {seeded.runs[0][:8]}" in done.err


def test_tail(typed: Typed) -> None:
    assert typed("logs", "#1/train", "--tail", "1").out == "a second line"
    assert typed("logs", "#4/train", "--tail", "0").out == ""
    assert typed("logs", "#1/train", "--tail", "99").out == "training at 1.0\na second line"


@pytest.mark.parametrize(("text", "lines", "rest"), [
    (b"", 3, b""), (b"a\nb\nc\n", 2, b"b\nc\n"), (b"a\nb\nc", 2, b"b\nc"), (b"a\n", 5, b"a\n"), (b"\n\n\n", 1, b"\n"), (b"abc", 1, b"abc"),
    (b"x" * (3 << 20) + b"\nlast\n", 1, b"last\n"), (b"y\n" * (1 << 20), 3, b"y\n" * 3),
])
def test_where_a_tail_begins(tmp_path: Path, text: bytes, lines: int, rest: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(text)
    assert text[tail_start(str(path), lines):] == rest


def test_says_when_there_is_nothing(typed: Typed) -> None:
    assert "wrote nothing" in typed("logs", "@last").err
    assert "did not begin" in typed("logs", "#4/after").err


def test_follow_ends_with_a_run_that_has_ended(typed: Typed) -> None:
    assert typed("logs", "#1/train", "-f").out == "training at 1.0\na second line"


class Going:
    """A run in a thread whose one step writes a line, waits for a file, writes another, and waits for a file again."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.gates = [base / "gate0", base / "gate1"]
        script = ("import os, sys\n"
                  "print('one \\x1b[2J', flush=True)\nopen(sys.argv[1]).read()\nprint('two', flush=True)\nopen(sys.argv[2]).read()\n")
        for gate in self.gates:
            os.mkfifo(gate)
        command = (model.PythonRef(), model.Text("-c"), model.Text(script), *(model.Text(str(gate)) for gate in self.gates))
        graph = model.Graph(name="slow", steps=(model.Step(key="slow", name="slow", kind="CommandStep", command=command),
                                                model.Step(key="next", name="next", kind="CommandStep", after=("slow",), command=(
                                                    model.PythonRef(), model.Text("-c"), model.Text("print('three')")))))
        workspace = workspaces.open_workspace(workspaces.create(base))
        prepared = prepare(workspace, Submission(graph=graph))
        self.begun = threading.Event()
        self.thread = threading.Thread(target=lambda: execute(workspace, prepared, listener=self._hear))
        self.thread.start()
        assert self.begun.wait(30)

    def _hear(self, event: object) -> None:
        if type(event).__name__ == "StepStarted":
            self.begun.set()

    def open(self, gate: int) -> None:
        self.gates[gate].write_text("")


def test_follow_shows_lines_as_they_come_and_ends_with_the_run(tmp_path: Path) -> None:
    going = Going(tmp_path)
    with subprocess.Popen([STEPWELL, "logs", "@last", "-f"], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"slow | one \x1b[2J\n"
        going.open(0)
        assert process.stdout.readline() == b"slow | two\n"
        going.open(1)
        assert process.stdout.read() == b"next | three\n"
        assert process.wait(30) == 0
    going.thread.join()


def test_a_run_that_goes_on_shows_steps_that_have_not_begun(tmp_path: Path) -> None:
    going = Going(tmp_path)
    show = stepwell("show", "@last", cwd=tmp_path)
    early = stepwell("logs", "@last/next", cwd=tmp_path)
    runs = stepwell("runs", "--json", cwd=tmp_path).data
    reasons = stepwell("why", "@last/next", cwd=tmp_path)
    with subprocess.Popen([STEPWELL, "logs", "@last/next", "-f"], cwd=tmp_path, stdout=subprocess.PIPE) as process:
        going.open(0)
        going.open(1)
        assert process.communicate(timeout=30)[0] == b"three\n"
    going.thread.join()
    assert "◌ Queued" in show.out
    assert "● Running" in show.out
    assert "did not begin yet: stepwell logs -f" in early.err
    assert runs[0]["steps"] == {"total": 2, "done": 0, "reused": 0, "failed": 0}
    assert "next has not begun" in reasons.out


def test_follow_can_be_interrupted(tmp_path: Path) -> None:
    going = Going(tmp_path)
    with subprocess.Popen([STEPWELL, "logs", "@last/slow", "-f"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"one \x1b[2J\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[1] == b"stepwell: cancelled\n"
        assert process.returncode == 130
    going.open(0)
    going.open(1)
    going.thread.join()


def test_follow_ends_when_the_runner_is_killed(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    os.mkfifo(project.folder / "gate")
    project.pipeline(f"pipeline = Pipeline(ws, [CommandStep(['echo one; cat', '{project.folder}/gate'], name='slow')])\n")
    with project.start("run", "pipeline.py") as runner:
        assert runner.stderr is not None
        assert any(b"slow" in line for line in runner.stderr)
        with project.start("logs", "@last/slow", "-f") as follower:
            assert follower.stdout is not None
            assert follower.stdout.readline() == b"one\n"
            runner.kill()
            done = finish(follower)
    assert (done.code, done.out) == (0, "")
    assert "died; `stepwell resume" in done.err
    assert project.runs()[0]["status"] == "Failed"


def test_a_large_log_is_read_in_bounded_memory(tmp_path: Path) -> None:
    make_source(tmp_path)
    workspace = workspaces.open_workspace(workspaces.create(tmp_path))
    script = "import sys\nblock = b'0123456789abcde\\n' * 65536\nfor _ in range(128): sys.stdout.buffer.write(block)"
    graph = model.Graph(name="large", steps=(model.Step(key="large", name="large", kind="CommandStep", command=(
        model.PythonRef(), model.Text("-c"), model.Text(script))),))
    execute(workspace, prepare(workspace, Submission(graph=graph)))
    workspace.close()
    measured = Measured(tmp_path / "peak", STEPWELL, "logs", "@last")
    with subprocess.Popen(measured.words, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        size = sum(len(block) for block in iter(lambda: process.stdout.read(1 << 20), b""))  # type: ignore[union-attr]
    assert size == 128 << 20
    assert measured.peak < 100 << 20
    assert stepwell("logs", "@last", "--tail", "2", cwd=tmp_path).out == "0123456789abcde\n" * 2


def test_progress_bars_become_lines_on_a_terminal(tmp_path: Path) -> None:
    workspace = workspaces.open_workspace(workspaces.create(tmp_path))
    script = "print('10%', end='\\r'); print('20%', end='\\r\\n'); print('\\N{SNOWMAN}')"
    graph = model.Graph(name="bar", steps=(model.Step(key="bar", name="bar", kind="CommandStep", command=(
        model.PythonRef(), model.Text("-X"), model.Text("utf8"), model.Text("-c"), model.Text(script))),))
    execute(workspace, prepare(workspace, Submission(graph=graph)))
    workspace.close()
    assert on_terminal("logs", "@last", cwd=tmp_path).out == "10%\n20%\n\N{SNOWMAN}\n"
    assert stepwell("logs", "@last", cwd=tmp_path).out == "10%\r20%\r\n\N{SNOWMAN}\n"
