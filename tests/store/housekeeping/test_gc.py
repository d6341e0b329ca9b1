"""Collections remove garbage, all of it, and never what a row names; beside runs, and killed anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from house_story import DAY, Story
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.errors import BusyError
from stepwell_store.files import make_dir
from stepwell_store.housekeeping.check import FULL, check
from stepwell_store.housekeeping.gc import collect
from stepwell_store.housekeeping.guard import collecting, using
from stepwell_store.housekeeping.plan import Policy
from stepwell_store.ledger import waiting
from stepwell_store.ledger.events import RunCreated, RunEnded
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    from house_story import Made

NOW = Policy(grace_s=0.0)
Age = Callable[[Workspace, float], None]


def everything(made: Made, workspace: Workspace) -> bool:
    """Whether all that a run stored is there."""
    return all(workspace.objects.has(digest) for digest in made.digests) and all(path.exists() for path in made.files)


def soon() -> float:
    """A moment from which all that is there now lies in the past, whatever the resolution of the file system's clock."""
    return time.time() + 1


def test_a_workspace_without_garbage_is_left_alone(workspace: Workspace, story: Story) -> None:
    made = story.run()
    story.reusing(made)
    assert {item.kind for item in collect(workspace, NOW, now=soon()).items} == {"attempt"}
    assert collect(workspace, NOW, now=soon()).items == ()
    assert everything(made, workspace)
    assert not check(workspace, FULL).findings


def test_objects_that_nothing_names_go_after_the_grace(workspace: Workspace, story: Story, age: Age) -> None:
    made = story.run()
    _, old = story.snapshot()
    age(workspace, 2 * DAY)
    _, young = story.snapshot()
    planned = collect(workspace, dry_run=True)
    assert {item.path for item in planned.items if item.kind == "object"} == {workspace.objects.path(digest) for digest in old}
    assert all(workspace.objects.has(digest) for digest in old)
    assert collect(workspace).size == planned.size > 0
    assert not any(workspace.objects.has(digest) for digest in old)
    assert all(workspace.objects.has(digest) for digest in young)
    assert everything(made, workspace)


def test_leftovers_of_crashes_go(workspace: Workspace, story: Story, age: Age) -> None:
    made = story.run(("one",))
    died = story.run(("lost",), end=False)
    (workspace.runs / died.run / "lost" / "1" / "work").mkdir(parents=True)
    story.output(died.steps["lost"], "file", 1.0)
    story.output(made.steps["one"], "unnamed", 1.0)
    (Path(workspace.objects.root) / "incoming" / ".tmp-x").write_bytes(b"half")
    (workspace.cache / ".tmp-y").write_bytes(b"half")
    (workspace.envs / "abc.tmp-77" / "bin").mkdir(parents=True)
    make_dir(workspace.runs / "12345678-1234-4123-8123-123456789abc")
    (workspace.root / "trash" / "left").mkdir(parents=True)
    people = workspace.root / "datastores/workspaceblobstore/azureml/12345678-1234-4123-8123-123456789abc/theirs"
    people.mkdir(parents=True)
    age(workspace, 2 * DAY)
    removed = collect(workspace, Policy(grace_s=DAY), now=time.time() + 2 * DAY)
    assert sorted(item.kind for item in removed.items) == ["attempt", "incoming", "output", "run", "temporary", "temporary"]
    assert [Path(item.path).name for item in removed.items if item.kind == "output"] == ["unnamed"]
    assert people.exists()
    assert not (workspace.root / "trash").exists()
    assert (workspace.runs / died.run).exists(), "its run has not ended"
    assert everything(made, workspace)


def test_a_step_run_that_a_dataset_mentions_keeps_its_outputs(workspace: Workspace, story: Story) -> None:
    made = story.run(("one",), at=time.time() - 90 * DAY)
    story.run(("one",))
    place = DatastorePath("workspaceblobstore", f"azureml/{made.steps['one']}/folder/*.txt")
    workspace.register_dataset("kept", DatasetDefinition(kind="file", places=(place,)))
    story.output(made.steps["one"], "unnamed", 1.0)
    collect(workspace, Policy(grace_s=0.0, keep_runs=0, older_than_s=30 * DAY))
    folder = workspace.root / "datastores/workspaceblobstore/azureml" / made.steps["one"]
    assert sorted(os.listdir(folder)) == ["file", "folder", "unnamed"]


def test_files_of_old_runs_go_only_when_asked(workspace: Workspace, story: Story, age: Age) -> None:
    now = time.time()
    oldest, used, newest = (story.run(at=now - days * DAY) for days in (90, 60, 1))
    story.reusing(used, at=now - DAY / 2)
    age(workspace, 100 * DAY)
    rows = workspace.database.read("SELECT count(*) FROM events")
    collect(workspace)
    assert everything(oldest, workspace)
    removed = collect(workspace, Policy(keep_runs=1, older_than_s=30 * DAY))
    assert {item.kind for item in removed.items} == {"run", "output"}
    assert not any(path.exists() for path in oldest.files)
    assert not (workspace.runs / oldest.run).exists()
    assert everything(used, workspace), "a kept run reused it"
    assert everything(newest, workspace)
    assert workspace.database.read("SELECT count(*) FROM events") == rows
    assert not check(workspace, FULL).damage


