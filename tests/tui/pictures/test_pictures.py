"""The screens that people see, as pictures and as text, at the sizes that count. `pytest --snapshot-update` takes them anew."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from frames import drive, eventually, frame
from gallery import NOW, make, make_new
from gallery_project import ENVIRONMENT
from textual.pilot import Pilot

from stepwell.cli.verbs.ui import Loading
from stepwell_store.workspace import require
from stepwell_tui.app import Dashboard
from stepwell_tui.settings import DEFAULTS, Settings
from stepwell_tui.views.compute import Machine

GOLDEN = Path(__file__).parent / "golden"
SMALL, SHORT, WIDE = (80, 24), (60, 20), (120, 36)

LOOKS = 4
"""A screen that looks the same so often is done, on a busy machine, too."""


class Way(NamedTuple):
    """The keys that lead to a screen, and a text that tells that it is there."""

    keys: tuple[str, ...]
    sign: str


SCREENS = {
    "home": Way((), "#1"),
    "pipelines": Way(("2",), "it has not run before"),
    "pipeline-graph": Way(("2", "v"), "evaluate"),
    "runs": Way(("3",), "#1"),
    "runs-filtered": Way(("3", "slash", *"daily"), "1 of 5"),
    "running": Way(("3", "enter"), "FOLLOW"),
    "failed": Way(("3", "j", "enter"), "no rows to compare"),
    "metrics": Way(("3", "G", "enter", "j", "j", "j", "m"), "accuracy"),
    "why": Way(("3", "j", "enter", "d"), "it has not run before"),
    "outputs": Way(("3", "G", "enter", "a"), "48.2 kB"),
    "facts": Way(("3", "j", "enter", "i"), "exit code"),
    "graph": Way(("3", "j", "enter", "v"), "evaluate"),
    "compare": Way(("3", "j", "c"), "rate"),
    "datasets": Way(("4",), "customers"),
    "dataset": Way(("4", "enter"), "Ada"),
    "datastores": Way(("5",), "workspacefilestore"),
    "folder": Way(("5", "enter", "enter"), "customers.csv"),
    "file": Way(("5", "enter", "enter", "j", "enter"), "Exported every night"),
    "snapshots": Way(("6",), "#5/train"),
    "snapshot": Way(("6", "enter"), "limits.txt"),
    "difference": Way(("6", "d"), "range(60)"),
    "environments": Way(("7", "slash", *"b7d5"), "scikit-learn"),
    "compute": Way(("8",), "processors"),
    "git": Way(("9",), "forty epochs"),
    "published": Way(("0",), "who is about"),
    "endpoint": Way(("0", "tab"), "the one to call"),
    "help": Way(("3", "question_mark"), "Everywhere"),
    "palette": Way(("3", "colon"), "Pipelines"),
    "palette-typed": Way(("3", "colon", *"run churn"), "Failed"),
    "parameters": Way(("3", "j", "r"), "how fast"),
    "parameters-wrong": Way(("3", "j", "r", "end", *"x"), "✗"),
    "confirm": Way(("3", "x"), "Stop run #5"),
    "choose": Way(("0", "tab", "d"), "Default version"),
    "typed": Way(("3", "j", "p"), "code as it was"),
    "messages": Way(("3", "G", "x", "exclamation_mark"), "#1"),
    "messages-none": Way(("exclamation_mark",), "Nothing went wrong"),
}
NEW = {
    "home": Way((), "Nothing has run yet"),
    "pipelines": Way(("2",), "No pipeline file"),
    "runs": Way(("3",), "No runs yet"),
    "datasets": Way(("4",), "No dataset has a name"),
    "snapshots": Way(("6",), "No snapshots yet"),
    "git": Way(("9",), "no Git repository"),
    "published": Way(("0",), "Nothing is published"),
}
"""A workspace in which nothing was done yet."""

MACHINE = Machine(8, 1.5, 32_000_000_000, 21_000_000_000, 512_000_000_000)
"""That of somebody; every other has other numbers."""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: NOW - 7200)
        yield make(tmp_path_factory.mktemp("gallery") / "churn")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_new(tmp_path_factory.mktemp("new") / "churn")


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time passes, the machine is another one, and neither the terminal nor Git have wishes of their own."""
    monkeypatch.setattr("time.time", lambda: NOW)
    monkeypatch.setattr("stepwell_tui.screens.place.TICK_S", 86_400.0)
    monkeypatch.setattr("stepwell_tui.screens.compute.LOOK_S", 86_400.0)
    monkeypatch.setattr("stepwell_tui.views.compute.machine", lambda _: MACHINE)
    for name in ("NO_COLOR", "TEXTUAL_THEME", "SSH_CONNECTION", "STEPWELL_ASCII"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


class Still(Dashboard):
    """The dashboard over files whose folder has another name on every machine."""

    CSS_PATH = Path(__file__).parents[3] / "tui" / "stepwell_tui" / "dashboard.tcss"


async def go(pilot: Pilot[Any], way: Way) -> None:
    """Press the keys, each when the one before has done its work, and wait until all of it stands still."""
    for key in ("1", *way.keys):
        await pilot.press(key)
        await settled(pilot)
    await eventually(pilot, lambda: way.sign in frame(pilot.app))
    await settled(pilot)


async def settled(pilot: Pilot[Any]) -> None:
    """Until nothing is read any more and some looks show the same."""
    before, same, deadline = "", 0, time.monotonic() + 60
    while same < LOOKS:
        await eventually(pilot, lambda: all(worker.group in ("log", "doing") for worker in pilot.app.workers))
        await pilot.pause(0.06)
        now = frame(pilot.app)
        same = same + 1 if now == before else 0
        assert time.monotonic() < deadline, f"it never stands still:\n{before}\n{now}"
        before = now


async def shown(base: Path, way: Way, name: str, settings: Settings = DEFAULTS) -> str:
    """The screen at every size."""
    frames = []
    app = Still(require(base), Loading(), settings)
    async with app.run_test(size=SMALL, notifications=False) as pilot:
        await go(pilot, way)
        for size in (WIDE, SMALL, SHORT):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert max(map(len, frame(app).splitlines())) <= size[0]
            frames.append(f"{name} at {size[0]}x{size[1]}\n{frame(app)}\n")
    return "\n".join(frames)


@pytest.mark.parametrize("screen", SCREENS)
def test_frames(gallery: Path, screen: str, request: pytest.FixtureRequest) -> None:
    same_as(f"{screen}.txt", drive(shown(gallery, SCREENS[screen], screen)), request)


@pytest.mark.parametrize("screen", NEW)
def test_frames_of_a_new_workspace(empty: Path, screen: str, request: pytest.FixtureRequest) -> None:
    same_as(f"new-{screen}.txt", drive(shown(empty, NEW[screen], f"new {screen}")), request)


@pytest.mark.parametrize("screen", ["home", "running", "metrics", "pipelines", "palette", "parameters"])
def test_frames_in_ascii(gallery: Path, screen: str, request: pytest.FixtureRequest) -> None:
    text = drive(shown(gallery, SCREENS[screen], f"{screen} in ASCII", Settings(ascii=True)))
    assert text.isascii()
    same_as(f"ascii-{screen}.txt", text, request)


def same_as(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """Compare with what was kept, line by line."""
    path = GOLDEN / name
    if request.config.option.update_snapshots:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    kept = path.read_text().splitlines()
    assert text.splitlines() == kept, "\n".join(difflib.unified_diff(kept, text.splitlines(), "kept", "now", lineterm=""))


class Look(NamedTuple):
    """A screen in a size and a theme; `plain` is without colours."""

    screen: str
    size: tuple[int, int]
    theme: str = "stepwell-dark"
    plain: bool = False


LIGHT, BLIND = "stepwell-light", "stepwell-colour-blind"
PICTURES = [
    *(Look(screen, size) for screen in ("home", "pipelines", "running", "metrics") for size in (SMALL, WIDE)),
    *(Look(screen, WIDE) for screen in ("compare", "dataset", "published", "palette")),
    *(Look(screen, SMALL) for screen in ("help", "parameters", "confirm")),
    *(Look(screen, SMALL, plain=True) for screen in ("home", "failed", "palette")), Look("runs", WIDE, plain=True),
    *(Look(screen, WIDE, LIGHT) for screen in ("home", "running", "difference")), Look("palette", SMALL, LIGHT),
    *(Look(screen, WIDE, BLIND) for screen in ("home", "failed")),
]


def _name(look: Look) -> str:
    return "-".join([look.screen, "x".join(map(str, look.size)), look.theme.removeprefix("stepwell-"), *(["plain"] if look.plain else [])])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("look", PICTURES, ids=_name)
def test_pictures(gallery: Path, look: Look, snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    if look.plain:
        monkeypatch.setenv("NO_COLOR", "1")
    app = Still(require(gallery), Loading(), Settings(theme=look.theme))
    assert snap_compare(app, terminal_size=look.size, run_before=lambda pilot: go(pilot, SCREENS[look.screen]))
