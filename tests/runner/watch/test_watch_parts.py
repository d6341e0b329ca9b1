"""The parts of watching, each by itself: counts of lines, places, Git's lock, and what keeps runs from going round."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watch_world import World

from stepwell_runner.verbs.submit import Submission, prepare
from stepwell_runner.watch.gitbusy import STALE_S, index_locks, is_busy
from stepwell_runner.watch.guard import MOST_IN_A_ROW, Guard
from stepwell_runner.watch.hints import Hints
from stepwell_runner.watch.linecounts import MOST_BYTES, counted
from stepwell_runner.watch.places import Place, used
from stepwell_runner.watch.states import StepState, changed, gone
from stepwell_store.ledger import history

lines = st.lists(st.sampled_from("abc"), max_size=12).map("\n".join)


@given(lines, lines)
def test_counted_lines_add_up(old: str, new: str) -> None:
    before, after = old.splitlines(), new.splitlines()
    found = counted(old.encode(), new.encode())
    if before == after:
        assert found is None
        return
    assert found is not None
    added, removed = found
    assert added - removed == len(after) - len(before)
    assert 0 < added + removed <= len(after) + len(before)


@pytest.mark.parametrize(("old", "new"), [(b"a\0b", b"a"), (b"\xff", b"a"), (b"a", b"a\n" * MOST_BYTES), (b"a\n", b"a\n")])
def test_what_is_not_counted(old: bytes, new: bytes) -> None:
    assert counted(old, new) is None


def test_large_texts_are_not_compared() -> None:
    assert counted(b"".join(b"%d\n" % one for one in range(9000)), b"".join(b"x%d\n" % one for one in range(9000))) is None
    assert counted(b"".join(b"%d\n" % one for one in range(9000)), b"".join(b"%d\n" % one for one in range(9001))) == (1, 0)


def test_what_concerns_a_place(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (top / ".gitignore").write_text("*.log\nbuild/\n.amlignore\n")
    place = Place(str(top), ruled=True, excluded=[str(top / "store"), str(tmp_path)])
    yes = ["train.py", "deep/x/y.txt", ".gitignore", ".amlignore", ".env"]
    no = ["a.log", "build/x.py", "deep/build/x", ".git/index", "deep/__pycache__/a.pyc", "a.pyc", ".stepwell/workspace.db", "store/x",
          "store"]
    assert [name for name in (*yes, *no) if place.concerns(str(top / name))] == yes
    assert place.concerns(str(top))
    assert place.concerns(str(tmp_path))
    assert not place.concerns(str(tmp_path / "topper"))


def test_folders_of_a_place_that_is_not_there(tmp_path: Path) -> None:
    assert Place(str(tmp_path / "a/b/c")).folders() == [str(tmp_path)]
    assert Place(str(tmp_path / "a/b/c")).seal() == {}


def test_places_of_a_graph(world: World) -> None:
    tops = [os.path.relpath(place.top, world.base) for place in used(world.graph(), [], world.workspace)]
    assert tops == ["src/make", "src/use", "data.txt"]


def test_only_what_concerns_a_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "top/.stepwell").mkdir(parents=True)
    hints = Hints(threading.Event())
    hints.arm([Place(str(tmp_path / "top"))])
    for name in (".stepwell/x", "a.pyc", "one.py"):
        (tmp_path / "top" / name).write_text("x")
    assert hints.gather(10) == {str(tmp_path / "top/one.py")}
    hints.close()


def test_nothing_is_missed_between_one_set_of_places_and_the_next(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    hints = Hints(threading.Event())
    hints.arm([Place(str(tmp_path / "one"))])
    for number in range(5):
        (tmp_path / f"one/{number}").mkdir()
        (tmp_path / f"one/{number}/file").write_text("x")
        hints.arm([Place(str(tmp_path / "one"))])
        (tmp_path / f"one/{number}/file").write_text("y")
    found = set()
    while len(found) < 10:
        found |= hints.gather(10)
    hints.close()


def test_gits_lock(tmp_path: Path) -> None:
    (tmp_path / "main/.git/worktrees/side").mkdir(parents=True)
    (tmp_path / "side").mkdir()
    (tmp_path / "side/.git").write_text(f"gitdir: {tmp_path}/main/.git/worktrees/side\n")
    locks = index_locks([str(tmp_path / "main"), str(tmp_path / "side"), str(tmp_path / "side/deeper")])
    assert locks == [str(tmp_path / "main/.git/index.lock"), str(tmp_path / "main/.git/worktrees/side/index.lock")]
    assert not is_busy(locks)
    (tmp_path / "main/.git/index.lock").touch()
    assert is_busy(locks)
    old = os.stat(tmp_path).st_mtime - 2 * STALE_S
    os.utime(tmp_path / "main/.git/index.lock", (old, old))
    assert not is_busy(locks)


def test_differences_of_states() -> None:
    fresh = StepState(step="a", name="a", state="fresh")
    stale = StepState(step="a", name="a", state="stale", why=("x",))
    other = StepState(step="b", name="b", state="fresh")
    assert changed((fresh, other), (stale, other)) == (stale,)
    assert gone((fresh, other), (stale,)) == ("b",)


def test_the_same_is_not_run_again_until_its_result_is_lost(world: World) -> None:
    guard = Guard()
    world.write("src/use/use.sh", "echo > $out\n")
    submission = Submission(graph=world.load())
    planned = prepare(world.workspace, submission)
    assert guard.is_new(planned)
    steps = history.steps_of(world.workspace.database, world.run().run)
    guard.ran(steps)
    assert not guard.is_new(planned)
    output = history.outputs_of(world.workspace.database, next(one.id for one in steps if one.step == "use"))[0]
    (world.workspace.root / "datastores" / output.datastore / output.path).unlink()
    assert guard.is_new(prepare(world.workspace, submission))


def test_runs_that_cause_each_other_end() -> None:
    guard = Guard()
    assert [guard.is_loop(meanwhile=one > 0) for one in range(MOST_IN_A_ROW + 2)] == [False] * (MOST_IN_A_ROW + 1) + [True]
    assert not guard.is_loop(meanwhile=False)
