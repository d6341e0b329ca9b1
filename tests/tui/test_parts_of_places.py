"""Keys of lists, logs and graphs: which places have them, and that they can be changed like those of places."""

from __future__ import annotations

import string
from pathlib import Path

import data_project
import pytest
from frames import eventually
from stage import Stage, play, shows
from textual.app import App
from textual.pilot import Pilot

from short_history import Seeded, seed, stepwell
from stepwell_store.ledger import history
from stepwell_tui.actions import PARTS, PLACES, SCOPES, WIDGETS, clashes, unknown
from stepwell_tui.screens.compare import CompareScreen
from stepwell_tui.screens.dataset import DatasetScreen
from stepwell_tui.screens.datastores import FolderScreen
from stepwell_tui.screens.difference import DifferenceScreen
from stepwell_tui.screens.place import Place
from stepwell_tui.screens.run import RunScreen
from stepwell_tui.screens.snapshots import SnapshotScreen
from stepwell_tui.screens.texts import TextScreen
from stepwell_tui.views.texts import Shown
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.log import LogView
from stepwell_tui.widgets.logpanel import LogPanel
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.textview import TextView

CLASSES = {"filter": FilterBar, "list": VirtualTable, "graph": GraphView, "log": LogView, "search": LogPanel, "lines": TextView}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> data_project.Project:
    return data_project.make(tmp_path_factory.mktemp("parts") / "project")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return seed(tmp_path_factory.mktemp("keymap") / "project")


def parts(app: Stage) -> tuple[str, tuple[str, ...]]:
    """The scope of the screen, and the parts that it has."""
    assert isinstance(app.screen, Place)
    return str(app.screen.SCOPE), tuple(part for part, kind in CLASSES.items() if app.screen.query(kind))


def test_places_have_the_parts_that_the_keys_are_checked_for(project: data_project.Project) -> None:
    found: dict[str, tuple[str, ...]] = {}

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        digest = str(history.find_step(app.workspace.database, project.runs[0], "clean").snapshot)
        for digit, _, title in PLACES:
            await pilot.press(digit)
            await shows(pilot, f"› {title}")
            found.update([parts(app)])
        for screen in (RunScreen(project.runs[0]), CompareScreen("#1", "#2"), DatasetScreen("words"), FolderScreen("workspaceblobstore"),
                       SnapshotScreen(digest), DifferenceScreen(digest, digest), TextScreen(("a",), "plain", lambda _: Shown("text", ""))):
            await app.push_screen(screen)
            await eventually(pilot, lambda screen=screen: screen.is_current and screen.is_mounted)
            found.update([parts(app)])

    play(project.base, "home", story)
    assert found == PARTS
    assert set(found) | {"everywhere"} == set(SCOPES)
    assert set(CLASSES) == set(WIDGETS)


@pytest.mark.parametrize(("keymap", "said"), [
    ({}, []),
    ({"runs.rerun": "x"}, ["x is both runs.rerun and runs.cancel in runs"]),
    ({"runs.cancel": "j"}, ["j is both list.down and runs.cancel in runs"]),
    ({"runs.cancel": "f"}, []),
    ({"go.git": "f"}, ["f is both log.follow and go.git in run"]),
    ({"go.git": "f", "log.follow": "F"}, []),
    ({"runs.cancel": "?"}, ["question_mark is both runs.cancel and help in runs"]),
    ({"log.follow": "f5, w"}, ["w is both log.follow and log.wrap in run"]),
    ({"text.copy": ""}, []),
])
def test_keys_that_would_do_two_things_are_told(keymap: dict[str, str], said: list[str]) -> None:
    assert clashes(keymap) == said


@pytest.mark.parametrize("key", [*string.punctuation.replace(",", "").replace("-", ""), "A", "5"])
def test_a_key_counts_as_the_one_that_it_becomes(key: str) -> None:
    long, = App._normalize_keymap({"text.copy": key}).values()
    assert f"{long} is both snapshot.save and snapshot.copy in snapshot" in clashes({"snapshot.save": key, "snapshot.copy": long})


def test_actions_that_do_not_exist_are_told() -> None:
    assert unknown({"log.follow": "x", "runs.copy": "z", "log.folow": "x"}) == ["log.folow"]


def test_keys_of_lists_and_logs_are_a_persons_own(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#5", "#1")
        await pilot.press("z", "m")
        await shows(pilot, "*      #4")
        await pilot.press("Z", "enter")
        await shows(pilot, "› #4")
        await pilot.press("l", "F")
        await eventually(pilot, lambda: not app.screen.query_one(LogView).follow)
        await pilot.press("question_mark")
        await shows(pilot, "─ Keys ─")
        await pilot.press("end")
        await shows(pilot, "F           Follow")

    play(seeded.base, "runs", story, keymap={"list.down": "z", "list.up": "Z", "list.mark": "m", "log.follow": "F", "run.metrics": "M"})


def test_all_keys_are_listed_with_those_of_a_persons_own(tmp_path: Path, nobodys: Path) -> None:
    (nobodys / "stepwell").mkdir()
    (nobodys / "stepwell" / "config.toml").write_text('[keys]\n"log.follow" = "f5"\n')
    said = stepwell("ui", "--keys", cwd=tmp_path, XDG_CONFIG_HOME=str(nobodys))
    assert said.code == 0
    listed = {words[0]: (words[1], words[-1]) for words in (line.split() for line in said.out.splitlines())}
    for scope, actions in (SCOPES | WIDGETS).items():
        for action in actions:
            assert listed[action.id] == ("f5" if action.id == "log.follow" else action.keys, scope)
