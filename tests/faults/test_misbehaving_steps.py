"""Steps that end badly, or do what no step should: exit code 1, the step and its reason named, nothing of it left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from commandline import Measured, Project, processes_with, variables

LOG_BYTES = 300_000_000
"""Written in one step: less than the 1 GB that the promise is about, so that the test stays short; the memory is the same."""

MOST_MEMORY = 120_000_000


def one_step(project: Project, command: str, *, name: str = "alpha", more: str = "") -> None:
    """A pipeline of one step: a shell command in quotes of Python's."""
    project.pipeline(f"step = CommandStep({command!r}, name={name!r}, source_directory='source'{more})\npipeline = Pipeline(ws, [step])")


def sleeper() -> str:
    """A command that lasts, and that nobody else on this machine runs."""
    return f"sleep 1000.{os.getpid()}{os.urandom(3).hex().translate(str.maketrans('abcdef', '123456'))}"


ENDINGS = {
    "fails": ("echo first words; echo last words >&2; exit 3", "exit code 3", "  | last words"),
    "killed": ("kill -KILL $$; sleep 1", "killed by signal 9 (SIGKILL)"),
    "segfault": ("kill -SEGV $$; sleep 1", "killed by signal 11 (SIGSEGV)"),
    "no such program": ("no-such-program --now", "could not start: no such file no-such-program in any folder of PATH"),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_step_that_ends_badly(project: Project, name: str) -> None:
    command, *told = ENDINGS[name]
    one_step(project, command)
    result = project.run(code=1)
    assert "step alpha failed: " in result.err
    assert all(part in result.err for part in told), result
    assert "stepwell resume" in result.err
    assert [run["status"] for run in project.runs()] == ["Failed"]
    project.works()


def test_what_was_done_before_a_failure_is_not_lost(project: Project) -> None:
    text = """\
first, second = PipelineData("first"), PipelineData("second")
make = CommandStep(["cp text.txt", first], name="make", outputs=[first], source_directory="source")
use = CommandStep(["{}; cp", first, second], name="use", inputs=[first], outputs=[second], source_directory="source")
pipeline = Pipeline(ws, [use])
"""
    project.pipeline(text.replace("{}", "exit 1"))
    project.run(code=1)
    project.pipeline(text.replace("{}", "true"))
    steps = project.steps()
    assert (steps["make"]["reused"], steps["use"]["reused"]) == (True, False)


def test_retries_are_counted_and_the_last_one_decides(project: Project) -> None:
    one_step(project, "echo $AZUREML_NOTHING try >> ../../../tries; test $(wc -l < ../../../tries) = 3", more=", retries=2")
    result = project.run()
    assert "attempt 2: exit code 1" in result.err
    assert "attempt 3: exit code 1" in result.err
    assert project.runs()[0]["status"] == "Completed"


def test_a_step_that_ignores_sigterm_is_killed_when_its_time_is_up(project: Project) -> None:
    stays = sleeper()
    one_step(project, f"trap '' TERM; {stays}; {stays}", more=", timeout_seconds=0.3")
    result = project.run(code=1)
    assert "it ran longer than its timeout of 0.3 s and was ended" in result.err
    assert list(processes_with(stays)) == []
    project.works()


def test_children_that_a_step_leaves_end_with_it(project: Project) -> None:
    stays = sleeper()
    one_step(project, f"({stays} &) ; {stays} & true")
    project.run()
    assert list(processes_with(stays)) == []
    project.works()


@pytest.mark.skipif(shutil.which("setsid") is None, reason="needs the program setsid, which macOS has not")
def test_children_that_left_the_session_end_with_the_run(project: Project) -> None:
    stays = sleeper()
    one_step(project, f"setsid sh -c 'trap \"\" TERM HUP; {stays}; true' & true")
    project.run()
    assert list(processes_with(stays)) == []
    project.works()


def test_output_that_is_no_text_is_kept_as_it_is_and_shown_harmlessly(project: Project) -> None:
    one_step(project, r"printf '\377\376 caf\351 \033]52;c;aGk=\007 \033[2J end\n'; exit 1")
    result = project.run(code=1)
    assert "end" in result.err
    assert not set("\x1b\x07\x9b") & set(result.err)
    (log,) = project.root.glob("runs/*/alpha/1/logs/std_log.txt")
    assert log.read_bytes().startswith(b"\xff\xfe caf\xe9 \x1b]52;")
    project.works()


def test_a_flood_of_output_needs_no_memory(project: Project) -> None:
    one_step(project, f"head -c {LOG_BYTES} /dev/zero | tr '\\0' x; exit 1")
    assert peak_memory(project, "run", "pipeline.py", code=1) < MOST_MEMORY
    (log,) = project.root.glob("runs/*/alpha/1/logs/std_log.txt")
    assert log.stat().st_size == LOG_BYTES
    assert peak_memory(project, "logs", "@last/alpha", code=0) < MOST_MEMORY
    log.unlink()
    project.works()


def peak_memory(project: Project, *words: str, code: int) -> int:
    """The most memory, in bytes, that a command or a process that it started had at any time."""
    measured = Measured(project.folder / "peak", sys.executable, "-m", "stepwell", *words)
    done = subprocess.run(measured.words, cwd=project.folder, env=variables(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
    assert done.returncode == code
    return measured.peak


def test_a_declared_output_that_is_not_written(project: Project) -> None:
    one_step(project, "true", more=", outputs=[PipelineData('model')]")
    result = project.run(code=1)
    assert "did not write its output model (expected at " in result.err
    assert "write it to the path that the step gets for it" in result.err
    steps = project.steps(code=1)
    assert steps["alpha"]["reused"] is False
    project.works()


MADE = {"file": '"echo 1 >", first', "folder": '"mkdir", first, "; cd", first, "; echo 1 > part"'}
SPOILT = {"file": '"echo more >>", first', "folder": '"cd", first, "; echo more >> part"'}


@pytest.mark.parametrize("kind", MADE)
def test_a_step_that_changes_its_input_fails_and_poisons_nothing(project: Project, kind: str) -> None:
    project.pipeline(f"""\
first, second, third = PipelineData("first", is_directory={kind == "folder"}), PipelineData("second"), PipelineData("third")
make = CommandStep([{MADE[kind]}], name="make", outputs=[first], source_directory="source")
spoil = CommandStep(["touch", second, "&&", {SPOILT[kind]}], name="spoil", inputs=[first], outputs=[second], source_directory="source")
use = CommandStep(["cp -r", first, third], name="use", inputs=[first, second], outputs=[third], source_directory="source")
pipeline = Pipeline(ws, [use])
""")
    result = project.run(code=1)
    assert "step spoil failed: it changed its input first, which make made" in result.err
    assert "Copy what the step changes" in result.err
    steps = project.steps(code=1)
    assert "its output first was changed by somebody" in steps["make"]["reasons"][0]
    project.works()


@pytest.mark.parametrize("change", ["echo more >>", "rm"])
def test_a_step_that_changes_the_data_of_its_input_fails(project: Project, change: str) -> None:
    project.write("iris.csv", "1,2\n")
    project.pipeline(f"""\
data = Dataset.File.from_files("iris.csv").as_named_input("data").as_mount()
pipeline = Pipeline(ws, [CommandStep(["{change}", data], name="alpha", inputs=[data], source_directory="source")])
""")
    result = project.run(code=1)
    assert "step alpha failed: the data of its input data changed while it ran" in result.err
    project.works()


def test_a_step_may_change_its_private_copy_of_the_data(project: Project) -> None:
    data = project.write("iris.csv", "1,2\n")
    project.pipeline("""\
data = Dataset.File.from_files("iris.csv").as_named_input("data").as_download()
pipeline = Pipeline(ws, [CommandStep(["echo more >>", data], name="alpha", inputs=[data], source_directory="source")])
""")
    project.run()
    assert data.read_text() == "1,2\n"
    assert project.steps()["alpha"]["reused"]
