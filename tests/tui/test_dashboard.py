"""The dashboard as a whole: over real workspaces, with real runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import SMALL, drive, eventually, frame

from stepwell.cli.verbs.ui import Loading
from stepwell_store import workspace as workspaces
from stepwell_tui.actions import PLACES, clashes
from stepwell_tui.app import Dashboard

PIPELINE = """
from stepwell import Pipeline, PipelineData, PythonScriptStep, Workspace
ws = Workspace.from_config()
made = PipelineData("made")
make = PythonScriptStep("make.py", name="make", arguments=[made], outputs=[made], source_directory="make")
use = PythonScriptStep("use.py", name="use", arguments=[made], inputs=[made], source_directory="use")
pipeline = Pipeline(ws, steps=[use])
"""
MAKE = "import sys\nprint('made it')\nopen(sys.argv[1], 'w').write('one\\n')\n"
USE = "import sys\nprint('got', open(sys.argv[1]).read())\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one pipeline of two steps, and an empty workspace."""
    for name, text in (("make", MAKE), ("use", USE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").write_text(text)
    (tmp_path / "pipeline.py").write_text(PIPELINE)
    workspaces.create(tmp_path)
    return tmp_path


def dashboard(project: Path) -> Dashboard:
    """The dashboard over a project."""
    root = workspaces.find(project)
    assert root is not None
    return Dashboard(workspaces.open_workspace(root), Loading())


def test_the_first_hour(project: Path) -> None:
    async def story() -> None:
        app = dashboard(project)
        async with app.run_test(size=(120, 36)) as pilot:
            await eventually(pilot, lambda: "Nothing has run yet" in frame(app))
            await pilot.press("2")
            await eventually(pilot, lambda: "make" in frame(app) and "stale" in frame(app))
            await pilot.press("r")
            await eventually(pilot, lambda: "Completed" in frame(app) and "2/2" in frame(app))
            await eventually(pilot, lambda: "made it" in frame(app))
            await pilot.press("d")
            await eventually(pilot, lambda: "it has not run before" in frame(app))
            await pilot.press("escape")
            await eventually(pilot, lambda: "2 fresh" in frame(app))
            (project / "use" / "use.py").write_text(USE + "# better\n")
            await eventually(pilot, lambda: "use.py +1" in frame(app))
            await pilot.press("r")
            await eventually(pilot, lambda: "Reused" in frame(app) and "2/2" in frame(app))
            await pilot.press("escape", "3")
            await eventually(pilot, lambda: "#2" in frame(app) and "#1" in frame(app))
            await pilot.press("slash", *"nothing like it")
            await eventually(pilot, lambda: "Nothing here has “nothing like it”" in frame(app))
            await pilot.press("escape")
            await eventually(pilot, lambda: "#2" in frame(app))
            await pilot.press("q")

    drive(story())


def test_every_place_opens_in_the_smallest_terminals(project: Path) -> None:
    async def look(size: tuple[int, int]) -> None:
        app = dashboard(project)
        async with app.run_test(size=size) as pilot:
            for digit, _, title in PLACES:
                await pilot.press(digit)
                await eventually(pilot, lambda title=title: f"› {title}" in frame(app).splitlines()[0])

    for size in (SMALL, (60, 20)):
        drive(look(size))


def test_help_names_the_keys_of_the_place(project: Path) -> None:
    async def look() -> None:
        app = dashboard(project)
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press("3", "question_mark")
            await eventually(pilot, lambda: "Rerun" in frame(app) and "Compare" in frame(app))
            await pilot.press("escape", "ctrl+t")
            await eventually(pilot, lambda: app.theme == "stepwell-light")

    drive(look())


def test_no_two_actions_share_a_key() -> None:
    assert clashes({}) == []
    assert clashes({"runs.rerun": "x"}) == ["x is both runs.rerun and runs.cancel in runs"]
