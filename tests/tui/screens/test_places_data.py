"""The places of data on a real workspace, at the keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from data_project import Project
from frames import SMALL, drive, eventually, frame
from textual.pilot import Pilot
from textual.widgets import Input

import stepwell_tui.app
from stepwell_runner.graph.model import Graph
from stepwell_store.errors import UsageError
from stepwell_store.locks import FileLock
from stepwell_store.workspace import Workspace, create, open_workspace, require
from stepwell_tui.actions import SCOPES, clashes
from stepwell_tui.app import Dashboard
from stepwell_tui.screens.compare import CompareScreen
from stepwell_tui.screens.compute import ComputeScreen
from stepwell_tui.screens.dataset import DatasetScreen
from stepwell_tui.screens.datasets import DatasetsScreen
from stepwell_tui.screens.datastores import DatastoresScreen, FolderScreen
from stepwell_tui.screens.difference import DifferenceScreen
from stepwell_tui.screens.environments import EnvironmentsScreen
from stepwell_tui.screens.git import GitScreen
from stepwell_tui.screens.place import Place
from stepwell_tui.screens.snapshots import SnapshotScreen, SnapshotsScreen
from stepwell_tui.screens.texts import TextScreen

SHORT = (60, 20)
"""The smallest terminal that everything must work in."""
WIDE = (120, 36)

Story = Callable[[Pilot[Any]], Awaitable[None]]


class NoPipelines:
    """The services of a door that finds no pipeline files."""

    def load(self, path: Path, root: Path) -> Graph:
        raise UsageError(f"{path} defines no pipeline")

    def is_pipeline(self, path: Path) -> bool:
        return False

    def address(self, workspace: Workspace, path: str) -> str:
        return f"http://127.0.0.1{path}"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A workspace in which nothing has happened."""
    open_workspace(create(tmp_path)).close()
    return tmp_path


def show(base: Path, place: str, story: Story, size: tuple[int, int] = SMALL) -> None:
    """Open the dashboard at a place and go through a story there."""

    class At(Dashboard):
        DEFAULT_MODE = place
        CSS_PATH = Path(stepwell_tui.app.__file__).parent / "dashboard.tcss"

    async def go(workspace: Workspace) -> None:
        async with At(workspace, NoPipelines()).run_test(size=size, notifications=True) as pilot:
            await story(pilot)

    workspace = require(base)
    drive(go(workspace))  # ends when all that reads in threads has ended
    workspace.close()


async def shows(pilot: Pilot[Any], *texts: str) -> str:
    """The frame, as soon as all of these are in it."""
    await eventually(pilot, lambda: all(text in frame(pilot.app) for text in texts))
    return frame(pilot.app)


async def hides(pilot: Pilot[Any], text: str) -> None:
    """As soon as it is no longer in the frame."""
    await eventually(pilot, lambda: text not in frame(pilot.app))


@pytest.mark.parametrize("size", [SHORT, SMALL])
@pytest.mark.parametrize(("place", "said"), [
    ("datasets", "No dataset has a name yet."), ("datastores", "workspacefilestore"), ("snapshots", "No snapshots yet"),
    ("environments", "current"), ("compute", "No step runs now."), ("git", "in no Git repository"),
])
def test_an_empty_workspace_says_what_fills_a_place(empty: Path, place: str, said: str, size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        text = await shows(pilot, said)
        assert max(map(len, text.splitlines())) <= size[0]

    show(empty, place, story, size)


def test_a_dataset_with_its_versions_preview_and_uses(project: Project) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "table, delimited", "words")
        await pilot.press("slash", *"words", "enter")
        await hides(pilot, "people")
        await pilot.press("enter")
        text = await shows(pilot, "/data.txt", "#2", "#1", "clean")
        assert "owner" not in text
        await pilot.press("j")
        await shows(pilot, "tag owner", "the words a\\x1b[31mred\\n[b]bold")
        await pilot.press("escape")
        await shows(pilot, "4 Datasets")

    show(project.base, "datasets", story)


def test_a_table_shows_its_first_rows(project: Project) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "people")
        await pilot.press("slash", *"people", "enter")
        await hides(pilot, "words")
        await pilot.press("enter")
        await shows(pilot, "name      age", "text  integer", "Eve         1", "the first of 2 files; before take",
                    "No run had it as an input yet.")
        await pilot.press("d")
        await shows(pilot, "What is in its columns", "MISSING", "4 rows; before take")
        await pilot.press("d", "enter")
        await shows(pilot, "How it begins", "No step made its data.")

    show(project.base, "datasets", story, SHORT)


def test_browsing_a_datastore_down_to_a_file(project: Project) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "default")
        await pilot.press("enter")
        await shows(pilot, "azureml/", "sets/", "top.txt")
        await pilot.press("j", "enter")
        await shows(pilot, "deep/", "one.txt", "2 files, 2.0 kB")
        await pilot.press("j", "enter")
        assert "\x1b" not in await shows(pilot, "second \\x1b[31mred")
        await pilot.press("escape")
        await shows(pilot, "deep/")

    show(project.base, "datastores", story)


def test_uploading_and_saving_by_typed_paths(empty: Path) -> None:
    (empty / "new.txt").write_text("new")

    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "workspaceblobstore")
        await pilot.press("enter")
        await shows(pilot, "Nothing is here.")
        await pilot.press("u")
        await shows(pilot, "Which file, or folder")
        await pilot.press(*"new.txt", "enter")
        await shows(pilot, "1 file copied to workspaceblobstore", "3 B")
        await pilot.press("w")
        await shows(pilot, "into which folder")
        await pilot.press("end", *"/out", "enter")
        await eventually(pilot, (empty / "out" / "new.txt").exists)
        await pilot.press("u", *"nowhere", "enter")
        await shows(pilot, "there is no such file")

    show(empty, "datastores", story)


