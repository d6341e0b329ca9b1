"""Which files of a project are taken for pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell.cli.verbs.ui import Loading
from stepwell_runner.watch.states import StepState
from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace
from stepwell_tui.views.pipelines import DEEPEST, pipelines, plan_view, state_words

PYTHON = "from stepwell import Pipeline, Workspace\npipeline = Pipeline(Workspace.from_config(), [])\n"
YAML = """\
type: pipeline
display_name: greeting
jobs:
  hello:
    command: echo hello
    environment: {image: python}
"""
SCHEMA = "$schema: https://azuremlschemas.azureedge.net/latest/"


def found(workspace: Workspace) -> set[str]:
    """The files that are listed, relative to the project."""
    items = pipelines(workspace, Loading().is_pipeline)
    return {str(Path(item.path).relative_to(workspace.base)) for item in items if item.path is not None}


def write(workspace: Workspace, name: str, text: str, *, newline: str = "\n") -> None:
    path = workspace.base / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline=newline)


def test_pipelines_are_found_in_python_and_in_yaml(bare: Workspace) -> None:
    write(bare, "pipeline.py", PYTHON)
    write(bare, "pipeline.yml", YAML)
    write(bare, "jobs/nightly.yaml", YAML)
    assert found(bare) == {"pipeline.py", "pipeline.yml", "jobs/nightly.yaml"}


@pytest.mark.parametrize("text", [
    f"# who wrote it\n{SCHEMA}pipelineJob.schema.json\n{YAML}", YAML.replace("pipeline", "'pipeline'  # a job", 1), f"\ufeff{YAML}",
    YAML.replace("type", '"type"', 1)])
def test_however_it_is_written(bare: Workspace, text: str) -> None:
    write(bare, "p.yml", text)
    write(bare, "windows.yml", text, newline="\r\n")
    assert found(bare) == {"p.yml", "windows.yml"}
    graph = Loading().load(bare.base / "p.yml", bare.root)
    assert [step.key for step in graph.steps] == ["hello"]


@pytest.mark.parametrize("kind", ["command", "sweep", "spark"])
def test_jobs_in_files_of_their_own_are_listed(bare: Workspace, kind: str) -> None:
    write(bare, "job.yml", f"{SCHEMA}{kind}Job.schema.json\ncommand: echo\n")
    assert found(bare) == {"job.yml"}


@pytest.mark.parametrize("text", [
    "type: command\nname: train\ncommand: echo\n", "a:\n  type: pipeline\n", "# type: pipeline\n", "type: pipelines\n",
    "dependencies: [python]\n", "", f"{SCHEMA}pipelineComponent.schema.json\n{YAML}",
    f"{SCHEMA}commandComponent.schema.json\ncommand: echo\n", f"{YAML}endpoint_name: e\n",
    "text: |\n  type: pipeline\n", "\0\xff"])
def test_other_yaml_is_not_listed(bare: Workspace, text: str) -> None:
    write(bare, "other.yml", text)
    assert found(bare) == set()


def test_neither_hidden_nor_foreign_nor_deep_folders_are_looked_into(bare: Workspace) -> None:
    deepest = "/".join("abcdefgh"[:DEEPEST])
    for folder in (".github/workflows", "node_modules/x", "build", f"{deepest}/deeper", deepest):
        write(bare, f"{folder}/p.yml", YAML)
    assert found(bare) == {f"{deepest}/p.yml"}


def test_what_cannot_be_read_is_no_pipeline(bare: Workspace) -> None:
    (bare.base / "gone.yml").symlink_to(bare.base / "nowhere.yml")
    assert found(bare) == set()


def test_why_a_step_would_run_in_words() -> None:
    minus = StepState(step="a", name="a", state="stale", why=("train.py +3 \N{MINUS SIGN}1", "parameter rate: 1 → 2"), after=("b",))
    assert state_words(minus) == ("stale: train.py +3 \N{MINUS SIGN}1", "parameter rate: 1 → 2")
    assert state_words(StepState(step="a", name="a", state="follows", after=("prepare",))) == ("may rerun: prepare is stale",)
    assert state_words(StepState(step="a", name="a", state="follows", after=("b", "c"))) == ("may rerun: b, c are stale",)
    assert state_words(StepState(step="a", name="a", state="fresh")) == ("fresh",)


def test_a_pipeline_with_the_states_of_its_steps(bare: Workspace) -> None:
    write(bare, "p.yml", YAML)
    graph = Loading().load(bare.base / "p.yml", bare.root)
    found = plan_view(graph, (StepState(step="hello", name="hello", state="stale", why=("it has not run before",)),))
    assert [(node.key, node.status) for node in found.nodes] == [("hello", "Stale")]
    assert found.edges == ()


def test_pipelines_come_with_their_newest_run(workspace: Workspace) -> None:
    item, = (one for one in pipelines(workspace, lambda _: False) if one.path is None)
    assert item.last == ("Completed", "Completed")
    assert item.at == max(run.created_at for run in history.list_runs(workspace.database))
