"""`stepwell why`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commandline import CHAIN, Project, Result
from short_history import Seeded

Typed = Callable[..., Result]


def test_of_a_run(typed: Typed, seeded: Seeded) -> None:
    done = typed("why", "#3")
    assert done.code == 0
    told = done.out.splitlines()
    assert told[:3] == ["✓ clean ran:", "    train.py changed, extra.py added", told[2]]
    assert told[2].startswith(f"    compared with run #1 ({seeded.runs[0][:8]}, ")
    assert "    parameter rate: 1.0 → 2.0" in told
    assert "    its author turned reuse off (allow_reuse=False)" in told


def test_of_reused_and_skipped_steps(typed: Typed, seeded: Seeded) -> None:
    assert f"↺ train was reused: the result of run #1 ({seeded.runs[0][:8]}" in typed("why", "#2/train").out
    assert typed("why", "#4", "after").out == "– after did not run: it needs train, which failed\n"
    assert typed("why", "#1/clean").out == "✓ clean ran:\n    it has not run before\n"


def test_json_of_a_run(typed: Typed, seeded: Seeded) -> None:
    train = typed("why", "#3/train", "--json").data[0]
    assert (train["outcome"], train["since"]["number"], train["since"]["run"]) == ("ran", 1, seeded.runs[0])
    assert [reason["type"] for reason in train["reasons"]] == ["source_changed", "parameter_changed"]
    assert train["reasons"][0]["changed"] == ["train.py"]
    assert train["reasons"][1]["words"] == "parameter rate: 1.0 → 2.0"


def test_parameters_are_for_files(typed: Typed) -> None:
    done = typed("why", "#3", "-p", "rate=3")
    assert done.code == 2
    assert "-p is for pipeline files" in done.err


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A chain of two steps that has run once."""
    made = Project(tmp_path / "project")
    made.pipeline(CHAIN)
    made.run()
    return made


def test_of_a_file_when_all_is_fresh(project: Project) -> None:
    out = project.stepwell("why", "pipeline.py").out
    assert "↺ make is fresh: the result of run #1 (" in out
    assert "↺ use is fresh" in out


def test_of_a_file_that_was_changed(project: Project) -> None:
    for number in range(5):
        project.write(f"source/new{number}.txt", "x")
    project.write("source/text.txt", "other\n")
    out = project.stepwell("why", "pipeline.py").out
    assert "● make will run:\n    text.txt changed, new0.txt, new1.txt, new2.txt and 2 more added\n" in out
    assert "      added new4.txt\n" in out
    assert "compared with run #1 (" in out
    assert "◌ use will run after make:\n" in out
    assert project.runs()[0]["number"] == 1


def test_of_one_step_that_waits(project: Project) -> None:
    project.write("other/readme.txt", "its own folder\n")
    project.pipeline(CHAIN.replace('outputs=[second], source_directory="source"', 'outputs=[second], source_directory="other"'))
    project.run()
    project.write("source/text.txt", "other\n")
    waiting = project.stepwell("why", "pipeline.py", "use").out
    assert waiting == "◌ use waits for make: it may rerun if what it gets from there changes\n"
    found = project.stepwell("why", "pipeline.py", "use", "--json").data[0]
    assert (found["outcome"], found["waits_for"], found["reasons"]) == ("waits", ["make"], [])


def test_of_an_output_that_is_gone(project: Project) -> None:
    left = project.stepwell("outputs", "@last/make", "--json").data[0]
    Path(left["path"]).unlink()
    out = project.stepwell("why", "pipeline.py", "make").out
    assert "its output first is missing" in out
    assert "otherwise it would take the result of run #1" in out


def test_a_step_may_have_the_name_of_a_file(project: Project) -> None:
    project.pipeline(CHAIN.replace('name="use"', 'name="use.py"'))
    project.run()
    assert "use was reused" in project.stepwell("why", "@last/use.py").out


@pytest.mark.parametrize(("words", "told"), [
    (["gone.py"], "there is no file"), (["pipeline.py", "mkae"], "did you mean make?"), (["nothing"], "there is no run nothing"),
    (["pipeline.py", "-p", "x"], "NAME=VALUE"),
])
def test_what_is_wrong(project: Project, words: list[str], told: str) -> None:
    assert told in project.stepwell("why", *words, code=2).err


def test_without_a_workspace_nothing_is_made(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.pipeline(CHAIN)
    assert "every step of pipeline.py would run" in project.stepwell("why", "pipeline.py", code=2).err
    assert not (tmp_path / ".stepwell").exists()
