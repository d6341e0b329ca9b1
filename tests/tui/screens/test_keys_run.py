"""Keys of one run, its log and its graph, each pressed over real runs, and what came of it."""

from __future__ import annotations

from pathlib import Path

from data_project import Project
from frames import eventually, frame
from stage import Stage, copies, hides, play, ran, says, shows
from textual.pilot import Pilot
from textual.widgets import Input

from short_history import Seeded
from stepwell_runner.verbs import logfiles
from stepwell_runner.verbs.leavings import left_by
from stepwell_store.ledger import history, publishing
from stepwell_store.workspace import require
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.log import LogView


async def opened(app: Stage, pilot: Pilot[None], run: str, sign: str) -> None:
    """Open a run and wait for a sign of it."""
    await shows(pilot, "#1")
    app.open_run(run)
    await shows(pilot, "Steps", sign)


def test_panels_change_by_their_keys_and_the_keyboard_stays_in_the_steps(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, seeded.runs[2], "Log · clean")
        for key, title, text in (("m", "Metrics", "characters"), ("d", "Why", "extra.py"), ("i", "Facts", "step run"),
                                 ("a", "Outputs", "text"), ("l", "Log", "cleaning data.txt")):
            await pilot.press(key)
            await shows(pilot, f"{title} · clean", text)
            assert app.has(LogView if key == "l" else ListTable)
        await pilot.press("m", "j")
        await shows(pilot, "Metrics · train", "loss")
        assert app.has(ListTable)

    play(seeded.base, "runs", story)


def test_enter_goes_into_what_is_told_of_a_step(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, seeded.runs[2], "cleaning")
        await pilot.press("enter")
        await eventually(pilot, lambda: app.has(LogView))
        await pilot.press("shift+tab", "i", "enter")
        await eventually(pilot, lambda: app.focused is not None and app.focused.id == "facts")

    play(seeded.base, "runs", story)


def test_a_run_is_done_again(words: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, words.runs[0], "#1")
        await pilot.press("r")
        await shows(pilot, "Rerun", "│ 1.0")
        await pilot.press("enter")
        await shows(pilot, "› #6")
        assert (await ran(app, pilot, 6)).rerun_of == words.runs[0]

    play(words.base, "runs", story)


def test_a_run_is_done_again_from_a_step_with_other_values(words: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, words.runs[3], "Log · train")
        await pilot.press("R")
        await shows(pilot, "Rerun from train", "│ 9.0")
        await pilot.press("4", "enter")
        await shows(pilot, "› #6")
        made = await ran(app, pilot, 6)
        assert (made.status, made.parameters) == ("Completed", {"rate": 4.0})
        reused = {step.step: step.reused_from is not None for step in history.steps_of(app.workspace.database, made.id)}
        assert reused == {"clean": True, "train": False, "after": False}

    play(words.base, "runs", story)


def test_a_failed_run_is_resumed_and_a_complete_one_is_not(words: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, words.runs[3], "Log · train")
        await pilot.press("u")
        await shows(pilot, "› #6")
        made = await ran(app, pilot, 6)
        assert (made.rerun_of, made.parameters, made.status) == (words.runs[3], {"rate": 9.0}, "Failed")
        steps = {step.step: step.reused_from is not None for step in history.steps_of(app.workspace.database, made.id)}
        assert steps["clean"]
        assert not steps["train"]
        app.open_run(words.runs[0])
        await shows(pilot, "› #1")
        await pilot.press("u")
        await says(app, pilot, "run #1 completed, there is nothing left to do")

    play(words.base, "runs", story)


def test_cancel_compare_publish_and_copy(words: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, words.runs[3], "#4")
        await pilot.press("x")
        await says(app, pilot, "run #4 is over already: Failed")
        await pilot.press("c")
        await shows(pilot, "#3 ✓ words  with  #4 ✗ words")
        await pilot.press("escape", "y")
        await copies(app, pilot, words.runs[3])
        await pilot.press("p")
        await shows(pilot, "Publish run #4")
        app.screen.query_one(Input).value = "scoring"
        await pilot.press("enter")
        await says(app, pilot, "scoring is published")
        assert [one.source_run for one in publishing.list_published(app.workspace.database)] == [words.runs[3]]

    play(words.base, "runs", story)


def test_brackets_go_to_the_other_runs_of_the_pipeline(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, seeded.runs[2], "› #3")
        await pilot.press("right_square_bracket")
        await shows(pilot, "› #4", "cleaning data.txt")
        await pilot.press("right_square_bracket")
        await says(app, pilot, "There is no other run of this pipeline in that direction.")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await shows(pilot, "› #2", "Reused")
        await pilot.press("y")
        await copies(app, pilot, seeded.runs[1])

    play(seeded.base, "runs", story)


