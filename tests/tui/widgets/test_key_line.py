"""The line of keys at the bottom."""

from __future__ import annotations

from pathlib import Path

from bare import Bare, bare
from frames import drive, eventually, frame
from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.screens.runs import RunsScreen
from stepwell_tui.widgets.keyline import GAP, Key, KeyLine, fitting

KEYS = [Key("a", "a", "a", "Run it"), Key("b", "b", "ctrl+b", "Something long"), Key("help", "question_mark", "?", "Help"),
        Key("quit", "q", "q", "Quit")]


@given(st.integers(0, 80), st.integers(0, 4))
def test_what_is_shown_fits_and_the_way_out_stays(width: int, count: int) -> None:
    keys = KEYS[:count] + KEYS[2:]
    shown = fitting(keys, width)
    assert {"help", "quit"} <= {key.id for key in shown}
    assert shown == [key for key in keys if key in shown]
    needed = sum(key.width + GAP for key in shown)
    assert needed <= max(width, sum(key.width + GAP for key in keys if key.id in ("help", "quit")))


def bottom(app: Bare) -> str:
    """The last line of the screen, empty while there is none."""
    return frame(app).rpartition("\n")[2]


def test_keys_are_shown_as_many_as_there_is_room_for_and_a_click_presses_them(tmp_path: Path) -> None:
    async def story() -> None:
        async with bare(tmp_path) as (app, pilot):
            app.push_screen(RunsScreen())
            await eventually(pilot, lambda: "r Rerun  x Cancel  l Logs  c Compare" in bottom(app))
            await pilot.resize_terminal(40, 12)
            await eventually(pilot, lambda: bottom(app).split() == ["r", "Rerun", ":", "Go", "to", "?", "Help", "q", "Quit"])
            await pilot.click(KeyLine, offset=(1 + len("r Rerun  : Go to  "), 0))
            await eventually(pilot, lambda: "Everywhere" in frame(app))

    drive(story())
