"""Checks find every damage, say whose it is, and call nothing damage that is none."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from stepwell_store.housekeeping.check import FULL, QUICK, check
from stepwell_store.housekeeping.sampling import Level
from stepwell_store.ledger.events import RunEnded, StepEnded
from stepwell_store.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from house_story import Story


def flip_a_bit(path: str | Path, chance: random.Random) -> None:
    """Change one bit, and leave size and times as they were."""
    found = os.stat(path)
    data = bytearray(Path(path).read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    os.chmod(path, 0o600)
    Path(path).write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.chmod(path, found.st_mode)


def test_a_whole_workspace_verifies(workspace: Workspace, story: Story) -> None:
    made = story.run()
    story.reusing(made)
    for level in (QUICK, FULL, Level(30)):
        found = check(workspace, level)
        assert (found.findings, found.orphans) == ((), ())
        assert (found.objects, found.outputs, found.artifacts) == (11, 4, 2)
    assert check(workspace, FULL).bytes_read > check(workspace, QUICK).bytes_read == 0


def test_an_empty_workspace_verifies(workspace: Workspace) -> None:
    assert not check(workspace, FULL).findings


def test_every_flipped_bit_is_found(workspace: Workspace, story: Story) -> None:
    made = story.run(("one", "two", "three"))
    chance = random.Random(5)
    files = [(workspace.objects.path(digest), "object") for digest in sorted(made.digests)]
    for path in made.files:
        inner = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        files += [(str(one), "artifact" if "artifacts" in one.parts else "output") for one in inner]
    for _ in range(20):
        chosen = chance.sample(files, 10)
        kept = {path: Path(path).read_bytes() for path, _ in chosen}
        for path, _ in chosen:
            flip_a_bit(path, chance)
        damage = check(workspace, FULL).damage
        assert {finding.name for finding in damage} == {_name(workspace, path, what) for path, what in chosen}
        # Whose file an object is cannot be told when the tree that names it is corrupt too.
        assert all({user.run for user in finding.users} == {made.run} for finding in damage if finding.what != "object" or finding.users)
        for path, what in chosen:
            if what == "object":
                workspace.objects.put_bytes(kept[path])
            else:
                Path(path).write_bytes(kept[path])
    assert check(workspace, FULL).set_aside > 0


def _name(workspace: Workspace, path: str, what: str) -> str:
    if what == "object":
        return "blake3:" + path[len(workspace.objects.root) :].replace("/", "")
    relative = Path(path).relative_to(workspace.root)
    return str(relative) if what == "artifact" else "/".join(relative.parts[1:5])


def test_a_corrupt_object_names_the_steps_that_need_it(workspace: Workspace, story: Story) -> None:
    story.run()
    made = story.run()
    source = workspace.database.read("SELECT snapshot FROM step_runs WHERE id = ?", (made.steps["two"],))[0][0]
    leaf = next(digest for digest in sorted(made.digests) if workspace.objects.read(source).find(digest.encode()) >= 0)
    flip_a_bit(workspace.objects.path(leaf), random.Random(1))
    (finding,) = check(workspace, FULL).findings
    assert (finding.what, finding.state, finding.name) == ("object", "corrupt", leaf)
    assert [(user.run, user.step) for user in finding.users] == [(made.run, "two")]
    assert "run the step again" in finding.todo
    (again,) = check(workspace, QUICK).findings
    assert again.state == "missing"


def test_quick_finds_what_is_missing_or_cut(workspace: Workspace, story: Story) -> None:
    made = story.run(("one",))
    paths = [workspace.objects.path(digest) for digest in sorted(made.digests)]
    for path in paths:
        kept = Path(path).read_bytes()
        os.unlink(path)
        (finding,) = check(workspace).findings
        assert finding.state == "missing"
        assert finding.users[0].run == made.run
        Path(path).write_bytes(kept)
    leaf = next(path for path in paths if Path(path).read_bytes().startswith(b"content"))
    os.chmod(leaf, 0o600)
    os.truncate(leaf, 1)
    assert check(workspace, FULL).damage


def test_touched_outputs_are_read_and_only_changed_ones_are_damage(workspace: Workspace, story: Story) -> None:
    made = story.run(("one",))
    file = next(path for path in made.files if path.name == "file")
    os.utime(file)
    found = check(workspace)
    assert (found.findings, found.bytes_read) == ((), file.stat().st_size)
    file.write_bytes(b"edited")
    (finding,) = check(workspace).findings
    assert (finding.what, finding.state, finding.is_damage) == ("output", "changed", True)
    assert finding.name.endswith(f"{made.steps['one']}/file")


def test_what_was_removed_whole_is_no_damage_but_a_lost_artifact_is(workspace: Workspace, story: Story) -> None:
    made = story.run(("one", "two"))
    shutil.rmtree(workspace.root / "datastores/workspaceblobstore/azureml" / made.steps["one"])
    shutil.rmtree(workspace.runs / made.run / "one")
    found = check(workspace, FULL)
    assert not found.damage
    assert {(finding.what, finding.state) for finding in found.findings} == {("output", "gone"), ("artifact", "gone")}
    (workspace.runs / made.run / "two" / "1" / "artifacts" / "plot.txt").unlink()
    assert [(finding.what, finding.state) for finding in check(workspace).damage] == [("artifact", "missing")]


def test_an_output_that_a_later_step_wrote_over_does_not_count(workspace: Workspace, story: Story) -> None:
    made = story.run(("one",), end=False)
    step_run = made.steps["one"]
    first = story.output(step_run, "folder", 1000.0, path="shared/place")
    workspace.record(StepEnded(at=1000.0, run=made.run, step_run=step_run, status="Completed", outputs=[first]),
                     RunEnded(at=1000.0, run=made.run, status="Completed"))
    again = story.run(("one",), end=False)
    second = story.output(again.steps["one"], "file", 2000.0, path="shared/place/more.txt")
    workspace.record(StepEnded(at=2000.0, run=again.run, step_run=again.steps["one"], status="Completed", outputs=[second]))
    assert not check(workspace, FULL).findings
    story.place(second).write_bytes(b"edited")
    assert [finding.users[0].run for finding in check(workspace).damage] == [again.run]


def test_orphans_are_listed_and_are_no_damage(workspace: Workspace, story: Story) -> None:
    story.run()
    _, those = story.snapshot()
    found = check(workspace)
    assert not found.damage
    assert set(found.orphans) == those
    assert found.orphan_bytes == sum(workspace.objects.size(digest) or 0 for digest in those)


def test_rows_that_differ_from_the_events_are_told_and_repaired(workspace: Workspace, story: Story) -> None:
    made = story.run()
    with workspace.database.write() as connection:
        connection.execute("UPDATE step_runs SET status = 'Failed' WHERE id = ?", (made.steps["one"],))
        connection.execute("DELETE FROM metrics")
    assert not check(workspace, QUICK).damage
    assert {finding.name for finding in check(workspace, FULL).damage} == {"step_runs", "metrics"}
    repaired = check(workspace, FULL, repair=True)
    assert repaired.repaired
    assert not repaired.findings
    assert not check(workspace, FULL).findings


def test_a_damaged_database_is_told(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    for _ in range(5):
        story.run()
    workspace.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    rows = workspace.database.read("SELECT rootpage - 1 FROM sqlite_master WHERE tbl_name IN ('events', 'step_runs', 'runs')")
    root = tmp_path / "copy"
    shutil.copytree(workspace.root, root)
    path = root / "workspace.db"
    data = bytearray(path.read_bytes())
    for (page,) in rows:
        data[page * 4096 + 8 : page * 4096 + 64] = b"\xff" * 56
    path.write_bytes(data)
    copy = open_workspace(root)
    found = check(copy)
    copy.close()
    assert {finding.what for finding in found.damage} == {"database"}
    assert "restore" in found.damage[0].todo


def test_a_sample_reads_its_part(workspace: Workspace, story: Story) -> None:
    story.run(tuple(f"s{number}" for number in range(12)))
    assert 0 < check(workspace, Level(10)).bytes_read < check(workspace, FULL).bytes_read / 2
    assert len(Level(10).choose(range(95))) == 10
    assert Level(100).choose([1, 2]) == [1, 2]
