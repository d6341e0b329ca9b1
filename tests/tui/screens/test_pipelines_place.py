"""The place of pipelines on a workspace in which much is written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from frames import drive, eventually, frame
from textual.pilot import Pilot

from stepwell.cli.verbs.ui import Loading
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_store.ledger.definitions import set_setting
from stepwell_store.workspace import Workspace
from stepwell_tui.app import Dashboard

JOB = """\
type: pipeline
display_name: NAME
jobs:
  hello:
    command: echo NAME
    environment: azureml:AzureML-x@latest
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Two pipelines, the first of which ran once."""
    for name in ("first", "second"):
        (tmp_path / f"{name}.yml").write_text(JOB.replace("NAME", name))
    opened = workspaces.open_workspace(workspaces.create(tmp_path))
    graph = Loading().load(tmp_path / "first.yml", opened.root)
    execute(opened, prepare(opened, Submission(graph=graph, source=str(tmp_path / "first.yml"))))
    yield opened
    for thread in threading.enumerate():
        if thread.name == "watching":  # it was told to stop, and may be in the middle of a look
            thread.join(30)
    opened.close()


async def shows(pilot: Pilot[None], *texts: str) -> None:
    await eventually(pilot, lambda: all(text in frame(pilot.app) for text in texts))


def test_a_plan_comes_however_much_is_written(workspace: Workspace) -> None:
    over, writer = threading.Event(), workspaces.open_workspace(workspace.root)

    def write() -> None:
        count = 0
        while not over.wait(0.02):
            count += 1
            set_setting(writer.database, "test", count)

    async def story() -> None:
        async with Dashboard(workspace, Loading()).run_test(size=(120, 36), notifications=True) as pilot:
            await pilot.press("2")
            await shows(pilot, "hello", "1 fresh")
            await pilot.press("j")
            await shows(pilot, "stale: it has not run before")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        drive(story())
    finally:
        over.set()
        thread.join()
        writer.close()


def test_enter_shows_the_runs_of_a_pipeline(workspace: Workspace) -> None:
    async def story() -> None:
        async with Dashboard(workspace, Loading()).run_test(size=(80, 24)) as pilot:
            await pilot.press("2")
            await shows(pilot, "✓", "first.yml")
            await pilot.press("enter")
            await shows(pilot, "› Runs › first", "#1", "Completed")
            await pilot.press("escape")
            await shows(pilot, "› Pipelines", "What would run now")

    drive(story())


def test_what_cannot_be_read_is_told_and_not_run(workspace: Workspace) -> None:
    (workspace.base / "first.yml").write_text(JOB.replace("NAME", "first").replace("command:", "comand:"))

    async def story() -> None:
        async with Dashboard(workspace, Loading()).run_test(size=(120, 36), notifications=True) as pilot:
            await pilot.press("2")
            await shows(pilot, "What is wrong with it", "comand", "It cannot be read")
            await pilot.press("r")
            await shows(pilot, "No pipeline is chosen that could be read")

    drive(story())
