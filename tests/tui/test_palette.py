"""`:` in the dashboard: it knows what there is, and goes there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from frames import SMALL, drive, eventually, frame
from gallery import make
from textual.pilot import Pilot

from stepwell.cli.verbs.ui import Loading
from stepwell_store.workspace import require
from stepwell_tui.app import Dashboard
from stepwell_tui.modals.palette import Palette

TITLE = "─ Go to ─"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("palette") / "churn")


@asynccontextmanager
async def opened(base: Path, *keys: str, size: tuple[int, int] = SMALL) -> AsyncIterator[tuple[Dashboard, Pilot[None]]]:
    """The dashboard with the palette over the screen to which the keys lead."""
    app = Dashboard(require(base), Loading())
    async with app.run_test(size=size) as pilot:
        await eventually(pilot, lambda: "#5" in frame(app))
        await pilot.press(*keys, "colon")
        await eventually(pilot, lambda: TITLE in frame(app))
        yield app, pilot


async def wait_for(pilot: Pilot[None], *texts: str) -> None:
    """Until the screen shows all of these."""
    await eventually(pilot, lambda: all(text in frame(pilot.app) for text in texts))


@pytest.mark.parametrize(("typed", "listed", "sign"), [
    ("run 3", "#3 score-daily", "› score-daily › #3"),
    ("00000004-0000", "#4 churn-train", "› churn-train › #4"),
    ("ds customers", "customers", "› Datasets › customers"),
    ("store file", "workspacefilestore", "› Datastores › workspacefilestore"),
    ("snap train", "#5/train", "› Snapshots ›"),
    ("pl churn.py", "churn.py", "› Pipelines"),
    ("env b7d5", "b7d5c1a09f3e", "scikit-learn==1.6.1"),
    ("ep churn", "version 1, active", "the one to call"),
    ("pub score", "score-daily", "score-daily"),
    ("git", "Git", "› Git"),
    ("9", "Git", "› Git"),
])
def test_what_is_typed_is_gone_to(base: Path, typed: str, listed: str, sign: str) -> None:
    async def story() -> None:
        async with opened(base, size=(120, 36)) as (app, pilot):
            app.screen.query_one("Input").insert_text_at_cursor(typed)
            await eventually(pilot, lambda: listed in frame(app))
            await pilot.press("enter")
            await eventually(pilot, lambda: TITLE not in frame(app) and sign in frame(app))

    drive(story())


def test_it_does_what_the_keys_of_the_screen_below_do(base: Path) -> None:
    async def story() -> None:
        async with opened(base, "3", "j") as (app, pilot):
            await wait_for(pilot, "Rerun", "action")
            await pilot.press(*"compare", "enter")
            await wait_for(pilot, "› Compare ›", "#4")
            await pilot.press("escape", "colon")
            await wait_for(pilot, TITLE)
            await pilot.press("q", "enter")
            await eventually(pilot, lambda: not app.is_running)

    drive(story())


def test_the_arrows_choose_and_what_comes_in_later_does_not_move_the_cursor(base: Path) -> None:
    async def story() -> None:
        async with opened(base) as (app, pilot):
            await pilot.press("down", "down", "up", "down", "enter")
            await wait_for(pilot, "› Runs")
            await pilot.press("colon", *"nothing like it")
            await wait_for(pilot, "Nothing has such a name")
            await pilot.press("enter")  # there is nothing to go to
            assert isinstance(app.screen, Palette)
            await pilot.press("escape")
            await eventually(pilot, lambda: TITLE not in frame(app))

    drive(story())


def test_a_theme_is_taken_by_name(base: Path) -> None:
    async def story() -> None:
        async with opened(base) as (app, pilot):
            await pilot.press(*"theme nord")
            await wait_for(pilot, " nord ")
            await pilot.press("enter")
            await eventually(pilot, lambda: app.theme == "nord")

    drive(story())


def test_it_fits_the_smallest_terminal(base: Path) -> None:
    async def story() -> list[str]:
        async with opened(base, size=(60, 20)) as (app, pilot):
            await pilot.press(*"run ")
            await wait_for(pilot, "#5 churn-train", "Running")
            return frame(app).splitlines()

    lines = drive(story())
    assert max(map(len, lines)) <= 60
    assert "esc closes" in "".join(lines)
