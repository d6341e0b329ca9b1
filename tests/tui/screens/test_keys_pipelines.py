"""Keys of the pipelines of a project, each pressed over real files, and what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import eventually, frame
from stage import Stage, hides, play, ran, says, shows
from textual.pilot import Pilot
from textual.widgets import Input

from stepwell_store.ledger import history, publishing
from stepwell_store.workspace import create, require
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.listtable import ListTable

PIPELINE = """
from stepwell import Pipeline, PipelineParameter, PythonScriptStep, Workspace
rate = PipelineParameter("rate", default_value=1)
say = PythonScriptStep("say.py", name="say", arguments=[rate], source_directory="src")
pipeline = Pipeline(Workspace.from_config(), steps=[say])
"""
OTHER = PIPELINE.replace("src", "other").replace('rate = PipelineParameter("rate", default_value=1)', "rate = 1")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Two pipelines: `a.py` has a parameter, `b.py` has none."""
    for name, text, folder in (("a.py", PIPELINE, "src"), ("b.py", OTHER, "other")):
        (tmp_path / name).write_text(text)
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "say.py").write_text("import sys\nprint('rate', sys.argv[1])\n")
    create(tmp_path)
    return tmp_path


def test_run_asks_for_parameters_and_force_runs_what_could_be_reused(base: Path) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "a.py", "b.py", "1 stale", "it has not run before")
        await pilot.press("r")
        await shows(pilot, "Run a", "rate  integer", "enter runs")
        await pilot.press("2", "enter")
        await shows(pilot, "› #1", "rate 2")
        assert (await ran(app, pilot, 1)).parameters == {"rate": 2}
        await pilot.press("escape", "r")
        await shows(pilot, "│ 2")
        await pilot.press("enter")
        await shows(pilot, "› #2", "Reused")
        await ran(app, pilot, 2)
        await pilot.press("escape", "F")
        await shows(pilot, "Run a, every step")
        await pilot.press("enter")
        forced = await ran(app, pilot, 3)
        assert forced.options == {"force": True}
        assert [step.reused_from for step in history.steps_of(app.workspace.database, forced.id)] == [None]

    play(base, "pipelines", story)


def test_a_pipeline_runs_on_save_until_one_goes_to_another(base: Path) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "a.py", "1 stale")
        await pilot.press("w")
        await shows(pilot, "runs on save")
        await pilot.press("w")
        await hides(pilot, "runs on save")
        await pilot.press("r", "enter")
        await ran(app, pilot, 1)
        await pilot.press("escape")
        await shows(pilot, "1 fresh")
        await pilot.press("w")
        await shows(pilot, "runs on save")
        (base / "src" / "say.py").write_text("print('better')\n")
        assert (await ran(app, pilot, 2)).status == "Completed"
        await shows(pilot, "1 fresh")
        await pilot.press("j")
        await says(app, pilot, "no longer runs on save")
        await shows(pilot, "1 stale")
        await hides(pilot, "runs on save")
        (base / "other" / "say.py").write_text("print('edited')\n")
        await pilot.press("k")
        await shows(pilot, "1 fresh")
        (base / "src" / "say.py").write_text("print('edited')\n")
        await shows(pilot, "say.py", "1 stale")

    play(base, "pipelines", story)
    workspace = require(base)
    assert history.count_runs(workspace.database) == 2
    workspace.close()


def test_a_pipeline_is_published_with_its_code(base: Path) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "1 stale")
        await pilot.press("p")
        await eventually(pilot, lambda: app.screen.query(Input))
        app.screen.query_one(Input).value = "scoring"
        await pilot.press("enter")
        await says(app, pilot, "scoring is published")
        found, = publishing.list_published(app.workspace.database)
        assert (found.name, found.source_run) == ("scoring", None)

    play(base, "pipelines", story)


def test_the_graph_takes_the_screen_and_gives_it_back(base: Path) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "1 stale")
        await pilot.press("v")
        await eventually(pilot, lambda: app.has(GraphView) and "2 Pipelines" not in frame(app))
        await pilot.press("escape")
        await shows(pilot, "2 Pipelines")
        assert app.has(ListTable)

    play(base, "pipelines", story)


def test_a_file_that_is_broken_is_not_run_and_that_is_said(base: Path) -> None:
    (base / "a.py").write_text(PIPELINE.replace("PythonScriptStep(", "Nothing("))

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "a.py", "Nothing")
        for key in ("r", "F", "p"):
            app.toasts.clear()
            await pilot.press(key)
            await says(app, pilot, "No pipeline is chosen that could be read")
        (base / "a.py").write_text(PIPELINE)
        await shows(pilot, "1 stale")

    play(base, "pipelines", story)
    workspace = require(base)
    assert history.count_runs(workspace.database) == 0
    workspace.close()


def test_a_pipeline_without_a_file_says_so(base: Path) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "1 stale")
        await pilot.press("r", "enter")
        await ran(app, pilot, 1)
        (base / "a.py").unlink()
        (base / "b.py").unlink()
        await pilot.press("escape", "ctrl+r")
        await shows(pilot, "Its file is not in this project")
        for key, said in (("e", "It has no file"), ("w", "It has no file"), ("r", "No pipeline is chosen")):
            app.toasts.clear()
            await pilot.press(key)
            await says(app, pilot, said)

    play(base, "pipelines", story)
