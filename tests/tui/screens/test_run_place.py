"""One run at the keyboard: what its steps left, and what is known of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_project import Project, make
from frames import drive, eventually, frame
from textual.pilot import Pilot

from stepwell.cli.verbs.ui import Loading
from stepwell_store.workspace import require
from stepwell_tui.app import Dashboard
from stepwell_tui.screens.datastores import FolderScreen
from stepwell_tui.screens.run import RunScreen
from stepwell_tui.screens.texts import TextScreen


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make(tmp_path_factory.mktemp("run") / "project")


class Copying(Dashboard):
    """Keeps what was copied."""

    CSS_PATH = Path(__file__).parents[3] / "tui" / "stepwell_tui" / "dashboard.tcss"
    copied = ""

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


async def shows(pilot: Pilot[None], *texts: str) -> None:
    await eventually(pilot, lambda: all(text in frame(pilot.app) for text in texts))


def test_what_a_step_left_is_opened_and_copied(project: Project) -> None:
    async def story() -> None:
        app = Copying(require(project.base), Loading())
        async with app.run_test(size=(120, 36)) as pilot:
            await shows(pilot, "#1")
            app.open_run(project.runs[0])
            await shows(pilot, "train")
            await pilot.press("j", "a")
            await shows(pilot, "Outputs · train", "folder", "report.txt")
            await pilot.press("y")
            await eventually(pilot, lambda: app.copied.startswith(str(project.base / ".stepwell" / "datastores")))
            await pilot.press("enter")
            await eventually(pilot, lambda: isinstance(app.screen, FolderScreen))
            await shows(pilot, "model.txt", "deep/")
            await pilot.press("escape", "G", "enter")
            await eventually(pilot, lambda: isinstance(app.screen, TextScreen))
            await shows(pilot, "fine")

    drive(story())


def test_escape_makes_the_graph_small_before_it_leaves(project: Project) -> None:
    async def story() -> None:
        app = Dashboard(require(project.base), Loading())
        async with app.run_test(size=(80, 24)) as pilot:
            app.open_run(project.runs[0])
            await shows(pilot, "Steps", "train")
            await pilot.press("v")
            await eventually(pilot, lambda: app.screen.has_class("-graph"))
            await pilot.press("escape")
            assert isinstance(app.screen, RunScreen)
            assert not app.screen.has_class("-graph")
            await pilot.press("i")
            await shows(pilot, "Facts", "exit code", "environment")
            await pilot.press("escape")
            await eventually(pilot, lambda: not isinstance(app.screen, RunScreen))

    drive(story())


def test_the_step_stays_while_one_goes_from_run_to_run(project: Project) -> None:
    async def story() -> None:
        app = Dashboard(require(project.base), Loading())
        async with app.run_test(size=(120, 36)) as pilot:
            app.open_run(project.runs[1], panel="facts")
            await shows(pilot, "Steps", "train", "#2")
            await pilot.press("j")
            await shows(pilot, "Facts · train", "rate  2.0")
            await pilot.press("left_square_bracket")
            await shows(pilot, "#1", "Facts · train", "rate  1.0")
            await pilot.press("right_square_bracket")
            await shows(pilot, "#2", "Facts · train", "rate  2.0")

    drive(story())
