"""Disks that are full or read-only: exit code 3, the disk named, nothing lost, and no flag needed when there is room again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commandline import CHAIN, Meeting, Project, finish, processes_with

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="only root may mount a small or read-only file system, and here only on Linux")

MOST = "64m"


class Disk:
    """A file system in memory whose size and mode can be changed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MOST}", "none", str(place)], capture_output=True).returncode:
            pytest.skip("this machine does not let its root mount a tmpfs")

    def change(self, options: str) -> None:
        """Mount it anew with these options, what is on it left as it is."""
        assert self.try_change(options), options

    def try_change(self, options: str) -> bool:
        """The same; False when the kernel refuses."""
        return subprocess.run(["mount", "-o", f"remount,{options}", str(self.place)], capture_output=True).returncode == 0

    def leave(self, bytes_free: int) -> None:
        """Make it just large enough for what is there and so many bytes more."""
        room = os.statvfs(self.place)
        self.change(f"size={(room.f_blocks - room.f_bfree) * room.f_frsize + bytes_free}")

    def unmount(self) -> None:
        """Give it back."""
        subprocess.run(["umount", "--lazy", str(self.place)], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of its own."""
    made = Disk(tmp_path / "disk")
    yield made
    made.unmount()


@pytest.fixture
def on_disk(disk: Disk) -> Project:
    """A project on that disk."""
    return Project(disk.place / "project")


def test_a_disk_that_fills_up_during_a_run(on_disk: Project, disk: Disk, meeting: Meeting) -> None:
    stays = f"sleep 1000.{os.getpid()}{int.from_bytes(os.urandom(3))}"
    text = """\
first, second = PipelineData("first"), PipelineData("second")
make = CommandStep(["cp text.txt", first], name="make", outputs=[first], source_directory="source")
wait = CommandStep({wait!r}, name="wait", source_directory="source")
fill = CommandStep([{fill!r}, second], name="fill", inputs=[first], outputs=[second], source_directory="source", after=make)
pipeline = Pipeline(ws, [make, wait, fill])
"""
    on_disk.pipeline(text.format(wait=f"echo here > {meeting.path}; {stays}; true", fill=f"read word < {meeting.path}; cat /dev/zero >"))
    disk.change("size=4m")
    result = on_disk.run("-j", "2", code=3)
    assert "stepwell: the disk is full" in result.err
    assert str(on_disk.root) in result.err
    assert "free some space" in result.err
    assert "Completed  make" in result.err
    assert list(processes_with(stays)) == []
    for words in (["runs"], ["show", "@last"], ["why", "@last"], ["run", "pipeline.py", "--plan"]):
        on_disk.stepwell(*words)  # looking is possible on a full disk
    disk.change(f"size={MOST}")
    on_disk.pipeline(text.format(wait="true", fill="touch"))
    steps = on_disk.steps()
    assert steps["make"]["reused"] is True
    assert [run["status"] for run in on_disk.runs()] == ["Completed", "Failed"]
    on_disk.works()


@pytest.mark.parametrize("kib", [0, 8, 32, 64, 96, 128, 160, 200, 300])
def test_a_disk_that_is_full_somewhere_on_the_way(on_disk: Project, disk: Disk, kib: int) -> None:
    on_disk.write("source/noise.bin", os.urandom(20_000).hex())
    on_disk.pipeline(CHAIN)
    disk.leave(kib << 10)
    result = on_disk.run(code=None)
    assert result.code in (0, 1, 3), result
    if result.code:
        assert "disk is full" in result.err or "No space left on device" in result.err, result
    done = [line.split()[2] for line in result.err.splitlines() if line.startswith("✓ Completed")]
    disk.change(f"size={MOST}")
    steps = on_disk.steps()
    assert all(steps[name]["reused"] for name in done), result
    on_disk.works()


def test_a_full_disk_before_anything_is_done(on_disk: Project, disk: Disk) -> None:
    on_disk.pipeline(CHAIN)
    on_disk.run()
    disk.leave(0)
    for words in (["run", "pipeline.py", "--force"], ["runs"]):  # SQLite needs a little room even to read
        result = on_disk.stepwell(*words, code=3)
        assert "the disk is full" in result.err
        assert "free some space" in result.err
    disk.change(f"size={MOST}")
    assert all(step["reused"] for step in on_disk.steps().values())
    on_disk.works()


def test_a_read_only_workspace_can_be_looked_at(on_disk: Project, disk: Disk) -> None:
    on_disk.pipeline(CHAIN)
    on_disk.run()
    disk.change("ro")
    assert on_disk.runs()[0]["status"] == "Completed"
    for words in (["show", "@last"], ["why", "@last"], ["why", "@last/use"], ["logs", "@last/use"], ["outputs", "@last/use"],
                  ["run", "pipeline.py", "--plan"], ["check"]):
        on_disk.stepwell(*words)
    for words in (["run", "pipeline.py"], ["run", "pipeline.py", "--force"], ["rerun", "@last"], ["run", "pipeline.py", "--detach"]):
        result = on_disk.stepwell(*words, code=3)
        assert "read-only" in result.err, result
        assert str(on_disk.root) in result.err
    disk.change("rw")
    assert all(step["reused"] for step in on_disk.steps().values())
    on_disk.works()


def test_a_workspace_that_cannot_be_made(on_disk: Project, disk: Disk) -> None:
    on_disk.pipeline(CHAIN)
    disk.change("ro")
    for words in (["init"], ["run", "pipeline.py"]):
        result = on_disk.stepwell(*words, code=3)
        assert "read-only" in result.err
        assert str(on_disk.folder) in result.err
    disk.change("rw")
    on_disk.works()


def test_a_workspace_whose_disk_turned_read_only_under_a_run(
        on_disk: Project, disk: Disk, meeting: Meeting, eventually: Callable[..., None]) -> None:
    stays = f"sleep 1000.{os.getpid()}{int.from_bytes(os.urandom(3))}"
    wait = f"echo here > {meeting.path}; exec {stays}"
    on_disk.pipeline(f'pipeline = Pipeline(ws, [CommandStep({wait!r}, name="wait", source_directory="source")])')
    with on_disk.start("run", "pipeline.py") as process:
        meeting.word()
        process.send_signal(signal.SIGKILL)
        finish(process)
    eventually(lambda: kill_all(stays) or disk.try_change("ro"))  # refused while a process of the run has a file open
    assert [run["status"] for run in on_disk.runs()] == ["Running"]  # that it died cannot be recorded here
    on_disk.stepwell("show", "@last")
    disk.change("rw")
    assert "was left unfinished by a runner that died" in on_disk.stepwell("runs").err
    on_disk.works()


def kill_all(words: str) -> None:
    """Kill the processes with these words in their command line."""
    for pid in processes_with(words):
        os.kill(pid, signal.SIGKILL)


def test_changing_disks_is_understood_by_the_test_itself(disk: Disk) -> None:
    disk.leave(8192)
    with pytest.raises(OSError, match="No space left"):
        (disk.place / "large").write_bytes(bytes(1 << 20))
    disk.change("ro")
    assert not os.access(disk.place, os.W_OK)
    disk.change("rw")
    assert os.access(disk.place, os.W_OK)
