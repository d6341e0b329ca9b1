"""Components, data, environments and models registered from YAML files, and found by pipelines by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline import Project

COMPONENT = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
type: command
name: shout
inputs: {text: {type: uri_file}}
outputs: {said: {type: uri_file}}
code: ./src
environment: {image: python}
command: sh shout.sh ${{inputs.text}} ${{outputs.said}}
"""
DATA = (
    "$schema: https://azuremlschemas.azureedge.net/latest/data.schema.json\nname: words\nversion: v1\ntype: uri_file\npath: ./words.txt\n"
)
PIPELINE = """\
type: pipeline
outputs: {said: {type: uri_file}}
jobs:
  shout:
    component: azureml:shout@latest
    inputs: {text: {type: uri_file, path: azureml:words:v1}}
    outputs: {said: "${{parent.outputs.said}}"}
"""


@pytest.fixture
def shouting(project: Project) -> Project:
    project.write("component.yml", COMPONENT)
    project.write("src/shout.sh", 'tr a-z A-Z < "$1" > "$2"\n')
    project.write("data.yml", DATA)
    project.write("words.txt", "hello\n")
    project.write("pipeline.yml", PIPELINE)
    return project


def test_a_missing_asset_offers_the_files_that_define_it(shouting: Project) -> None:
    failed = shouting.stepwell("run", "pipeline.yml", code=2).err
    assert f"stepwell component register {shouting.folder / 'component.yml'}" in failed
    assert f"stepwell data register {shouting.folder / 'data.yml'}" in failed


def test_registered_assets_are_found_and_stay_what_they_were(shouting: Project) -> None:
    assert "azureml:shout:1" in shouting.stepwell("component", "register", "component.yml").err
    shouting.stepwell("data", "register", "data.yml")
    first = shouting.stepwell("run", "pipeline.yml", "--json").data
    assert Path(first["outputs"]["said"]).read_text() == "HELLO\n"
    shouting.write("src/shout.sh", 'cp "$1" "$2"\n')
    assert [step["reused"] for step in shouting.stepwell("run", "pipeline.yml", "--json").data["steps"]] == [True]
    shouting.stepwell("component", "register", "component.yml")
    again = shouting.stepwell("run", "pipeline.yml", "--json").data
    assert Path(again["outputs"]["said"]).read_text() == "hello\n"


PARTS = """\
type: pipeline
name: parts
outputs: {said: {type: uri_file}}
jobs:
  first:
    component: ./component.yml
    inputs: {text: {type: uri_file, path: ./words.txt}}
    outputs: {said: "${{parent.outputs.said}}"}
  second:
    command: sh shout.sh
    code: ./more
    environment: {image: python, conda_file: conda.yml}
"""


def test_what_stands_deeper_in_a_component_is_kept_too(shouting: Project) -> None:
    shouting.write("parts.yml", PARTS)
    shouting.write("more/shout.sh", "echo more")
    shouting.write("conda.yml", "dependencies: []")
    shouting.stepwell("component", "register", "parts.yml")
    for gone in ("component.yml", "more/shout.sh", "conda.yml"):
        (shouting.folder / gone).unlink()
    shouting.write("pipeline.yml", """\
type: pipeline
outputs: {all: }
jobs:
  parts: {type: pipeline, component: azureml:parts, outputs: {said: "${{parent.outputs.all}}"}}
""")
    ran = shouting.stepwell("run", "pipeline.yml", "--json").data
    assert Path(ran["outputs"]["all"]).read_text() == "HELLO\n"
    assert {step["name"] for step in ran["steps"]} == {"parts.first", "parts.second"}


def test_they_are_listed_shown_and_forgotten(shouting: Project) -> None:
    shouting.stepwell("init")
    assert "register" in shouting.stepwell("component", "ls").err
    shouting.stepwell("component", "register", "component.yml", "--name", "whisper", "--version", "7")
    assert [(one["name"], one["version"]) for one in shouting.stepwell("component", "ls", "--json").data] == [("whisper", "7")]
    assert "whisper" in shouting.stepwell("component", "show", "whisper:7").out
    assert "did you mean whisper" in shouting.stepwell("component", "show", "wisper", code=2).err
    assert "already" in shouting.stepwell("component", "register", "component.yml", "--name", "whisper", "--version", "7", code=2).err
    shouting.stepwell("component", "rm", "whisper")
    assert shouting.stepwell("component", "ls", "--json").data == []


def test_a_model_is_kept(shouting: Project) -> None:
    shouting.write("model/weights.txt", "1\n")
    shouting.write("model.yml", "name: net\nversion: 3\ntype: custom_model\npath: ./model\n")
    shouting.stepwell("model", "register", "model.yml")
    shouting.write("model/weights.txt", "2\n")
    shouting.write(
        "use.yml",
        """\
type: pipeline
jobs:
  use:
    command: cat ${{inputs.m}}/weights.txt > ${{outputs.o}}
    environment: {image: python}
    inputs: {m: {type: custom_model, path: azureml:net:3}}
    outputs: {o: {type: uri_file}}
""",
    )
    data = shouting.stepwell("run", "use.yml", "--json").data
    assert Path(data["outputs"]["use/o"]).read_text() == "1\n"


def test_what_an_earlier_run_left_is_data(shouting: Project) -> None:
    shouting.stepwell("component", "register", "component.yml")
    shouting.stepwell("data", "register", "data.yml")
    run = shouting.stepwell("run", "pipeline.yml", "--json").data["run"]
    shouting.write(
        "later.yml",
        f"""\
type: pipeline
jobs:
  use:
    command: cat ${{{{inputs.x}}}} > ${{{{outputs.o}}}}
    environment: {{image: python}}
    inputs: {{x: {{type: uri_file, path: azureml://jobs/{run}/outputs/said}}}}
    outputs: {{o: {{type: uri_file}}}}
""",
    )
    data = shouting.stepwell("run", "later.yml", "--json").data
    assert Path(data["outputs"]["use/o"]).read_text() == "HELLO\n"
    shouting.stepwell("run", "later.yml", "--set", f"jobs.use.inputs.x.path=azureml://jobs/{run}/outputs/none", code=2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nam: x\ncommand: y\nenvironment: {image: z}\n", "did you mean 'name'"),
        ("command: y\nenvironment: {image: z}\n", "has no `name`"),
        ("name: x\ncommand: y\ncode: ./none\n", "there is no file or folder"),
    ],
)
def test_files_that_cannot_be_registered(shouting: Project, text: str, told: str) -> None:
    shouting.write("bad.yml", text)
    assert told in shouting.stepwell("component", "register", "bad.yml", code=2).err
