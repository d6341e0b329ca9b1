"""Keys of the places of data, code and machines, each pressed over real files, and what came of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from data_project import Project
from frames import eventually, frame
from stage import Stage, copies, hides, play, says, shows
from textual.pilot import Pilot
from textual.widgets import Input

from short_history import Seeded
from stepwell_runner.graph import model
from stepwell_runner.verbs import detach
from stepwell_runner.verbs.submit import Submission
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.ledger import history
from stepwell_store.workspace import create, open_workspace, require
from stepwell_tui.screens.compare import CompareScreen
from stepwell_tui.screens.dataset import DatasetScreen


async def typed(app: Stage, pilot: Pilot[None], question: str, text: str) -> None:
    """Answer a question with this in place of what the line begins with."""
    await eventually(pilot, lambda: app.screen.is_modal)
    await shows(pilot, question)
    app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await eventually(pilot, lambda: not app.screen.is_modal)


def test_names_of_datasets_are_copied(project: Project) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "words", "people")
        await pilot.press("G", "y")
        await copies(app, pilot, "words")
        await pilot.press("k", "enter")
        await shows(pilot, "Datasets › rows")
        await pilot.press("y")
        await copies(app, pilot, "rows")

    play(project.base, "datasets", story)


def test_a_preview_is_read_again(words: Seeded) -> None:
    workspace = require(words.base)
    folder = Path(workspace.root) / "datastores" / "workspaceblobstore"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.csv").write_text("name,age\nAda,36\n")
    workspace.register_dataset("people", DatasetDefinition(
        kind="tabular", format="delimited", places=(DatastorePath("workspaceblobstore", "people.csv"),)))
    workspace.close()

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "people")
        await pilot.press("enter")
        await shows(pilot, "Ada")
        (folder / "people.csv").write_text("name,age\nBob,36\n")
        await pilot.press("ctrl+r")
        await shows(pilot, "Bob")

    play(words.base, "datasets", story)


def test_the_profile_of_a_dataset_and_how_it_begins_take_turns(project: Project) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "people")
        app.push_screen(DatasetScreen("people"))
        await shows(pilot, "How it begins", "Eve")
        await pilot.press("d")
        await shows(pilot, "What is in its columns")
        await hides(pilot, "Eve   ")
        await pilot.press("d")
        await shows(pilot, "How it begins", "Eve")

    play(project.base, "datasets", story)


def test_a_datastore_takes_files_gives_them_back_and_never_writes_over_any(tmp_path: Path) -> None:
    open_workspace(create(tmp_path)).close()
    (tmp_path / "iris").mkdir()
    (tmp_path / "iris" / "one.csv").write_text("1\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "one.csv").write_text("mine\n")
    store = tmp_path / ".stepwell" / "datastores" / "workspaceblobstore"

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "workspaceblobstore")
        await pilot.press("y")
        await copies(app, pilot, str(store))
        await pilot.press("enter")
        await shows(pilot, "Nothing is here.")
        await pilot.press("u")
        await typed(app, pilot, "Which file, or folder", "iris")
        await shows(pilot, "one.csv")
        (tmp_path / "iris" / "one.csv").write_text("other\n")
        await pilot.press("u")
        await typed(app, pilot, "Which file, or folder", "iris")
        await says(app, pilot, "1 were there already")
        assert (store / "one.csv").read_text() == "1\n"
        await pilot.press("y")
        await copies(app, pilot, "one.csv")
        await pilot.press("w")
        await typed(app, pilot, "into which folder", "out")
        await says(app, pilot, "1 were there already")
        assert (tmp_path / "out" / "one.csv").read_text() == "mine\n"
        await pilot.press("w")
        await typed(app, pilot, "into which folder", "")
        await says(app, pilot, "a folder is needed")
        await pilot.press("w")
        await typed(app, pilot, "into which folder", "new")
        await says(app, pilot, "1 file copied to")
        assert (tmp_path / "new" / "one.csv").read_text() == "1\n"

    play(tmp_path, "datastores", story)


def test_a_snapshot_is_restored_only_where_nothing_is(words: Seeded, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "train.py").write_text("mine")
    workspace = require(words.base)
    snapshot = str(history.find_step(workspace.database, words.runs[3], "train").snapshot)
    workspace.close()

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4/train")
        await pilot.press("y")
        await copies(app, pilot, snapshot)
        await pilot.press("w")
        await typed(app, pilot, "Copy its files into which folder?", str(tmp_path / "full"))
        await says(app, pilot, "not an empty folder")
        assert (tmp_path / "full" / "train.py").read_text() == "mine"
        await pilot.press("enter")
        await shows(pilot, "extra.py")
        await pilot.press("w")
        await typed(app, pilot, "Copy its files into which folder?", str(tmp_path / "new"))
        await says(app, pilot, "3 files in")
        assert (tmp_path / "new" / "extra.py").read_text() == "X = 1\n"
        await pilot.press("y")
        await copies(app, pilot, "clean.py")

    play(words.base, "snapshots", story)


def test_two_snapshots_are_compared_and_their_difference_copied(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4/train", "#1/clean")
        await pilot.press("d")
        await shows(pilot, "Files that differ", "extra.py", "train.py", "+X = 1")
        await pilot.press("y")
        await eventually(pilot, lambda: "+X = 1" in app.clipboard)
        await pilot.press("j")
        await shows(pilot, "+# better")
        await pilot.press("enter")
        await shows(pilot, "Copy all")
        await pilot.press("y")
        await eventually(pilot, lambda: "+# better" in app.clipboard)
        await pilot.press("escape", "escape", "space", "d")
        await says(app, pilot, "Mark two snapshots with space, then press d.")

    play(seeded.base, "snapshots", story)


def test_a_text_is_scrolled_filtered_and_copied(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4/train")
        await pilot.press("enter")
        await shows(pilot, "train.py")
        await pilot.press("G", "enter")
        await shows(pilot, "training at")
        await pilot.press("G")
        await shows(pilot, "# better")
        await pilot.press("g")
        await hides(pilot, "# better")
        await pilot.press("j", "k", "space")
        await shows(pilot, "# better")
        await pilot.press("slash", *"better", "enter")
        await hides(pilot, "a second line")
        await pilot.press("y")
        await copies(app, pilot, "# better")
        await pilot.press("escape")
        await shows(pilot, "training at")

    play(seeded.base, "snapshots", story, size=(80, 24))


def test_the_path_of_an_environment_is_copied(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "current", "packages")
        await pilot.press("y")
        await eventually(pilot, lambda: os.path.realpath(app.clipboard) == os.path.realpath(sys.executable))

    play(seeded.base, "environments", story)


def test_a_step_that_runs_leads_to_its_run(tmp_path: Path) -> None:
    workspace = open_workspace(create(tmp_path))
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    command = (model.Text("cat"), model.Text(str(gate)))
    run = detach.start(workspace, Submission(graph=model.Graph(name="held", steps=(
        model.Step(key="only", name="only", kind="CommandStep", command=command),))))

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "in use", "held", "#1")
        await pilot.press("tab", "tab", "enter")
        await shows(pilot, "Runs › held › #1")
        await pilot.press("x", "y")
        await eventually(pilot, lambda: history.get_run(workspace.database, run).ended_at)
        await pilot.press("escape")
        await shows(pilot, "No step runs now.", "0 of ")

    play(tmp_path, "compute", story)
    workspace.close()


def test_files_and_commits_are_copied_and_gone_into(project: Project) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "src/clean.py", project.commit[:7])
        await pilot.press("y")
        await copies(app, pilot, "src/clean.py")
        await pilot.press("enter")
        await shows(pilot, "+# better")
        await pilot.press("escape", "tab", "y")
        await copies(app, pilot, project.commit)
        await pilot.press("enter")
        await shows(pilot, f"Runs › {project.commit[:7]}", "#2", "#1")

    play(project.base, "git", story)


def test_a_comparison_shows_all_or_what_differs_and_turns_round(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#1")
        app.push_screen(CompareScreen("#1", "#3"))
        await shows(pilot, "#1 ✓ words  with  #3 ✓ words", "rate", "extra.py")
        await pilot.press("y")
        await copies(app, pilot, "rate\t1.0\t2.0")
        await pilot.press("x")
        await shows(pilot, "#3 ✓ words  with  #1 ✓ words")
        await pilot.press("y")
        await copies(app, pilot, "rate\t2.0\t1.0")
        assert "clean.py" not in frame(app)
        await pilot.press("equals_sign")
        await shows(pilot, "Completed")
        await pilot.press("equals_sign")
        await shows(pilot, "extra.py")
        await pilot.press("m")
        await hides(pilot, "extra.py", "Steps")
        assert app.focused is app.screen.query_one("#both-metrics")
        await pilot.press("escape")
        await shows(pilot, "extra.py", "Steps")

    play(seeded.base, "runs", story)
