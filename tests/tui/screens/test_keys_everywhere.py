"""Keys that do the same in every place: each is pressed, and what it does is looked at."""

from __future__ import annotations

import pytest
from data_project import Project
from frames import eventually, frame
from stage import Stage, copies, hides, play, says, shows
from textual.pilot import Pilot

from short_history import Seeded
from stepwell_tui.screens.place import Place
from stepwell_tui.theme import THEMES
from stepwell_tui.widgets.contextbar import ContextBar
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.listtable import ListTable


async def at(pilot: Pilot[None], place: str) -> None:
    """As soon as the line at the top says that this is the place."""
    await eventually(pilot, lambda: frame(pilot.app).splitlines()[0].split("  ")[0].endswith(f"› {place}"))


def test_digits_go_to_the_places(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        for digit, place in (("2", "Pipelines"), ("3", "Runs"), ("4", "Datasets"), ("5", "Datastores"), ("6", "Snapshots"),
                             ("7", "Environments"), ("8", "Compute"), ("9", "Git"), ("0", "Published"), ("1", "Home")):
            await pilot.press(digit)
            await at(pilot, place)

    play(seeded.base, "home", story)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
def test_the_palette_goes_to_places_and_runs(seeded: Seeded, key: str) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await at(pilot, "Runs")
        await pilot.press(key)
        await shows(pilot, "Environments", "Datastores")
        await pilot.press(*"datasets")
        await hides(pilot, "Datastores")
        await pilot.press("enter")
        await at(pilot, "Datasets")
        await pilot.press(key, *"run 4")
        await shows(pilot, "#4 words", "Failed")
        await pilot.press("enter")
        await shows(pilot, "Runs › words › #4", "the rate is too high")
        await pilot.press("escape")
        await at(pilot, "Datasets")

    play(seeded.base, "runs", story)


def test_the_palette_quits(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"quit")
        await shows(pilot, "Quit")
        await pilot.press("enter")
        await eventually(pilot, lambda: app.return_code is not None)

    assert play(seeded.base, "home", story) == 0


@pytest.mark.parametrize(("place", "text", "goes", "stays"), [
    ("home", "alone", "words", "#5"), ("runs", "alone", "words", "#5"), ("pipelines", "alone", "words", "alone"),
    ("snapshots", "train", "#1/clean", "#4/train"), ("datastores", "blob", "filestore", "workspaceblobstore"),
])
def test_the_filter_narrows_the_list(seeded: Seeded, place: str, text: str, goes: str, stays: str) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, goes, stays)
        first = app.focused
        await pilot.press("slash")
        await shows(pilot, "enter Keep the filter  esc Drop it")
        await pilot.press(*text)
        await eventually(pilot, lambda: stays in _list(app) and goes not in _list(app))
        await pilot.press("enter")
        assert app.focused is first
        await eventually(pilot, lambda: f"/{text}" in frame(app))
        await pilot.press("slash", *"nothing like it")
        await shows(pilot, "Nothing here has “nothing like it”")
        await pilot.press("enter", "escape")
        await eventually(pilot, lambda: stays in _list(app) and goes in _list(app))
        assert app.focused is first
        assert not app.screen.query_one(FilterBar).is_open

    play(seeded.base, place, story)


def _list(app: Stage) -> str:
    """What the list shows."""
    assert isinstance(app.screen, Place)
    table = app.screen.table_at_hand
    assert table is not None
    return "\n".join(table.render_line(y).text for y in range(table.size.height))


def test_the_filter_is_for_the_list_with_the_keyboard_and_gives_it_back(project: Project) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "src/clean.py", "src/extra.py", project.commit[:7])
        await pilot.press("tab")
        commits = app.focused
        await pilot.press("slash", *"extra", "enter")
        await shows(pilot, "src/extra.py", "src/clean.py", "Nothing here has “extra”")
        assert app.focused is commits
        await pilot.press("escape")
        await hides(pilot, "Nothing here has “extra”")
        await pilot.press("shift+tab", "slash", *"extra", "enter")
        await hides(pilot, "src/clean.py")
        await shows(pilot, "src/extra.py", project.commit[:7])
        commits = app.focused
        await pilot.press("escape")
        await shows(pilot, "src/clean.py")
        assert app.focused is commits

    play(project.base, "git", story)


def test_help_is_about_the_place_and_is_left_again(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "words")
        for key in ("question_mark", "f1"):
            await pilot.press(key)
            await shows(pilot, "Here", "Everywhere", "Copy id", "Clear marks", "Suspend")
            await pilot.press("escape")
            await hides(pilot, "Everywhere")

    play(seeded.base, "runs", story)


