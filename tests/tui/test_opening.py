"""How places open: read once, deaf to keys until there is something that they could be meant for, in a process that collects memory."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import ClassVar

from bare import bare
from frames import drive, eventually, frame
from pty_program import OnTerminal
from textual.app import ComposeResult
from textual.widgets import Static

from stepwell_store import workspace as workspaces
from stepwell_store.workspace import Workspace
from stepwell_tui.screens.place import TICK_S, Place
from stepwell_tui.screens.unhurried import Unhurried


class Counting(Place[int]):
    """Shows how often it was read; has a handler of its own, like the real places."""

    PLACE: ClassVar[str] = "Counting"

    def __init__(self) -> None:
        super().__init__()
        self.readings = 0
        self.shown = 0

    def body(self) -> ComposeResult:
        """One line."""
        yield Static("nothing yet", id="count")

    def on_mount(self) -> None:
        """As real places do."""
        self.query_one("#count", Static).can_focus = True

    def read(self, workspace: Workspace) -> int:
        """How often it was."""
        self.readings += 1
        return self.readings

    def show(self, data: int) -> None:
        """Show it."""
        self.shown += 1
        self.query_one("#count", Static).update(f"reading {data}")


class Moving(Counting):
    """Goes on by itself."""

    def moves(self) -> bool:
        """Always."""
        return True


class Resting(Unhurried[int]):
    """The same for a place that rests between readings."""

    REST = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.readings = 0

    def read(self, workspace: Workspace) -> int:
        """How often it was."""
        self.readings += 1
        return self.readings

    def show(self, data: int) -> None:
        """Nothing to show."""


def test_a_place_is_read_once_when_it_opens_and_again_when_one_comes_back(tmp_path: Path) -> None:
    async def story() -> None:
        async with bare(tmp_path) as (app, pilot):
            place, other = Counting(), Counting()
            await app.push_screen(place)
            await eventually(pilot, lambda: "reading 1" in frame(app))
            await pilot.pause()
            assert (place.readings, place.shown) == (1, 1)
            await app.push_screen(other)
            await eventually(pilot, lambda: other.shown)
            assert place.readings == 1
            await pilot.press("escape")
            await eventually(pilot, lambda: "reading 2" in frame(app))
            assert place.shown == 2

    drive(story())


def test_a_place_that_rests_is_read_once_when_it_opens(tmp_path: Path) -> None:
    async def story() -> None:
        async with bare(tmp_path) as (app, pilot):
            place = Resting()
            await app.push_screen(place)
            await eventually(pilot, lambda: place.readings)
            other = Counting()
            await app.push_screen(other)
            await eventually(pilot, lambda: other.shown)
            assert place.readings == 1

    drive(story())


def test_a_place_that_moves_is_read_as_often_as_it_says(tmp_path: Path) -> None:
    async def story() -> None:
        async with bare(tmp_path) as (app, pilot):
            place = Moving()
            begun = asyncio.get_running_loop().time()
            await app.push_screen(place)
            await eventually(pilot, lambda: place.readings > 3)
            assert asyncio.get_running_loop().time() - begun > 2.5 * TICK_S

    drive(story())


def test_keys_before_there_are_widgets_harm_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with bare(tmp_path) as (app, pilot):
            place = Counting()
            opening = app.push_screen(place)
            for action in ("screen.filter", "screen.back"):
                await app.run_action(action)
            assert app.screen is not place
            await opening
            await pilot.pause()
            again = Counting()
            await app.push_screen(again)
            await eventually(pilot, lambda: "reading 1" in frame(app))

    drive(story())


REPORT = """
import gc, sys
from stepwell.cli import main
main(["ui", "-w", sys.argv[1]])
open(sys.argv[2], "w").write(f"{gc.isenabled()} {gc.get_freeze_count() > 10_000}")
"""


def test_memory_is_collected_while_the_dashboard_is_open(tmp_path: Path) -> None:
    workspaces.create(tmp_path)
    said = tmp_path / "said"
    words = [sys.executable, "-P", "-c", REPORT, str(tmp_path), str(said)]
    with OnTerminal(words, cwd=tmp_path) as terminal:
        terminal.until(lambda seen: b"Nothing has run yet" in seen)
        terminal.type("q")
        assert terminal.end() == 0
    assert said.read_text() == "True True"