def test_the_snapshot_of_a_step_down_to_a_file(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, seeded.runs[2], "Log · clean")
        await pilot.press("b")
        await shows(pilot, "clean.py", "train.py", "extra.py", "3 files")
        await pilot.press("G", "y")
        await copies(app, pilot, "train.py")
        await pilot.press("enter")
        await shows(pilot, "training at", "second line")
        await pilot.press("G")
        await shows(pilot, "# better")
        await pilot.press("escape", "escape", "G", "b")
        await says(app, pilot, "The step has no snapshot")

    play(seeded.base, "runs", story)


def test_everything_that_the_menu_offers_is_copied(project: Project) -> None:
    run = project.runs[1]
    workspace = require(project.base)
    step = history.find_step(workspace.database, run, "train")
    model, report = left_by(workspace, step)
    workspace.close()
    wanted = {
        "id": run, "command": f"stepwell show -w {project.base} {run[:8]}",
        "logs command": f"stepwell logs -w {project.base} {run[:8]}/train",
        "log file": logfiles.log_of(workspace, step), "commit": project.commit, "snapshot": step.snapshot, "output model": str(model.path),
        "output outputs/report.txt": str(report.path), "parameters": '{"rate":2.0}',
    }

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, run, "› #2")
        await pilot.press("j")
        await shows(pilot, "training at 2.0")
        screen = app.screen
        for at, (item, value) in enumerate(wanted.items()):
            await eventually(pilot, lambda: app.screen is screen and app.has(ListTable))
            await pilot.press("Y")
            await shows(pilot, f"{item}  ", "output model")
            await pilot.press(*["down"] * at, "enter")
            await copies(app, pilot, str(value))
        await pilot.press("Y", "escape")
        await eventually(pilot, lambda: app.has(ListTable))
        assert app.clipboard == wanted["parameters"]

    play(project.base, "runs", story)


def test_the_graph_takes_the_screen_and_is_walked(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, seeded.runs[0], "› #1")
        await pilot.press("v")
        await hides(pilot, "Steps")
        graph = app.focused
        assert isinstance(graph, GraphView)
        for key, node in (("j", "train"), ("k", "clean"), ("right", "train"), ("left", "clean"), ("G", "after"), ("g", "clean"),
                          ("down", "train")):
            await pilot.press(key)
            assert graph.key == node
        await eventually(pilot, lambda: "▶" in frame(app))
        await pilot.press("V")
        await eventually(pilot, lambda: "▶" not in frame(app))
        await pilot.press("V", "enter")
        await shows(pilot, "Why · train", "it has not run before")
        assert app.has(ListTable)

    play(seeded.base, "runs", story)


def test_the_log_under_its_keys(words: Seeded) -> None:
    workspace = require(words.base)
    log = logfiles.log_of(workspace, history.find_step(workspace.database, words.runs[2], "clean"))
    workspace.close()
    Path(log).write_text("".join(f"line {number}\n" for number in range(200)) + f"ERROR {'wide ' * 40}end\nlast\n")

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, words.runs[2], "Log · clean")
        view = app.screen.query_one(LogView)
        await pilot.press("l")
        await shows(pilot, "FOLLOW  202 lines", "last")
        await pilot.press("pageup")
        await shows(pilot, "line 150")
        assert not view.follow
        await pilot.press("f")
        await shows(pilot, "FOLLOW", "last")
        await pilot.press("E")
        await shows(pilot, "line 201  202 lines")
        await pilot.press("right")
        await eventually(pilot, lambda: view.scroll_offset.x > 0)
        await pilot.press("left", "f", "w")
        await shows(pilot, "wrapped", "wide end")
        await pilot.press("w", "g")
        await shows(pilot, "line 1  202 lines", "line 0")
        await pilot.press("slash", *"line 15", "enter", "y")
        await copies(app, pilot, "line 15")
        await pilot.press("n", "y")
        await copies(app, pilot, "line 150")
        await pilot.press("N", "y")
        await copies(app, pilot, "line 15")
        await pilot.press("j", "y")
        await copies(app, pilot, "line 16")
        await pilot.press("k", "pagedown")
        await eventually(pilot, lambda: view.scroll_offset.y > 15)
        await pilot.press("slash", "x", "escape", "n")
        await eventually(pilot, lambda: view.has_focus)
        await pilot.press("G")
        await shows(pilot, "FOLLOW")

    play(words.base, "runs", story)


def test_a_step_that_did_not_begin_has_no_log_for_the_pager(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await opened(app, pilot, seeded.runs[3], "Log · train")
        await pilot.press("G", "o")
        await says(app, pilot, "The step has no log: it did not begin.")

    play(seeded.base, "runs", story)