def test_escape_drops_the_filter_leaves_the_graph_and_only_then_goes_back(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "words")
        await pilot.press("j", "enter")
        await shows(pilot, "› #4")
        await pilot.press("v")
        await eventually(pilot, lambda: app.has(GraphView) and "Steps" not in frame(app))
        await pilot.press("slash", *"tr")
        await eventually(pilot, lambda: "clean" not in _list(app) and "train" in _list(app))
        await pilot.press("escape")
        await eventually(pilot, lambda: "clean" in _list(app))
        await pilot.press("v", "escape")
        await shows(pilot, "Steps")
        assert app.has(ListTable)
        await pilot.press("y")
        await copies(app, pilot, seeded.runs[3])
        await pilot.press("question_mark", "escape")
        await shows(pilot, "› #4")
        await pilot.press("escape")
        await at(pilot, "Runs")
        await pilot.press("escape")
        await at(pilot, "Runs")

    assert play(seeded.base, "runs", story) is None


def test_minus_goes_to_the_place_before_and_back(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await pilot.press("minus")
        await at(pilot, "Home")
        await pilot.press("3")
        await at(pilot, "Runs")
        await pilot.press("enter")
        await shows(pilot, "› #5")
        await pilot.press("minus")
        await at(pilot, "Home")
        await pilot.press("minus")
        await shows(pilot, "› #5")

    play(seeded.base, "home", story)


def test_reload_shows_what_no_run_has_told(words: Seeded) -> None:
    folder = words.base / ".stepwell" / "datastores" / "workspaceblobstore"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "old.txt").write_text("before")

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "workspaceblobstore")
        await pilot.press("enter")
        await shows(pilot, "a/")
        await pilot.press("enter")
        await shows(pilot, "old.txt")
        (folder / "a" / "new.txt").write_text("new")
        await pilot.press("ctrl+r")
        await shows(pilot, "new.txt")
        await pilot.press("j", "enter")
        await shows(pilot, "before")
        (folder / "a" / "old.txt").write_text("after")
        await pilot.press("ctrl+r")
        await shows(pilot, "after")

    play(words.base, "datastores", story)


def test_every_theme_is_one_key_from_the_one_before(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "Recent runs")
        for theme in (*THEMES[1:], THEMES[0]):
            await pilot.press("ctrl+t")
            await eventually(pilot, lambda theme=theme: app.theme == theme.name)
            assert app.screen.query_one(ContextBar).styles.background.hex == (theme.panel or "").upper()

    play(seeded.base, "home", story)


def test_messages_are_what_went_wrong(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "words")
        await pilot.press("exclamation_mark")
        await shows(pilot, "Nothing went wrong so far.")
        await pilot.press("escape", "x")
        await says(app, pilot, "run #5 is over already: Completed")
        await pilot.press("exclamation_mark")
        await shows(pilot, "Messages (1)", "✗ run #5 is over already")
        await pilot.press("y")
        await copies(app, pilot, "run #5 is over already: Completed")
        await pilot.press("exclamation_mark")
        await hides(pilot, "Messages (1)")
        await pilot.press("j", "y")
        await copies(app, pilot, seeded.runs[3])

    play(seeded.base, "runs", story)


def test_q_leaves_what_was_gone_into_and_at_last_the_dashboard(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "words")
        await pilot.press("j", "enter")
        await shows(pilot, "› #4", "the rate is too high")
        await pilot.press("b")
        await shows(pilot, "extra.py")
        await pilot.press("enter")
        await shows(pilot, "clean.py", "Copy all")
        for left in ("extra.py", "› #4", "3 Runs"):
            await pilot.press("q")
            await shows(pilot, left)
        await pilot.press("q")
        await eventually(pilot, lambda: app.return_code is not None)

    assert play(seeded.base, "runs", story) == 0


@pytest.mark.parametrize(("keys", "there"), [
    ((), "3 Runs"), (("slash", "a"), "/a"), (("question_mark",), "Everywhere"), (("colon",), "Environments"),
    (("p",), "its code as it was"), (("j", "r"), "enter runs"),
])
def test_control_q_quits_wherever_one_is(seeded: Seeded, keys: tuple[str, ...], there: str) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "words")
        await pilot.press(*keys)
        await shows(pilot, there)
        await pilot.press("ctrl+q")
        await eventually(pilot, lambda: app.return_code is not None)

    assert play(seeded.base, "runs", story) == 0
