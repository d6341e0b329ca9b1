"""What one sees first, at the keyboard."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from frames import drive, eventually, frame
from gallery import make

from stepwell.cli.verbs.ui import Loading
from stepwell_store.ledger import history
from stepwell_store.ledger.events import RunEnded
from stepwell_store.workspace import require
from stepwell_tui.app import Dashboard
from stepwell_tui.screens.compare import CompareScreen
from stepwell_tui.screens.run import RunScreen
from stepwell_tui.widgets.listtable import ListTable


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("home") / "churn")


def test_runs_that_go_on_stand_above_with_what_they_are_at(project: Path) -> None:
    async def story() -> None:
        app = Dashboard(require(project), Loading())
        async with app.run_test(size=(120, 36)) as pilot:
            await eventually(pilot, lambda: "Running now" in frame(app) and "train-linear, t" in frame(app))
            assert "▰▰▰▱▱▱ 3/6" in frame(app)
            assert app.screen.query_one("#recent", ListTable).has_focus
            await pilot.press("shift+tab", "enter")
            await eventually(pilot, lambda: isinstance(app.screen, RunScreen))
            assert app.screen.run_id.startswith("00000005")
            await pilot.press("escape")

    drive(story())


def test_the_keys_of_runs_work_here_too(project: Path) -> None:
    async def story() -> None:
        app = Dashboard(require(project), Loading())
        async with app.run_test(size=(80, 24)) as pilot:
            await eventually(pilot, lambda: "#4" in frame(app) and "#1" in frame(app))
            await pilot.press("slash", *"churn", "enter", "s")
            await eventually(pilot, lambda: "3 of 4 /churn" in frame(app) and "run↑" in frame(app))
            await pilot.press("space", "space")
            await pilot.press("c")
            await eventually(pilot, lambda: isinstance(app.screen, CompareScreen) and "#1 ✓" in frame(app) and "#2 ✓" in frame(app))
            await pilot.press("escape", "l")
            await eventually(pilot, lambda: isinstance(app.screen, RunScreen))

    drive(story())


def test_when_the_last_run_ends_the_list_above_goes(tmp_path: Path) -> None:
    own = make(tmp_path / "own")

    async def story() -> None:
        workspace = require(own)
        app = Dashboard(workspace, Loading())
        async with app.run_test(size=(80, 24)) as pilot:
            await eventually(pilot, lambda: "Running now" in frame(app))
            app.screen.query_one("#going").focus()
            other = require(own)
            run, = history.unfinished_runs(other.database)
            other.record(RunEnded(at=time.time(), run=run, status="Canceled", error=None))
            other.close()
            await eventually(pilot, lambda: "Running now" not in frame(app) and "#5" in frame(app))
            assert app.screen.query_one("#recent", ListTable).has_focus

    drive(story())
