"""Steps of one source folder, and a build id as a parameter: what makes them run, and what need not."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline import Project

V1 = """
build = PipelineParameter("build_id", "1")
prep = PythonScriptStep("prep.py", name="prep", source_directory="source", arguments=[build])
train = PythonScriptStep("train.py", name="train", source_directory="source")
pipeline = Pipeline(ws, [prep, train])
"""
V2 = """
type: pipeline
inputs:
  build_id: "1"
jobs:
  prep:
    type: command
    code: source
    environment: {image: python}
    command: python prep.py ${{inputs.build_id}}
    inputs:
      build_id: ${{parent.inputs.build_id}}
  train:
    type: command
    code: source
    environment: {image: python}
    command: echo begin && python train.py
"""
SETTINGS = "reuse:\n  narrow: true\n  untracked: [build_id]\n"


@pytest.fixture(params=["pipeline.py", "pipeline.yml"])
def file(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def project(tmp_path: Path, file: str) -> Project:
    made = Project(tmp_path / "project")
    made.write("source/prep.py", "import shared; print(open('shared.txt').read())")
    made.write("source/shared.py", "")
    made.write("source/shared.txt", "shared")
    made.write("source/train.py", "")
    if file.endswith(".py"):
        made.pipeline(V1)
    else:
        made.write(file, V2)
    return made


def ran(project: Project, file: str, *words: str) -> set[str]:
    return {step["name"] for step in project.stepwell("run", file, "--json", *words).data["steps"] if not step["reused"]}


def test_an_edit_of_one_script_is_a_reason_for_all_and_it_is_said_what_to_do(project: Project, file: str) -> None:
    assert ran(project, file) == {"prep", "train"}
    project.write("source/train.py", "1")
    told = project.stepwell("why", file).out
    assert told.count("neither imports nor names it: with `narrow: true` below `reuse:` in stepwell.yml") == 1
    planned = project.stepwell("run", file, "--plan").out
    assert planned.endswith("files that prep would not use are the only reason; `stepwell why FILE` says what to do about it\n")
    assert ran(project, file, "-p", "build_id=2") == {"prep", "train"}


def test_with_the_projects_settings_only_what_a_step_uses_counts(project: Project, file: str) -> None:
    project.write("stepwell.yml", SETTINGS)
    assert ran(project, file) == {"prep", "train"}
    assert ran(project, file, "-p", "build_id=2") == set()
    project.write("source/train.py", "1")
    assert ran(project, file) == {"train"}
    project.write("source/shared.txt", "other")
    assert ran(project, file) == {"prep"}
    project.write("source/new.py", "")
    assert ran(project, file) == set()


def test_settings_that_say_something_else_are_told_of(project: Project, file: str) -> None:
    project.write("stepwell.yml", "reuse:\n  narow: true\n")
    done = project.stepwell("run", file, code=2)
    assert "knows no entry of `reuse` 'narow'; did you mean 'narrow'?" in done.err
    assert "stepwell.yml:2:3" in done.err