def test_a_snapshot_its_files_and_restoring_it(project: Project, tmp_path: Path) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "#2/clean", "#1/clean")
        await pilot.press("enter")
        await shows(pilot, "blob.bin", "clean.py", "4 files")
        await pilot.press("enter")
        await shows(pilot, "not text: 256 B")
        await pilot.press("escape", "j", "enter")
        await shows(pilot, "# better")
        await pilot.press("escape", "w")
        await shows(pilot, "It must be new or")
        pilot.app.screen.query_one(Input).value = f"{tmp_path}/old"
        await pilot.press("enter")
        await shows(pilot, "4 files in")
        assert (tmp_path / "old" / "extra.py").read_text() == "X = 1\n"

    show(project.base, "snapshots", story)


@pytest.mark.parametrize("size", [SHORT, WIDE])
def test_the_difference_of_two_marked_snapshots(project: Project, size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "#2/clean", "#1/clean")
        await pilot.press("space", "space", "d")
        await shows(pilot, "added", "changed", "not text: 256 B")
        await pilot.press("j")
        await shows(pilot, "--- clean.py")
        await pilot.press("enter")
        await shows(pilot, "+# better")

    show(project.base, "snapshots", story, size)


def test_environments_tell_what_is_in_them(project: Project) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "current", "ready", "words/train", "packages")

    show(project.base, "environments", story)


def test_slots_in_use_are_seen_while_one_looks(empty: Path) -> None:
    (empty / ".stepwell" / "locks" / "slots").mkdir()

    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "0 of ", "free")
        with FileLock(empty / ".stepwell" / "locks" / "slots" / "local-0.lock"):
            await shows(pilot, "1 of ", "in use")
        await shows(pilot, "0 of ")

    show(empty, "compute", story)


def test_git_shows_what_is_not_committed(project: Project) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "work", project.commit[:7], "src/clean.py", "untracked", "First a\\x1b[31mred")
        await pilot.press("enter")
        await shows(pilot, "+# better")
        await pilot.press("escape", "tab", "enter")
        await shows(pilot, f"› Runs › {project.commit[:7]}", "#1", "#2", f"2 of 2 /{project.commit[:7]}")
        await pilot.press("escape")
        await shows(pilot, "Commits that runs saw")

    show(project.base, "git", story)


def test_a_repository_that_cannot_be_read_is_told(empty: Path) -> None:
    (empty / ".git").write_text("gitdir: nowhere\n")

    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "Git cannot read the repository")

    show(empty, "git", story)


@pytest.mark.parametrize("size", [SHORT, SMALL, WIDE])
def test_two_runs_side_by_side(project: Project, size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        pilot.app.push_screen(CompareScreen("#1", "#2"))
        await shows(pilot, "#1 ✓ words  with  #2", "rate", "-0.1", "git dirty")
        await pilot.press("x")
        await shows(pilot, "#2 ✓ words  with  #1", "+0.1")
        await pilot.press("equals_sign")
        await shows(pilot, "Completed")
        await pilot.press("equals_sign", "tab", "tab", "tab")
        await shows(pilot, "clean.py")
        await pilot.press("j", "j", "enter")
        await shows(pilot, "-# better")
        await pilot.press("escape", "m")
        await shows(pilot, "loss (train)", "━ #2", "━ #1")
        await hides(pilot, "Steps")
        await pilot.press("escape")
        await shows(pilot, "Steps")

    show(project.base, "compute", story, size)


def test_an_object_that_is_gone_is_told_and_nothing_falls_over(project: Project, tmp_path: Path) -> None:
    base = tmp_path / "copy"
    shutil.copytree(project.base, base, symlinks=True)
    shutil.rmtree(base / ".stepwell" / "objects")

    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "#2/clean")
        await pilot.press("enter")
        await shows(pilot, "is missing")
        await pilot.press("escape", "d")
        await shows(pilot, "Files that differ")

    show(base, "snapshots", story)


def test_the_filter_of_a_text_shows_the_lines_that_have_it(project: Project) -> None:
    async def story(pilot: Pilot[Any]) -> None:
        await shows(pilot, "#1/clean")
        await pilot.press("G", "enter")
        await shows(pilot, "train.py")
        await pilot.press("G", "enter")
        await shows(pilot, "a second line")
        await pilot.press("slash", *"REPORT")
        await hides(pilot, "a second line")
        await shows(pilot, "outputs/report.txt")
        await pilot.press("escape")
        await shows(pilot, "a second line")

    show(project.base, "snapshots", story)


@pytest.mark.parametrize("screen", [
    DatasetsScreen, DatasetScreen, DatastoresScreen, FolderScreen, SnapshotsScreen, SnapshotScreen, DifferenceScreen, EnvironmentsScreen,
    ComputeScreen, GitScreen, CompareScreen, TextScreen,
])
def test_every_key_of_a_place_does_something(screen: type[Place[Any]]) -> None:
    assert screen.SCOPE is not None
    assert all(hasattr(screen, f"action_{action.method}") for action in SCOPES[screen.SCOPE])


def test_no_key_does_two_things() -> None:
    assert clashes({}) == []
