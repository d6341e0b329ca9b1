"""Pipelines in YAML at the keyboard: the same keys as for those in Python, and real runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from frames import drive, eventually, frame
from textual.pilot import Pilot

from stepwell.cli.verbs.ui import Loading
from stepwell_store import workspace as workspaces
from stepwell_store.ledger import history, publishing
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.app import Dashboard

PIPELINE = """\
type: pipeline
display_name: greeting
inputs: {who: world}
jobs:
  hello:
    component: ../parts/hello.yml
    inputs: {who: "${{parent.inputs.who}}"}
"""
COMPONENT = """\
type: command
name: hello
inputs:
  who: {type: string}
environment: azureml:AzureML-x@latest
code: ./source
command: sh hello.sh ${{inputs.who}}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A project whose only pipeline is in YAML, of a component that is in another folder."""
    for name, text in (("jobs/greet.yml", PIPELINE), ("parts/hello.yml", COMPONENT), ("parts/source/hello.sh", "echo hello $1\n")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    opened = workspaces.open_workspace(workspaces.create(tmp_path))
    yield opened
    for thread in threading.enumerate():
        if thread.name == "watching":  # it was told to stop, and may be in the middle of a look
            thread.join(30)
    opened.close()


async def shows(pilot: Pilot[None], *texts: str) -> None:
    await eventually(pilot, lambda: all(text in frame(pilot.app) for text in texts))


async def ran(pilot: Pilot[None], workspace: Workspace, count: int) -> Run:
    """The newest run, when this many have ended."""
    await eventually(pilot, lambda: history.count_runs(workspace.database) == count and not history.unfinished_runs(workspace.database))
    return history.list_runs(workspace.database, limit=1)[0]


def test_a_yaml_pipeline_is_planned_run_forced_watched_and_published(workspace: Workspace) -> None:
    async def story() -> None:
        app = Dashboard(workspace, Loading())
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.press("2")
            await shows(pilot, "jobs/greet.yml", "hello", "it has not run before", "1 stale")
            await pilot.press("r")
            await shows(pilot, "Run greeting", "who")
            await pilot.press("enter")
            first = await ran(pilot, workspace, 1)
            assert (first.status, first.parameters, first.pipeline) == ("Completed", {"who": "world"}, "greeting")
            assert first.source == str(workspace.base / "jobs" / "greet.yml")
            await pilot.press("escape", "2")
            await shows(pilot, "greeting", "1 fresh")
            await pilot.press("F")
            await shows(pilot, "every step")
            await pilot.press("enter")
            assert (await ran(pilot, workspace, 2)).options == {"force": True}
            await pilot.press("escape", "2", "w")
            await shows(pilot, "1 fresh", "runs on save")
            part = workspace.base / "parts" / "hello.yml"
            part.write_text(COMPONENT.replace("sh hello.sh", "sh -e hello.sh"))
            assert (await ran(pilot, workspace, 3)).status == "Completed"
            await pilot.press("w", "p")
            await shows(pilot, "Publish it with its code as it is now")
            await pilot.press("enter")
            await eventually(pilot, lambda: publishing.list_published(workspace.database))

    drive(story())
    published, = publishing.list_published(workspace.database)
    assert published.name == "greeting"


def test_a_broken_yaml_pipeline_says_why_and_is_not_run(workspace: Workspace) -> None:
    (workspace.base / "jobs" / "greet.yml").write_text(PIPELINE.replace("component:", "componet:"))
    (workspace.base / "a.yml").write_text("type: pipeline\njobs:\n  good:\n    command: echo good\n"
                                           "    environment: azureml:AzureML-x@latest\n")

    async def story() -> None:
        async with Dashboard(workspace, Loading()).run_test(size=(120, 36)) as pilot:
            await pilot.press("2")
            await shows(pilot, "good", "1 stale")
            await pilot.press("down")
            await shows(pilot, "componet")
            await pilot.press("r")
            await pilot.pause()

    drive(story())
    assert history.count_runs(workspace.database) == 0
