"""Runs that are interrupted, cancelled, handed to a process of their own, left by their runner, or wanted twice at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commandline import LONGEST_S, Meeting, Project, finish, processes_with

ENDLESS = {"STEPWELL_GRACE_S": "1000"}
ONE_STEP = """\
pipeline = Pipeline(ws, [CommandStep({command!r}, name="wait", source_directory="source")])
"""
TWO_STEPS = """\
first, second = PipelineData("first"), PipelineData("second")
make = CommandStep(["cp text.txt", first], name="make", outputs=[first], source_directory="source")
wait = CommandStep([{command!r}, ";", "cp", first, second], name="wait", inputs=[first], outputs=[second], source_directory="source")
pipeline = Pipeline(ws, [wait])
"""


def sleeper() -> str:
    """A command that lasts, and that nobody else on this machine runs."""
    return f"sleep 1000.{os.getpid()}{int.from_bytes(os.urandom(3))}"


def waiting(project: Project, meeting: Meeting, text: str = ONE_STEP, *, before: str = "true") -> str:
    """A pipeline whose step comes to the meeting and then lasts; the command that it lasts with."""
    stays = sleeper()
    project.pipeline(text.format(command=f"{before}; echo here > {meeting.path}; {stays}; {stays}"))
    return stays


def open_to(project: Project, meeting: Meeting, go: Meeting) -> None:
    """A pipeline whose step comes to the meeting and then waits for leave to go on."""
    project.pipeline(ONE_STEP.format(command=f"echo here > {meeting.path}; read word < {go.path}"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_the_steps_and_the_run(project: Project, meeting: Meeting, number: signal.Signals) -> None:
    stays = waiting(project, meeting, TWO_STEPS)
    with project.start("run", "pipeline.py") as process:
        meeting.word()
        process.send_signal(number)
        result = finish(process)
    assert result.code == 130, result
    assert "stopping the steps" in result.err
    assert list(processes_with(stays)) == []
    (run,) = project.runs()
    assert run["status"] == "Canceled"
    project.pipeline(TWO_STEPS.format(command="true"))
    steps = project.steps()
    assert (steps["make"]["reused"], steps["wait"]["reused"]) == (True, False)  # what was done is not lost
    project.works()


def test_a_step_has_time_to_say_goodbye(project: Project, meeting: Meeting) -> None:
    waiting(project, meeting, before="trap 'echo goodbye; exit 0' TERM")
    with project.start("run", "pipeline.py", environment=ENDLESS) as process:
        meeting.word()
        process.send_signal(signal.SIGINT)
        result = finish(process)
    assert result.code == 130, result
    (log,) = project.root.glob("runs/*/wait/1/logs/std_log.txt")
    assert b"goodbye" in log.read_bytes()


def test_the_second_signal_does_not_wait(project: Project, meeting: Meeting) -> None:
    stays = waiting(project, meeting, before=f"trap 'echo asked > {meeting.path}' TERM")
    with project.start("run", "pipeline.py", environment=ENDLESS) as process:
        meeting.word()
        process.send_signal(signal.SIGINT)
        meeting.word()
        process.send_signal(signal.SIGINT)
        result = finish(process)
    assert result.code == 130, result
    assert list(processes_with(stays)) == []
    assert [run["status"] for run in project.runs()] == ["Canceled"]
    project.works()


def test_a_signal_while_the_pipeline_file_is_loaded(project: Project, meeting: Meeting) -> None:
    stays = sleeper()
    project.pipeline(f"import os\nos.system('echo here > {meeting.path}; {stays}; true')")
    with project.start("run", "pipeline.py") as process:
        meeting.word()
        process.send_signal(signal.SIGINT)
        result = finish(process)
    assert result.code == 130, result
    assert "cancelled" in result.err
    assert list(processes_with(stays)) == []
    assert project.runs() == []
    project.works()


def test_a_detached_run_outlives_who_started_it(project: Project, meeting: Meeting, go: Meeting) -> None:
    open_to(project, meeting, go)
    with project.start("run", "pipeline.py", "--detach", "--json", start_new_session=True) as process:
        result = finish(process)
        meeting.word()
        with pytest.raises(ProcessLookupError):  # nobody is left in the session that a terminal would end
            os.killpg(process.pid, signal.SIGHUP)
    assert project.runs()[0]["status"] == "Running"
    with project.start("logs", "-f", result.data["run"]) as follower:
        go.say(b"on\n")
        assert finish(follower).code == 0
    (run,) = project.runs()
    assert (run["id"], run["status"]) == (result.data["run"], "Completed")
    project.works()


def test_a_detached_run_is_cancelled(project: Project, meeting: Meeting) -> None:
    stays = waiting(project, meeting)
    run = project.run("--detach").out.strip()
    meeting.word()
    assert "Canceled" in project.stepwell("cancel", "@last").err
    assert list(processes_with(stays)) == []
    assert [(one["id"], one["status"]) for one in project.runs()] == [(run, "Canceled")]
    assert "is over already: Canceled" in project.stepwell("cancel", "@last", code=2).err
    project.works()


def test_a_run_in_the_foreground_is_cancelled_from_elsewhere(project: Project, meeting: Meeting) -> None:
    stays = waiting(project, meeting)
    with project.start("run", "pipeline.py") as process:
        meeting.word()
        project.stepwell("cancel", "@last")
        assert finish(process).code == 130
    assert list(processes_with(stays)) == []
    project.works()


def test_what_a_detached_run_runs_into_first_is_told(project: Project) -> None:
    project.pipeline(ONE_STEP.format(command="true"))
    result = project.run("--detach", "-p", "rate=1", code=2)
    assert "there is no parameter 'rate'" in result.err
    assert project.runs() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the runner is not found in this simple way")
@pytest.mark.parametrize("how", [[], ["--detach"]], ids=["foreground", "detached"])
def test_a_killed_runner_is_noticed_by_the_next_command(project: Project, meeting: Meeting, how: list[str]) -> None:
    stays = waiting(project, meeting, TWO_STEPS)
    with project.start("run", "pipeline.py", *how, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        meeting.word()
        os.kill(runner_of(project) if how else process.pid, signal.SIGKILL)
        process.wait(LONGEST_S)
    assert list(processes_with(stays)) != []  # the control: nobody has ended it yet
    result = project.stepwell("runs", "--json")
    assert "was left unfinished by a runner that died" in result.err
    assert "stepwell resume" in result.err
    assert list(processes_with(stays)) == []
    assert [run["status"] for run in result.data] == ["Failed"]
    show = project.stepwell("show", "@last").out
    assert "its runner ended before it did" in show
    project.pipeline(TWO_STEPS.format(command="true"))
    assert project.steps()["make"]["reused"] is True
    project.works()


def runner_of(project: Project) -> int:
    """The detached runner that works in this project."""
    return next(pid for pid in processes_with("stepwell_runner") if str(project.root) in Path(f"/proc/{pid}/cmdline").read_text())


def test_a_run_that_was_left_is_resumed(project: Project, meeting: Meeting, go: Meeting) -> None:
    project.pipeline(TWO_STEPS.format(command=f"echo here > {meeting.path}; read word < {go.path}"))
    with project.start("run", "pipeline.py", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        meeting.word()
        process.kill()
    project.stepwell("runs")  # which ends what still waits of the old run
    go.say(b"on\n")
    data = project.stepwell("resume", "--json").data
    assert data["status"] == "Completed"
    assert [step["reused"] for step in data["steps"]] == [True, False]
    project.works()


def test_a_runner_that_sleeps_is_not_taken_for_dead(project: Project, meeting: Meeting, go: Meeting) -> None:
    open_to(project, meeting, go)
    with project.start("run", "pipeline.py") as process:
        meeting.word()
        process.send_signal(signal.SIGSTOP)
        try:
            assert [run["status"] for run in project.runs()] == ["Running"]
            result = project.stepwell("resume", code=5)
        finally:
            process.send_signal(signal.SIGCONT)
        assert "is still going on" in result.err
        go.say(b"on\n")
        assert finish(process).code == 0


@pytest.mark.parametrize("made", [True, False], ids=["in a workspace", "with none yet"])
def test_several_runners_at_once_run_every_step_once(project: Project, made: bool) -> None:
    text = """\
def step(name, *needs):
    out = PipelineData("out_" + name)
    words = ["cat text.txt", *needs, ">", out, "; echo >>", "{tally}." + name]
    return CommandStep(words, name=name, inputs=list(needs), outputs=[out], source_directory="source"), out
steps, last = [], ()
for name in "abcdef":
    one, out = step(name, *last)
    steps.append(one)
    last = (out,)
pipeline = Pipeline(ws, steps)
""".replace("{tally}", str(project.folder / "tally"))
    project.pipeline(text)
    if made:
        project.stepwell("init")
    running = [project.start("run", "pipeline.py", "-j", "2") for _ in range(4)]
    results = [finish(process) for process in running]
    assert [result.code for result in results] == [0] * 4, results
    assert {path.name: path.stat().st_size for path in project.folder.glob("tally.*")} == {f"tally.{name}": 1 for name in "abcdef"}
    counted = project.rows("SELECT step, count(*) FROM step_runs WHERE status = 'Completed' AND reused_from IS NULL GROUP BY step")
    assert counted == [(name, 1) for name in "abcdef"]
    assert len(project.rows("SELECT * FROM step_runs")) == 24
    assert [run["status"] for run in project.runs()] == ["Completed"] * 4
    project.works()