def test_the_newest_result_of_every_step_stays(workspace: Workspace, story: Story) -> None:
    old = story.run(at=time.time() - 90 * DAY, pipeline="forgotten")
    story.run()
    collect(workspace, Policy(keep_runs=1))
    assert everything(old, workspace)


def test_environments_and_caches_go_when_they_were_not_used(workspace: Workspace, story: Story, age: Age) -> None:
    story.run(("one",), at=time.time() - 5 * DAY)
    for name in ("e" * 20, "0" * 20):
        (workspace.envs / name / "bin").mkdir(parents=True)
        (workspace.envs / f"{name}.log").write_bytes(b"log")
    make_dir(workspace.cache / "stat")
    (workspace.cache / "stat" / "old").write_bytes(b"x")
    age(workspace, 40 * DAY)
    (workspace.cache / "stat" / "new").write_bytes(b"x")
    assert {item.kind for item in collect(workspace).items} == {"attempt"}
    collect(workspace, Policy(older_than_s=30 * DAY))
    assert sorted(os.listdir(workspace.envs)) == ["e" * 20, "e" * 20 + ".log"]
    assert os.listdir(workspace.cache / "stat") == ["new"]


def test_objects_stay_when_it_is_not_known_what_they_are_needed_for(workspace: Workspace, story: Story) -> None:
    made = story.run(("one",))
    tree = workspace.database.read("SELECT snapshot FROM step_runs")[0][0]
    os.unlink(workspace.objects.path(tree))
    planned = collect(workspace, NOW, now=soon())
    assert not [item for item in planned.items if item.kind == "object"]
    assert tree in planned.notes[0]
    assert all(workspace.objects.has(digest) for digest in made.digests - {tree})


def test_beside_a_run_only_ended_attempts_are_touched(workspace: Workspace, story: Story) -> None:
    story.run()
    _, orphans = story.snapshot()
    with using(workspace.locks):
        planned = collect(workspace, NOW, now=soon())
    assert {item.kind for item in planned.items} == {"attempt"}
    assert planned.notes
    assert all(workspace.objects.has(digest) for digest in orphans)


def test_two_collections_do_not_meet(workspace: Workspace) -> None:
    with collecting(workspace.locks) as alone:
        assert alone
        with pytest.raises(BusyError, match=f"process {os.getpid()}"):
            collect(workspace)


OPERATIONS = st.lists(st.sampled_from(["run", "reuse", "orphan", "unnamed", "half", "old"]), min_size=1, max_size=8)


