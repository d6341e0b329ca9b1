"""Where and how the command is started: odd names of folders, a poor environment, streams that are closed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commandline import CHAIN, Project, finish, variables

NAMES = ["two words ünï ☃ 日本語", "100% ?#& a'b\"c$(touch boo)", "-w", "back\\slash new\nline"]
PLAIN = {"LC_ALL": "C", "LANG": None, "PYTHONCOERCECLOCALE": None, "PYTHONUTF8": None, "PYTHONIOENCODING": None}
ASCII = PLAIN | {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.parametrize("name", NAMES)
def test_a_workspace_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path / name)
    project.pipeline(CHAIN)
    project.run()
    assert all(step["reused"] for step in project.steps().values())
    project.stepwell("show", "@last")
    project.works()
    assert not (project.folder / "boo").exists()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS makes no such folder")
@pytest.mark.parametrize(("name", "environment"), [("caf\udce9", {}), ("ünï", ASCII)], ids=["no text anywhere", "no text in ASCII"])
def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path, name: str, environment: dict[str, str | None]) -> None:
    project = Project(tmp_path / name)
    project.pipeline(CHAIN)
    result = project.run(code=2, environment=environment)
    assert "is not valid UTF-8" in result.err
    assert "LC_ALL=C.UTF-8" in result.err


@pytest.mark.parametrize(("name", "environment"), [("ünï ☃", PLAIN), ("plain", ASCII)], ids=["C", "ASCII"])
def test_the_plain_locale(tmp_path: Path, name: str, environment: dict[str, str | None]) -> None:
    project = Project(tmp_path / name)
    project.pipeline("# Grüße ☃\n" + CHAIN.replace('"make"', '"mäke"'))
    for words in (["run", "pipeline.py"], ["run", "pipeline.py", "--json"], ["run", "pipeline.py", "--plan"], ["runs"], ["show", "@last"]):
        project.stepwell(*words, environment=environment)
    assert set(project.steps()) == {"mäke", "use"}
    failing = project.run("-p", "grüße=1", code=2, environment=environment)
    assert "there is no parameter" in failing.err
    project.works()


def test_without_a_home(project: Project) -> None:
    project.pipeline(CHAIN)
    project.run(environment={"HOME": None})
    project.run("--force", environment={"HOME": "/nonexistent", "TMPDIR": "/nonexistent", "TERM": None, "USER": None, "LOGNAME": None})
    project.works()


def test_with_an_empty_environment(project: Project) -> None:
    project.pipeline(CHAIN)
    nothing = dict.fromkeys(os.environ)
    project.run(environment=nothing)
    project.works()


COMMANDS = ("run pipeline.py", "run pipeline.py --json", "run pipeline.py --plan", "run pipeline.py --force", "run missing.py", "runs")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(project: Project, closed: str) -> None:
    project.pipeline(CHAIN)
    project.stepwell("init")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    for words in COMMANDS:
        command = f"exec {sys.executable} -m stepwell {words} {closed}"
        with subprocess.Popen(["sh", "-c", command], cwd=project.folder, env=variables(), **pipes) as process:
            result = finish(process)
        assert result.code == (2 if "missing" in words else 0), result
    assert [run["status"] for run in project.runs()] == ["Completed"] * 3
    project.works()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_has_gone_does_not_end_the_run(project: Project, stream: str) -> None:
    project.pipeline(CHAIN)
    project.stepwell("init")
    read, write = os.pipe()
    os.close(read)
    try:
        for words in COMMANDS:
            project.stepwell(*words.split(), code=2 if "missing" in words else 0, **{stream: write})
    finally:
        os.close(write)
    assert [run["status"] for run in project.runs()] == ["Completed"] * 3
    project.works()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_output_that_cannot_be_written_is_told(project: Project) -> None:
    project.pipeline(CHAIN)
    with open("/dev/full", "wb") as full:
        project.run(stderr=full)
        result = project.stepwell("runs", stdout=full, code=3)
    assert "the disk is full" in result.err
    project.works()


@pytest.mark.parametrize("words", ["runs", "run pipeline.py", "init"])
def test_a_current_folder_that_was_removed(project: Project, words: str) -> None:
    command = f"mkdir gone && cd gone && rmdir ../gone && exec {sys.executable} -m stepwell {words}"
    with subprocess.Popen(["sh", "-c", command], cwd=project.folder, env=variables(), stderr=subprocess.PIPE) as process:
        result = finish(process)
    assert result.code == 3
    assert "the current folder, which has been removed" in result.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_workspace_that_may_not_be_written(project: Project) -> None:
    project.pipeline(CHAIN)
    project.run()
    folders = [project.root, *(path for path in project.root.rglob("*") if path.is_dir())]
    modes = [path.stat().st_mode for path in folders]
    for path in folders:
        path.chmod(0o500)
    try:
        project.stepwell("runs")
        result = project.run("--force", code=3)
    finally:
        for path, mode in zip(folders, modes, strict=True):
            path.chmod(mode)
    assert "permission denied" in result.err or "cannot be written" in result.err
    assert str(project.root) in result.err
    project.works()


def test_standard_input_of_a_step_is_empty(project: Project) -> None:
    project.pipeline('pipeline = Pipeline(ws, [CommandStep("cat; read line && exit 1 || true", name="ask", source_directory="source")])')
    read, write = os.pipe()  # nobody ever writes to it or closes it
    try:
        project.run(stdin=read)
    finally:
        os.close(read)
        os.close(write)
