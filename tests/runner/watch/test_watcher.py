"""Watching: real edits, and what is said of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec
import pytest
from watch_world import SLOW, Ears, World, told

from stepwell_runner.graph.model import Graph
from stepwell_runner.watch.linecounts import MINUS
from stepwell_runner.watch.news import Settled
from stepwell_runner.watch.pipeline import Pipeline
from stepwell_runner.watch.watcher import Timing, Watcher

UNUSED = ", which it does not use"
FRESH = ("fresh", "")


def test_what_is_stale_at_first(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.watch() as ears:
        first = ears.look()
        assert told(first) == {"make": ("stale", "it has not run before"), "use": ("follows", "")}
        assert first.changed == first.states
        assert first.states[1].after == ("make",)
    world.workspace.close()


@pytest.mark.parametrize("polling", [False, True])
def test_an_edit(world: World, *, polling: bool) -> None:
    with world.watch(polling=polling) as ears:
        assert ears.told() == {"make": FRESH, "use": FRESH}
        world.write("src/use/use.sh", 'cat "$make" "$make" > "$out"\nexit 0\n')
        assert ears.told() == {"use": ("stale", f"use.sh +2 {MINUS}1")}
        world.write("src/use/use.sh", 'cat "$make" > "$out"\n')
        assert ears.told() == {"use": FRESH}


def test_an_edit_that_is_saved_by_rename(world: World) -> None:
    with world.watch() as ears:
        ears.look()
        world.write("src/make/.make.sh.swp", "echo other\n").replace(world.base / "src/make/make.sh")
        assert ears.told() == {"make": ("stale", f"make.sh +1 {MINUS}1"), "use": ("follows", "")}


def test_files_that_come_and_go_in_new_folders(world: World) -> None:
    with world.watch() as ears:
        ears.look()
        path = world.write("src/use/deep/deeper/helper.sh", "\n")
        assert ears.told() == {"use": ("stale", f"deep/deeper/helper.sh added{UNUSED}")}
        path.write_text("echo\n")
        world.write("src/use/deep/deeper/second.sh", "\n")
        assert ears.told() == {"use": ("stale", f"deep/deeper/helper.sh, deep/deeper/second.sh added{UNUSED}")}
        path.unlink()
        path.with_name("second.sh").unlink()
        assert ears.told() == {"use": FRESH}


def test_ignore_files(world: World) -> None:
    with world.watch() as ears:
        ears.look()
        world.write("src/use/notes.md", "x")
        assert ears.told() == {"use": ("stale", f"notes.md added{UNUSED}")}
        world.write("src/use/.amlignore", "notes.md\n")
        ignoring = ears.look()
        assert told(ignoring) == {"use": ("stale", f".amlignore added{UNUSED}")}
        world.write("src/use/notes.md", "ignored\n")
        world.write("src/make/make.sh", "echo\n")
        assert ears.look().look == ignoring.look + 1


def test_data_that_a_step_reads(world: World) -> None:
    with world.watch() as ears:
        ears.look()
        world.write("data.txt", "other data\n")
        assert ears.told() == {"make": ("stale", "input data changed"), "use": ("follows", "")}


def test_the_pipeline_file(world: World) -> None:
    graph = world.graph()
    with world.watch() as ears:
        ears.look()
        world.define(msgspec.structs.replace(graph, steps=graph.steps[:1]))
        news = ears.look()
        assert (news.changed, news.gone) == ((), ("use",))
        world.define(graph)
        assert ears.told() == {"use": FRESH}


def test_a_pipeline_that_is_broken_and_mended(world: World) -> None:
    good = world.file.read_bytes()
    with world.watch() as ears:
        ears.look()
        world.file.write_bytes(good[:-10])
        broken = ears.look()
        assert broken.trouble is not None
        assert "cannot be read" in broken.trouble.what
        assert {one.state for one in broken.states} == {"unknown"}
        world.file.write_bytes(good)
        mended = ears.look()
        assert (mended.trouble, mended.mended, mended.changed) == (None, True, ())


def test_a_source_folder_that_vanishes_and_comes_back(world: World) -> None:
    with world.watch() as ears:
        ears.look()
        (world.base / "src").rename(world.base / "gone")
        trouble = ears.look().trouble
        assert trouble is not None
        assert "there is no source folder" in trouble.what
        (world.base / "gone").rename(world.base / "src")
        assert ears.look().mended
        world.write("src/use/use.sh", "echo > $out\n")
        assert "use" in ears.told()


def test_a_folder_that_is_replaced(world: World) -> None:
    world.write("new/use.sh", "echo new > $out\n")
    with world.watch() as ears:
        ears.look()
        (world.base / "src/use").rename(world.base / "old")
        (world.base / "new").rename(world.base / "src/use")
        while ears.look().trouble is not None:
            pass
        world.write("src/use/more.sh", "echo\n")
        assert ears.told() == {"use": ("stale", f"use.sh +1 {MINUS}1; more.sh added")}


def test_a_file_that_the_step_does_not_use_is_said_to_be_one(world: World) -> None:
    world.write("src/make/shared.sh", "echo\n")
    world.run()
    with world.watch() as ears:
        ears.look()
        world.write("src/make/shared.sh", "")
        assert ears.told()["make"] == ("stale", f"shared.sh +0 {MINUS}1{UNUSED}")
        world.write("src/make/make.sh", '. ./shared.sh; cat "$data" > "$out"\n')
        assert ears.told()["make"] == ("stale", f"make.sh +1 {MINUS}1; shared.sh +0 {MINUS}1")


def test_a_checkout_of_a_thousand_files_is_one_plan(world: World) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words], cwd=world.base, check=True, capture_output=True)

    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "one")
    git("checkout", "-b", "other")
    for number in range(1000):
        world.write(f"src/use/part{number % 7}/file{number}.txt", f"{number}\n")
    git("add", ".")
    git("commit", "-m", "two")
    git("checkout", "main")
    with world.watch() as ears:
        first = ears.look()
        git("checkout", "other")
        second = ears.look()
        world.write("src/make/make.sh", "echo\n")
        third = ears.look()
    assert second.changed[0].why == ("part0/file0.txt, part0/file105.txt, part0/file112.txt and 17 more added",)
    assert [first.look, second.look, third.look] == [1, 2, 3]


def test_what_runs_leave_and_tools_write_is_no_edit(world: World) -> None:
    inside = world.base / "src/use"
    with world.watch() as ears:
        ears.look()
        for name in ("__pycache__/x.pyc", ".git/index", ".stepwell/runs/x", ".ipynb_checkpoints/n.ipynb"):
            world.write(f"src/use/{name}", "x")
        (inside / "use.sh").read_bytes()
        world.write("src/make/make.sh", "echo\n")
        assert ears.look().look == 2
        os.utime(inside / "use.sh")
        world.write("src/use/use.sh", "echo\n")
        assert set(ears.told()) == {"use"}


def test_a_pipeline_file_that_writes_beside_itself_does_not_set_itself_off(world: World) -> None:
    def load() -> Graph:
        world.write("written.json", "{}")
        return world.load()

    with Ears(Watcher(world.workspace, [Pipeline(str(world.file), load)], timing=SLOW)) as ears:
        ears.look()
        world.define(msgspec.structs.replace(world.graph(), name="world", description="edited"))
        world.write("src/make/make.sh", "echo\n")
        ears.look()
        world.write("src/use/use.sh", "echo\n")
        assert ears.look().look <= 4


def test_what_nobody_tells_is_found_by_looking(world: World) -> None:
    hidden = os.fsencode(world.base / "src/use") + b"/\xff"  # no name that the watching library could be asked about
    os.mkdir(hidden)
    with world.watch(timing=Timing(tick=0.05, rescan=0.1)) as ears:
        ears.look()
        with open(hidden + b"/file", "w") as file:
            file.write("x")
        assert ears.told()["use"][0] == "stale"


def test_names_that_cannot_be_told(world: World) -> None:
    with world.watch() as ears:
        ears.look()
        with open(os.fsencode(world.base / "src/use") + b"/\xff", "w"):
            pass
        assert ears.told()["use"][0] == "stale"
        world.write("src/make/make.sh", "echo\n")
        assert ears.told()["make"][0] == "stale"


def test_a_run_by_somebody_else_makes_steps_fresh(world: World) -> None:
    world.write("src/use/use.sh", "echo > $out\n")
    with world.watch(timing=Timing(tick=0.05, rescan=3600)) as ears:
        assert ears.told() == {"make": FRESH, "use": ("stale", f"use.sh +1 {MINUS}1")}
        world.run()
        assert ears.told() == {"use": FRESH}


def test_when_it_settles(world: World) -> None:
    with world.watch(timing=Timing(tick=0.05, settle=0.05, rescan=3600)) as ears:
        ears.look()
        world.write("src/use/use.sh", "echo > $out\n")
        assert ears.look().changed[0].step == "use"
        settled = ears.next()
        assert isinstance(settled, Settled)
        assert (settled.pipeline, settled.submission.graph.name) == (str(world.file), "world")
        world.run()
        ears.watcher.look()
        assert ears.told() == {"use": FRESH}
        world.write("src/use/use.sh", 'cat "$make" > "$out"\n')  # as it was at first: still known, and reused
        world.write("src/make/make.sh", "echo 2 > $out\n")
        ears.look()
        assert isinstance(ears.next(), Settled)

