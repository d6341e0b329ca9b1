"""The screens that people see, as pictures and as text, at the sizes that count. `pytest --snapshot-update` takes them anew."""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frames import drive, eventually, frame
from gallery import NOW, make
from textual.pilot import Pilot

from stepwell.cli.verbs.ui import Loading
from stepwell_store.workspace import require
from stepwell_tui.app import Dashboard

GOLDEN = Path(__file__).parent / "golden"
SMALL, SHORT, WIDE = (80, 24), (60, 20), (120, 36)

LOOKS = 4
"""A screen that looks the same so often is done, on a busy machine, too."""
SCREENS: dict[str, tuple[tuple[str, ...], str]] = {
    "home": ((), "#1"),
    "pipelines": (("2",), "churn-train"),
    "runs": (("3",), "#1"),
    "running": (("3", "enter"), "FOLLOW"),
    "failed": (("3", "j", "enter"), "no rows to compare"),
    "metrics": (("3", "j", "j", "j", "j", "enter", "j", "j", "j", "m"), "accuracy"),
    "why": (("3", "j", "enter", "d"), "it has not run before"),
    "facts": (("3", "j", "enter", "i"), "exit code"),
    "graph": (("3", "j", "enter", "v"), "evaluate"),
    "compare": (("3", "j", "c"), "rate"),
    "datasets": (("4",), "customers"),
    "dataset": (("4", "enter"), "Ada"),
    "published": (("0",), "Nothing is published"),
    "help": (("3", "question_mark"), "Everywhere"),
}
"""The keys that lead there, and a text that tells that it is there."""
PICTURES = [("home", WIDE, False), ("home", SMALL, True), ("running", SMALL, False), ("running", WIDE, False), ("failed", SMALL, True),
            ("metrics", WIDE, False), ("runs", WIDE, True), ("compare", WIDE, False), ("help", SMALL, False)]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: NOW - 7200)
        return make(tmp_path_factory.mktemp("gallery") / "churn")


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes, and the terminal has no wishes of its own."""
    monkeypatch.setattr("time.time", lambda: NOW)
    monkeypatch.setattr("stepwell_tui.screens.place.TICK_S", 86_400.0)
    for name in ("NO_COLOR", "TEXTUAL_THEME", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)


class Still(Dashboard):
    """The dashboard over files whose folder has another name on every machine."""

    CSS_PATH = Path(__file__).parents[3] / "tui" / "stepwell_tui" / "dashboard.tcss"


async def go(pilot: Pilot[Any], screen: str) -> None:
    """Press the keys of a screen, each when the one before has done its work, and wait until all of it stands still."""
    keys, sign = SCREENS[screen]
    for key in ("1", *keys):
        await pilot.press(key)
        await settled(pilot)
    await eventually(pilot, lambda: sign in frame(pilot.app))
    await settled(pilot)


async def settled(pilot: Pilot[Any]) -> None:
    """Until nothing is read any more and some looks show the same."""
    before, same, deadline = "", 0, time.monotonic() + 60
    while same < LOOKS:
        await eventually(pilot, lambda: all(worker.group == "log" for worker in pilot.app.workers))
        await pilot.pause(0.06)
        now = frame(pilot.app)
        same = same + 1 if now == before else 0
        assert time.monotonic() < deadline, f"it never stands still:\n{before}\n{now}"
        before = now


@pytest.mark.parametrize("screen", SCREENS)
def test_frames(gallery: Path, screen: str, request: pytest.FixtureRequest) -> None:
    async def look() -> str:
        shown = []
        workspace = require(gallery)
        app = Still(workspace, Loading())
        async with app.run_test(size=SMALL, notifications=False) as pilot:
            await go(pilot, screen)
            for size in (WIDE, SMALL, SHORT):
                await pilot.resize_terminal(*size)
                await settled(pilot)
                text = frame(app).replace(str(gallery), "/home/ada/churn")
                assert max(map(len, frame(app).splitlines())) <= size[0]
                shown.append(f"{screen} at {size[0]}x{size[1]}\n{text}\n")
        return "\n".join(shown)

    same_as(GOLDEN / f"{screen}.txt", drive(look()), update=request.config.option.update_snapshots)


def same_as(path: Path, text: str, *, update: bool) -> None:
    """Compare with what was kept, line by line."""
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    kept = path.read_text().splitlines()
    assert text.splitlines() == kept, "\n".join(difflib.unified_diff(kept, text.splitlines(), "kept", "now", lineterm=""))


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("screen", "size", "plain"), PICTURES, ids=str)
def test_pictures(gallery: Path, screen: str, size: tuple[int, int], plain: bool, snap_compare: Callable[..., bool],
                  monkeypatch: pytest.MonkeyPatch) -> None:
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    assert os.environ.get("NO_COLOR", "") == ("1" if plain else "")
    assert snap_compare(Still(require(gallery), Loading()), terminal_size=size, run_before=lambda pilot: go(pilot, screen))