@settings(max_examples=15, deadline=None)
@given(OPERATIONS, st.integers(0, 3))
def test_whatever_happened_what_rows_name_stays(operations: list[str], keep: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = workspaces.open_workspace(workspaces.create(Path(folder)))
        runs, orphans = _live(Story(workspace), operations)
        collect(workspace, NOW, now=soon())
        assert all(everything(made, workspace) for made in runs)
        assert not any(workspace.objects.has(digest) for digest in orphans)
        assert not check(workspace, FULL).findings
        collect(workspace, Policy(grace_s=0.0, keep_runs=keep), now=soon())
        found = check(workspace, FULL)
        assert not found.damage
        assert not found.orphans
        kept = {row[0] for row in workspace.database.read("SELECT id FROM runs ORDER BY number DESC LIMIT ?", (keep,))}
        needed = {row[0] for row in workspace.database.read("SELECT run, coalesce(reused_from, id) FROM step_runs") if row[0] in kept}
        assert not {user.run for finding in found.findings for user in finding.users} & (kept | needed)
        latest = {row[0] for row in workspace.database.read("SELECT step_run FROM latest")}
        assert all(path.exists() for made in runs for path in made.files if latest & set(made.steps.values()) & set(path.parts))
        workspace.close()


def _live(story: Story, operations: list[str]) -> tuple[list[Made], set[str]]:
    """Do the operations; the runs that ended, and the objects that nothing names."""
    runs: list[Made] = []
    orphans: set[str] = set()
    for operation in operations:
        if operation in ("run", "old"):
            runs.append(story.run(at=time.time() - 90 * DAY * (operation == "old")))
        elif operation == "reuse" and runs:
            story.reusing(story.random.choice(runs))
        elif operation == "orphan":
            orphans |= story.snapshot()[1]
        elif operation == "unnamed" and runs:
            story.output(story.random.choice(runs).steps["one"], "unnamed", 1.0)
        elif operation == "half":
            story.run(("one",), end=False)
    return runs, orphans


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from house_story import Story
from stepwell_store.housekeeping.guard import using
from stepwell_store.workspace import open_workspace
from contextlib import nullcontext
workspace = open_workspace(Path(sys.argv[1]))
story = Story(workspace, seed=int(sys.argv[3]))
for number in range(int(sys.argv[4])):
    with using(workspace.locks) if sys.argv[5] == "locked" else nullcontext():
        tree, those = story.snapshot()
        graph = workspace.objects.put_bytes(b"graph" + story.bytes())
        print("put", flush=True)
        if sys.argv[5] != "locked" or number == 0:
            sys.stdin.readline()
        story.begin(f"run {sys.argv[3]} {number}", graph, tree, "p", 1.0)
        story.snapshot()
print("done", flush=True)
"""


def _writer(workspace: Workspace, seed: int, count: int, how: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(workspace.root), str(Path(__file__).parent), str(seed), str(count), how]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_collections_beside_processes_that_store_lose_nothing(workspace: Workspace) -> None:
    writers = [_writer(workspace, seed, 25, "locked") for seed in (1, 2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "put\n"
    assert not [item for item in collect(workspace, NOW, now=soon()).items if item.kind == "object"]
    for writer in writers:
        _say(writer)
    collected = 0
    while any(writer.poll() is None for writer in writers):
        collected += len(collect(workspace, NOW, now=soon()).items)
    assert all(writer.communicate()[0].endswith("done\n") for writer in writers)
    collected += len(collect(workspace, NOW, now=soon()).items)
    assert collected == 2 * 25 * 4
    assert workspace.database.read("SELECT count(*) FROM runs") == [(50,)]
    assert not check(workspace, FULL).findings


def test_without_the_lock_the_same_test_sees_the_loss(workspace: Workspace) -> None:
    writer = _writer(workspace, 1, 1, "free")
    assert writer.stdout is not None
    assert writer.stdout.readline() == "put\n"
    collect(workspace, NOW, now=soon())
    _say(writer)
    assert writer.communicate()[0] == "done\n"
    assert check(workspace).damage


def submitted(workspace: Workspace, story: Story, name: str, at: float, *, ended: bool) -> None:
    """A run that waits, or was cancelled meanwhile, sent under a key."""
    run = story.new_id()

    def make(number: int) -> RunCreated:
        return RunCreated(at=at, run=run, record=Run(number=number, id=run, experiment="e", pipeline="p", status="Queued", created_at=at,
                                                     graph=workspace.objects.put_bytes(story.bytes()), parameters={}, options={}))

    waiting.add(workspace.database, waiting.Request(
        make=make, waits=lambda number: waiting.Waiting(run=run, number=number, targets="local", pinned={}, files={}),
        key=waiting.Key(owner="somebody", name=name, body="b", run=run, at=at)))
    if ended:
        assert waiting.end(workspace.database, RunEnded(at=at, run=run, status="Canceled"))


def test_keys_of_submissions_go_when_they_are_old_and_their_runs_have_ended(workspace: Workspace, story: Story) -> None:
    now = time.time()
    submitted(workspace, story, "old", now - 91 * DAY, ended=True)
    submitted(workspace, story, "waits still", now - 91 * DAY, ended=False)
    submitted(workspace, story, "young", now - 89 * DAY, ended=True)
    names = ("old", "waits still", "young")

    def known() -> list[str]:
        return [name for name in names if waiting.find_key(workspace.database, "somebody", name) is not None]

    assert collect(workspace, dry_run=True).keys == 1
    assert known() == [*names]
    with using(workspace.locks):
        assert collect(workspace).keys == 1
    assert known() == ["waits still", "young"]
    assert collect(workspace).keys == 0


COLLECTOR = """
import sys, time
from pathlib import Path
from stepwell_store.housekeeping.gc import collect
from stepwell_store.housekeeping.plan import Policy
from stepwell_store.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
print("begin", flush=True)
collect(workspace, Policy(grace_s=0.0, keep_runs=1), now=time.time() + 1)
print("done", flush=True)
"""


def test_a_collection_may_be_killed_anywhere(workspace: Workspace, story: Story) -> None:
    kept = []
    killed = 0
    for turn in range(6):
        for _ in range(3):
            story.run(at=time.time() - DAY)
        for _ in range(10):
            story.snapshot(10)
        kept.append(story.run(pipeline=f"p{turn}"))
        process = subprocess.Popen([sys.executable, "-c", COLLECTOR, str(workspace.root)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "begin\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(story.random.uniform(0.0, 0.05))
        process.kill()
        killed += "done" not in process.communicate()[0]
        assert not check(workspace).damage
        assert all(everything(made, workspace) for made in kept)
    assert killed, "it was always quicker"
    collect(workspace, Policy(grace_s=0.0, keep_runs=1), now=soon())
    assert not check(workspace).orphans
    assert not (workspace.root / "trash").exists()
