"""What was kept is deleted, edited, corrupt or from the future: noticed, told, never served, and made again where that is possible."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from commandline import CHAIN, Project


def made(project: Project) -> Path:
    """A project whose chain has run; where the output of `make` is."""
    project.pipeline(CHAIN)
    return Path(project.run("--json").data["outputs"]["make/first"])


def spoil(path: Path) -> None:
    """Change one byte of a file and leave its size."""
    os.chmod(path, 0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def the_object(project: Project, content: bytes) -> Path:
    """The object that holds these bytes."""
    (found,) = (path for path in project.root.glob("objects/??/*") if path.read_bytes() == content)
    return found


def test_a_deleted_output_is_made_again(project: Project) -> None:
    output = made(project)
    output.unlink()
    plan = project.run("--plan").out
    assert "its output first is missing (workspaceblobstore/azureml/" in plan
    steps = project.steps()
    assert "its output first is missing" in steps["make"]["reasons"][0]
    assert steps["use"]["reused"] is True  # the same bytes came back
    assert project.steps()["make"]["reused"] is True
    project.works()


@pytest.mark.parametrize("keep_times", [False, True], ids=["edited", "edited and its times set back"])
def test_an_edited_output_is_not_served(project: Project, keep_times: bool) -> None:
    output = made(project)
    before = output.stat()
    output.write_text("jello\n")
    if keep_times:
        os.utime(output, ns=(before.st_atime_ns, before.st_mtime_ns))
    steps = project.steps()
    assert "its output first was changed by somebody" in steps["make"]["reasons"][0]
    assert steps["use"]["reused"] is True
    project.works()


def test_an_output_that_was_merely_touched_or_copied_is_still_good(project: Project) -> None:
    output = made(project)
    output.touch()
    assert all(step["reused"] for step in project.steps().values())
    shutil.copytree(project.folder, project.folder.parent / "copy")
    shutil.rmtree(project.folder)
    (project.folder.parent / "copy").rename(project.folder)
    assert all(step["reused"] for step in project.steps().values())


def test_a_whole_datastore_that_was_emptied_is_filled_again(project: Project) -> None:
    made(project)
    shutil.rmtree(project.root / "datastores" / "workspaceblobstore")
    assert not any(step["reused"] for step in project.steps().values())
    assert all(step["reused"] for step in project.steps().values())
    project.works()


def test_a_corrupt_object_is_never_served_and_comes_back(project: Project) -> None:
    made(project)
    spoil(the_object(project, b"hello\n"))
    result = project.run("--force", code=1)
    assert "step make failed: The object blake3:" in result.err
    assert "is corrupt" in result.err
    assert "run the step again" in result.err
    assert len(list(project.root.glob("objects/quarantine/*"))) == 1
    project.run("--force")
    assert [run["status"] for run in project.runs()] == ["Completed", "Failed", "Completed"]
    project.works()


def test_a_missing_object_comes_back(project: Project) -> None:
    made(project)
    the_object(project, b"hello\n").unlink()
    project.run("--force")
    project.works()


def test_a_corrupt_graph_is_told_by_what_needs_it(project: Project) -> None:
    made(project)
    graph = project.runs()[0]["graph"].removeprefix("blake3:")
    spoil(project.root / "objects" / graph[:2] / graph[2:])
    result = project.stepwell("rerun", "@last", code=4)
    assert f"The object blake3:{graph} is corrupt" in result.err
    project.stepwell("runs")
    project.works()
    project.run()


def test_a_newer_workspace_is_left_alone(project: Project) -> None:
    made(project)
    with contextlib.closing(sqlite3.connect(project.root / "workspace.db")) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version={version + 1}")
    before = (project.root / "workspace.db").read_bytes()
    for words in (["run", "pipeline.py"], ["runs"], ["rerun", "@last"]):
        result = project.stepwell(*words, code=3)
        assert f"written by a newer Stepwell (format {version + 1}, this one knows {version})" in result.err
        assert "update Stepwell" in result.err
        assert str(project.root) in result.err
    assert (project.root / "workspace.db").read_bytes() == before
    with contextlib.closing(sqlite3.connect(project.root / "workspace.db")) as connection:
        connection.execute(f"PRAGMA user_version={version}")
    assert all(step["reused"] for step in project.steps().values())


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 400], ids=["emptied", "overwritten"])
def test_a_damaged_database_is_told(project: Project, damage: bytes) -> None:
    made(project)
    (project.root / "workspace.db").write_bytes(damage)
    for words in (["run", "pipeline.py"], ["runs"]):
        result = project.stepwell(*words, code=4)
        assert str(project.root / "workspace.db") in result.err
        assert "stepwell backup" in result.err


def test_caches_may_go_at_any_time(project: Project) -> None:
    made(project)
    shutil.rmtree(project.root / "cache")
    assert all(step["reused"] for step in project.steps().values())
    for path in (path for path in (project.root / "cache").rglob("*") if path.is_file()):
        spoil(path)
    assert all(step["reused"] for step in project.steps().values())
    shutil.rmtree(project.root / "runs")
    shutil.rmtree(project.root / "locks")
    project.works()
