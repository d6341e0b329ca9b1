"""Keys of the list of runs, each pressed over real runs, and what came of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from frames import eventually, frame
from stage import Stage, copies, play, ran, says, shows
from textual.pilot import Pilot
from textual.widgets import Input

from short_history import Seeded
from stepwell_runner.graph import model
from stepwell_runner.queue.enqueue import enqueue
from stepwell_runner.verbs import detach
from stepwell_runner.verbs.submit import Submission
from stepwell_store.ledger import history, publishing
from stepwell_store.workspace import create, open_workspace, require
from stepwell_tui.widgets.listtable import ListTable


def test_marks_open_and_the_ends_of_the_list(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#5", "#1")
        await pilot.press("space", "space")
        await shows(pilot, "*      #5", "*      #4")
        await pilot.press("ctrl+backslash")
        await eventually(pilot, lambda: "*" not in frame(app))
        for keys, run in ((("G",), 0), (("k",), 1), (("g",), 4), (("pagedown",), 0), (("pageup",), 4), (("down", "up", "j"), 3)):
            await pilot.press(*keys, "y")
            await copies(app, pilot, seeded.runs[run])
        await pilot.press("enter")
        await shows(pilot, "› #4")

    play(seeded.base, "runs", story)


def test_runs_are_sorted_by_the_columns_in_turn(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#5", "#1")
        for key, run in (("s", 0), ("S", 4)):
            await pilot.press(key, "g", "y")
            await copies(app, pilot, seeded.runs[run])

    play(seeded.base, "runs", story)


def test_a_run_is_done_again_with_the_values_that_were_filled_in(words: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4")
        await pilot.press("j", "r")
        await shows(pilot, "Rerun", "│ 9.0")
        await pilot.press("3", "enter")
        await shows(pilot, "› #6")
        made = await ran(app, pilot, 6)
        assert (made.status, made.parameters, made.rerun_of) == ("Completed", {"rate": 3.0}, words.runs[3])
        await pilot.press("escape")
        await shows(pilot, "#6", "#1")

    play(words.base, "runs", story)


def held(base: Path) -> tuple[model.Graph, Path]:
    """A pipeline that ends when somebody opens the named pipe for writing."""
    gate = base / "gate"
    os.mkfifo(gate)
    command = (model.Text("cat"), model.Text(str(gate)))
    return model.Graph(name="held", steps=(model.Step(key="only", name="only", kind="CommandStep", command=command),)), gate


def test_a_run_is_stopped_when_one_says_yes(tmp_path: Path) -> None:
    workspace = open_workspace(create(tmp_path))
    run = detach.start(workspace, Submission(graph=held(tmp_path)[0]))

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "Running")
        await pilot.press("x")
        await shows(pilot, "Stop run #1 of held?")
        await pilot.press("n", "x")
        await shows(pilot, "Stop run #1 of held?")
        assert history.get_run(workspace.database, run).ended_at is None
        await pilot.press("y")
        await says(app, pilot, "Run #1 was asked to stop")
        await shows(pilot, "Canceled")
        await pilot.press("x")
        await says(app, pilot, "run #1 is over already: Canceled")

    play(tmp_path, "runs", story)
    assert history.get_run(workspace.database, run).status == "Canceled"
    workspace.close()


def test_a_run_that_waits_for_its_turn_is_cancelled_and_not_resumed(tmp_path: Path) -> None:
    workspace = open_workspace(create(tmp_path))
    run = enqueue(workspace, Submission(graph=held(tmp_path)[0])).id

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "Queued")
        await pilot.press("enter")
        await shows(pilot, "› #1")
        await pilot.press("u")
        await says(app, pilot, "run #1 waits for its turn")
        await pilot.press("x")
        await shows(pilot, "Stop run #1 of held?")
        await pilot.press("y")
        await shows(pilot, "Canceled")

    play(tmp_path, "runs", story)
    assert [one.status for one in history.list_runs(workspace.database)] == ["Canceled"]
    assert history.get_run(workspace.database, run).started_at is None
    workspace.close()


@pytest.mark.parametrize("place", ["home", "runs"])
def test_why_the_steps_of_a_run_ran_is_one_key_away(seeded: Seeded, place: str) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#5", "#1")
        await pilot.press("G", "d")
        await shows(pilot, "› #1", "it has not run before")

    play(seeded.base, place, story)


def test_the_log_of_a_run_is_one_key_away(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4")
        await pilot.press("j", "l")
        await shows(pilot, "› #4", "Log · train", r"the rate is too high: \x1b]0;title\x07")

    play(seeded.base, "runs", story)


def test_a_run_is_compared_with_the_one_before_it_or_two_with_each_other(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4")
        await pilot.press("j", "c")
        await shows(pilot, "#3 ✓ words  with  #4 ✗ words")
        await pilot.press("escape", "space", "G", "space", "c")
        await shows(pilot, "#1 ✓ words  with  #4 ✗ words")
        await pilot.press("escape", "ctrl+backslash", "G", "c")
        await says(app, pilot, "run #1 is the first of words")

    play(seeded.base, "runs", story)


def test_what_a_run_ran_is_published_under_a_name(words: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4")
        await pilot.press("j", "p")
        await shows(pilot, "Publish run #4")
        await pilot.press("escape", "p")
        await eventually(pilot, lambda: app.screen.query(Input))
        app.screen.query_one(Input).value = "scoring"
        await pilot.press("enter")
        await says(app, pilot, "scoring is published; 0 shows it")
        await pilot.press("y")
        await copies(app, pilot, words.runs[3])

    play(words.base, "runs", story)
    workspace = require(words.base)
    found, = publishing.list_published(workspace.database)
    workspace.close()
    assert (found.name, found.source_run) == ("scoring", words.runs[3])


def test_home_goes_to_the_pipelines_and_into_runs(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "#4")
        assert app.has(ListTable)
        await pilot.press("j", "enter")
        await shows(pilot, "› #4")
        await pilot.press("escape", "r")
        await shows(pilot, "2 Pipelines")
        await pilot.press("1", "y")
        await copies(app, pilot, seeded.runs[3])
        await pilot.press("c")
        await shows(pilot, "#3 ✓ words  with  #4 ✗ words")
        await pilot.press("escape", "x")
        await says(app, pilot, "run #4 is over already: Failed")
        await pilot.press("l")
        await shows(pilot, "Log · train", "the rate is too high")

    play(seeded.base, "home", story)
