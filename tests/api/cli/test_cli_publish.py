"""Publishing at the command line: a pipeline outlives its folder, garbage collection and a restart; its objects are guarded."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from commandline import Project

SAY = """
from stepwell import PipelineParameter
pipeline = Pipeline(ws, [CommandStep(["cat text.txt; echo", PipelineParameter("word", "nothing")], name="say", source_directory="source")],
                    name="saying")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.pipeline(SAY)
    return made


def test_from_file_to_run_after_the_folder_is_gone_and_garbage_was_collected(project: Project, eventually: Callable[..., None]) -> None:
    identity = project.stepwell("publish", "pipeline.py", "--name", "talk", "--version", "2", "--endpoint", "talker").out.strip()
    shutil.rmtree(project.folder / "source")
    (project.folder / "pipeline.py").unlink()
    project.stepwell("gc", "--grace", "0s")
    project.stepwell("check", "--full")
    listed = project.stepwell("published", "ls", "--json").data
    assert [(one["id"], one["name"], one["version"]) for one in listed] == [(identity, "talk", "2")]
    for words in (("published", "run", "talk", "--version", "2"), ("published", "run", identity[:8]), ("endpoint", "run", "talker")):
        run = project.stepwell(*words, "-p", "word=spoken", "--force").out.strip()
        eventually(lambda run=run: project.stepwell("show", run, "--json").data["status"] == "Completed", timeout=60)
        assert project.stepwell("logs", run).out.split() == ["hello", "spoken"]
    assert "talk" in project.stepwell("published", "show", "talk").out
    shown = project.stepwell("endpoint", "show", "talker").out
    assert "/PipelineRuns/PipelineEndpointSubmit/Id/" in shown
    assert project.stepwell("endpoint", "default", "talker").out.strip() == "0"


def test_a_damaged_snapshot_of_a_published_pipeline_is_found(project: Project) -> None:
    identity = project.stepwell("publish", "pipeline.py").out.strip()
    with sqlite3.connect(project.root / "workspace.db") as connection:
        (snapshots,) = connection.execute("SELECT json_extract(snapshots, '$.say') FROM published").fetchone()
    tree = project.root / "objects" / snapshots[7:9] / snapshots[9:]
    tree.unlink()
    told = project.stepwell("check", code=4)
    assert identity[:8] in told.out + told.err


def test_what_is_wrong_is_said_in_words(project: Project) -> None:
    assert "stepwell publish" in project.stepwell("published", "ls", "-w", str(_new(project))).err
    project.stepwell("publish", "pipeline.py", "--name", "talk")
    assert "no published pipeline other" in project.stepwell("published", "show", "other", code=2).err
    project.stepwell("published", "disable", "talk")
    assert "disabled" in project.stepwell("published", "run", "talk", code=2).err
    project.stepwell("published", "enable", "talk")
    assert "no parameter" in project.stepwell("published", "run", "talk", "-p", "x=1", code=2).err
    project.stepwell("endpoint", "add", "talker", "talk")
    assert "already" in project.stepwell("endpoint", "add", "talker", "talk", code=2).err
    assert "no version 4" in project.stepwell("endpoint", "default", "talker", "4", code=2).err
    assert "no endpoint x" in project.stepwell("endpoint", "show", "x", code=2).err
    project.stepwell("endpoint", "disable", "talker")
    assert "disabled" in project.stepwell("endpoint", "run", "talker", code=2).err
    assert "no run waits" in project.stepwell("queue").err


def _new(project: Project) -> Path:
    folder = project.folder / "other"
    project.stepwell("init", str(folder))
    return folder
