"""`stepwell watch`, as a process that is listened to."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from commandline import CHAIN, LONGEST_S, Meeting, Project, finish, variables

NAMESPACE = ["unshare", "--user", "--map-root-user", "sh", "-c", 'echo 4 > /proc/sys/user/max_inotify_watches && exec "$@"', "sh"]
"""Runs a command that may have four watches and no more."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A chain of two steps, of which the first has a folder of its own, that has run once."""
    made = Project(tmp_path / "project")
    made.write("other/readme.txt", "its own folder\n")
    made.pipeline(CHAIN.replace('outputs=[second], source_directory="source"', 'outputs=[second], source_directory="other"'))
    made.run()
    return made


class Watching:
    """A `stepwell watch` that goes on; a context, which ends it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        self.process.wait()

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        while b"\n" not in self._rest:
            assert select.select([self.process.stdout], [], [], LONGEST_S)[0], "it says nothing"
            block = os.read(self.process.stdout.fileno(), 65536)
            assert block, finish(self.process)
            self._rest += block
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def next(self, kind: str = "looked") -> Any:
        """The next JSON object, which is of this type."""
        found = json.loads(self.line())
        assert found["type"] == kind, found
        return found

    def states(self) -> dict[str, str]:
        """The state of each step of which the next plan says anything new."""
        return {one["step"]: one["state"] for one in self.next()["changed"]}

    def end(self) -> tuple[int, str]:
        """Press Ctrl-C; the exit code and what it wrote to stderr."""
        self.process.send_signal(signal.SIGINT)
        result = finish(self.process)
        return result.code, result.err


def watch(project: Project, *words: str) -> Watching:
    return Watching(project.start("watch", *words))


FRESH = {"make": "fresh", "use": "fresh"}


def test_json_lines(project: Project) -> None:
    with watch(project, "pipeline.py", "--json") as watching:
        first = watching.next()
        assert (first["pipeline"], first["look"], first["trouble"]) == (str(project.folder / "pipeline.py"), 1, None)
        assert {one["step"]: one["state"] for one in first["changed"]} == FRESH
        project.write("source/text.txt", "hello\nyou\n")
        changed = watching.next()["changed"]
        assert [(one["step"], one["state"], one["why"], one["after"]) for one in changed] == [
            ("make", "stale", ["text.txt +1 \u22120"], []), ("use", "follows", [], ["make"])]
        assert watching.end() == (0, "")


def test_lines_for_people(project: Project) -> None:
    project.write("source/text.txt", "hello\nyou\n")
    with watch(project) as watching:
        assert [watching.line()[9:], watching.line()[9:]] == [
            "make             stale    text.txt +1 \u22120", "use              follows  runs again if what it gets from make changes"]
        good = (project.folder / "pipeline.py").read_text()
        project.write("pipeline.py", good + "x = (\n")
        assert "pipeline.py is broken: pipeline.py is not valid Python" in watching.line()
        assert "x = (" in watching.line()
        watching.line()
        project.write("pipeline.py", good)
        assert watching.line()[9:] == "pipeline.py is mended, and nothing changed"
        code, err = watching.end()
    assert (code, err) == (0, "watching pipeline.py; Ctrl-C ends it\n")


def test_two_pipelines(project: Project) -> None:
    project.pipeline(CHAIN, "second.py")
    with watch(project, "pipeline.py", "second.py") as watching:
        assert [watching.line()[9:] for _ in range(4)] == [
            "pipeline.py: make fresh", "pipeline.py: use fresh", "second.py: make  fresh",
            "second.py: use   stale    it has not run before"]
        project.write("other/readme.txt", "only the first one uses it\n")
        assert watching.line()[9:].startswith("pipeline.py: use stale")


def test_parameters(project: Project) -> None:
    project.pipeline('level = PipelineParameter("level", 1)\n'
                     'pipeline = Pipeline(ws, [CommandStep(["echo", level], name="say", source_directory="source")])\n')
    project.run()
    with watch(project, "-p", "level=2", "--json") as watching:
        assert watching.next()["changed"][0]["why"] == ["parameter level: 1 → 2"]


def test_run_runs_exactly_what_is_stale(project: Project) -> None:
    with watch(project, "--run", "--json") as watching:
        assert watching.states() == FRESH
        project.write("other/readme.txt", "edited\n")
        assert watching.states() == {"use": "stale"}
        ran = watching.next("ran")
        assert {step["name"]: (step["status"], step["reused"]) for step in ran["steps"]} == {
            "make": ("Completed", True), "use": ("Completed", False)}
        assert watching.states() == {"use": "fresh"}
        assert watching.end() == (0, "")
    assert [run["number"] for run in project.runs()] == [2, 1]


def test_run_shows_how_it_goes(project: Project) -> None:
    project.write("other/readme.txt", "edited\n")
    with watch(project, "--run") as watching:
        assert "readme.txt" in [watching.line(), watching.line()][1]
        run = watching.line()
        assert watching.line()[9:] == "use              fresh"
        code, err = watching.end()
    assert code == 0
    assert f"run {run[:8]} of project, number 2\n" in err
    assert "1 ran, 1 reused" in err


WAITS = """\
step = CommandStep([{command!r}], name="meet", source_directory="source")
pipeline = Pipeline(ws, [step])
"""


@pytest.fixture
def meeting(tmp_path: Path) -> Iterator[Meeting]:
    """A place to which a step comes."""
    with contextlib.closing(Meeting(tmp_path / "meeting")) as made:
        yield made


@pytest.fixture
def leave(tmp_path: Path) -> Iterator[Meeting]:
    """Where a step waits for a word."""
    with contextlib.closing(Meeting(tmp_path / "leave")) as made:
        yield made


def test_edits_during_a_run_are_one_more_run(project: Project, meeting: Meeting, leave: Meeting) -> None:
    project.pipeline(WAITS.format(command=f"cat text.txt > {meeting.path} && read go < {leave.path}"))
    with watch(project, "--run", "--json") as watching:
        assert watching.states() == {"meet": "stale"}
        assert meeting.word() == b"hello\n"
        for text in ("one\n", "two\n", "three\n"):
            project.write("source/text.txt", text)
        leave.say(b"go\n")
        assert watching.next("ran")["status"] == "Completed"
        assert meeting.word() == b"three\n"
        leave.say(b"go\n")
        while (found := json.loads(watching.line()))["type"] != "ran":
            pass
        assert found["status"] == "Completed"
        assert watching.states() == {"meet": "fresh"}
    assert len(project.runs()) == 3


def test_ctrl_c_during_a_run_stops_it_and_the_watching(project: Project, meeting: Meeting, leave: Meeting) -> None:
    project.pipeline(WAITS.format(command=f"echo here > {meeting.path} && read go < {leave.path}"))
    with watch(project, "--run", "--json") as watching:
        watching.next()
        meeting.word()
        assert watching.end()[0] == 130
    assert project.runs()[0]["status"] == "Canceled"


def test_a_step_that_failed_is_not_tried_again_before_an_edit(project: Project) -> None:
    project.write("source/text.txt", "false\n")
    project.pipeline('pipeline = Pipeline(ws, [CommandStep(["sh text.txt"], name="say", source_directory="source")])\n')
    with watch(project, "--run", "--json") as watching:
        assert watching.states() == {"say": "stale"}
        assert watching.next("ran")["status"] == "Failed"
        project.write("source/text.txt", "false\n")
        project.write("source/text.txt", "true\n")
        assert watching.next("ran")["status"] == "Completed"
        assert watching.states() == {"say": "fresh"}


def test_steps_that_change_what_they_are_made_of_do_not_run_for_ever(project: Project) -> None:
    project.pipeline(WAITS.format(command=f"date +%N >> {project.folder}/source/text.txt"))
    with watch(project, "--run", "--json") as watching:
        kinds = []
        while (found := json.loads(watching.line()))["type"] != "notice":
            kinds.append(found["type"])
        assert "do steps change what they are made of?" in found["text"]
        assert 2 < kinds.count("ran") < 10


@pytest.mark.skipif(shutil.which("unshare") is None or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode != 0,
                    reason="no user namespaces here")
def test_when_watches_have_run_out_files_are_looked_at(project: Project) -> None:
    process = subprocess.Popen([*NAMESPACE, sys.executable, "-m", "stepwell", "watch", "--json"], cwd=project.folder, env=variables(),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for number in range(8):
        project.write(f"source/{number}/x", "x")
    with Watching(process) as watching:
        first = json.loads(watching.line())
        assert first["type"] == "notice"
        assert "watch limit" in first["text"]
        watching.next()
        project.write("other/readme.txt", "edited\n")
        assert watching.states() == {"use": "stale"}


def test_looking_on_request(project: Project) -> None:
    with watch(project, "--poll", "--json") as watching:
        assert watching.states() == FRESH
        project.write("other/readme.txt", "edited\n")
        assert watching.states() == {"use": "stale"}


def test_without_a_file_it_is_the_newest_runs(project: Project) -> None:
    elsewhere = project.folder / "other"
    with Watching(project.start("watch", "--json", cwd=elsewhere)) as watching:
        assert watching.next()["pipeline"] == str(project.folder / "pipeline.py")


def test_what_is_wrong(project: Project, tmp_path: Path) -> None:
    assert "Did you mean pipeline.py?" in project.stepwell("watch", "pipelin.py", code=2).err
    (tmp_path / "empty").mkdir()
    assert "no workspace" in project.stepwell("watch", code=2, cwd=tmp_path / "empty").err
    assert "NAME=VALUE" in project.stepwell("watch", "-p", "x", code=2).err


def test_a_list_on_a_terminal(project: Project) -> None:
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {"TERM": "xterm", "PYTHONIOENCODING": "utf-8", "COLUMNS": None, "NO_COLOR": "1"}
    process = project.start("watch", environment=environment, stdout=slave)
    os.close(slave)
    try:
        assert "✓ fresh    use" in _until(master, "use")
        project.write("source/text.txt", "hello\nyou\n")
        shown = _until(master, "what it gets from make changes")
        assert "pipeline.py  1 stale, 1 may follow  " in shown
        assert "● stale    make             text.txt +1 \u22120" in shown
        process.send_signal(signal.SIGINT)
        assert finish(process).code == 0
    finally:
        process.kill()
        os.close(master)


def _until(master: int, text: str) -> str:
    """What a terminal shows until it shows this."""
    shown = ""
    while text not in shown:
        assert select.select([master], [], [], LONGEST_S)[0], shown
        shown += os.read(master, 65536).decode("utf-8", "replace")
    return shown


def test_run_does_not_load_it(project: Project) -> None:
    done = subprocess.run([sys.executable, "-X", "importtime", "-m", "stepwell", "run", "pipeline.py"], cwd=project.folder, env=variables(),
                          capture_output=True, text=True, check=True)
    loaded = {line.rsplit("|", 1)[1].strip().partition(".")[0] for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "stepwell_runner" in loaded
    assert not loaded & {"watchfiles", "anyio", "asyncio"}
    assert not any("stepwell_runner.watch" in line for line in done.stderr.splitlines())


YAML = 'type: pipeline\njobs:\n  say:\n    component: ../parts/say.yml\n'
PART = "type: command\nname: say\ncode: ./code\nenvironment: azureml:AzureML-x@latest\ncommand: cat words.txt\n"


def test_a_pipeline_in_yaml_its_components_and_their_code(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("parts/code/words.txt", "hello\n")
    project.write("parts/say.yml", PART)
    file = project.write("jobs/pipeline.yml", YAML)
    with Watching(project.start("watch", "--run", "--json", cwd=file.parent)) as watching:
        first = watching.next()
        assert (first["pipeline"], [one["state"] for one in first["changed"]]) == (str(file), ["stale"])
        assert watching.next("ran")["status"] == "Completed"
        assert watching.states() == {"say": "fresh"}
        for name, text in (("parts/code/words.txt", "hello you\n"), ("parts/say.yml", PART.replace("cat", "cat -n")),
                           ("jobs/pipeline.yml", YAML + "    environment_variables: {A: b}\n")):
            project.write(name, text)
            assert watching.states() == {"say": "stale"}
            assert watching.next("ran")["status"] == "Completed"
            assert watching.states() == {"say": "fresh"}
        project.write("parts/say.yml", "type: [\n")
        assert "say.yml" in str(watching.next()["trouble"])
        assert watching.end()[0] == 0
