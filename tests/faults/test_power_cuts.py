"""The power goes the moment that a step is acknowledged: it is still there when the power is back.

ext4 on a loop device is shut down with nothing of its journal written, which is what a machine without power leaves behind.
STEPWELL_POWER_CUTS says how often.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kill_judge import TEXT, losses, said

from commandline import Project, finish, variables

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux" or shutil.which("mkfs.ext4") is None,
    reason="needs root, Linux and mkfs.ext4 for a file system of its own")

CUTS = int(os.environ.get("STEPWELL_POWER_CUTS", "1"))
SHUT_DOWN = 0x8004587D
WITHOUT_THE_JOURNAL = (2).to_bytes(4, sys.byteorder)
IMAGE_BYTES = 32 << 20

# Nothing but the database is brought to the disk.
CARELESS = "import os, sys\nos.fsync = lambda descriptor: None\nfrom stepwell.cli import main\nsys.exit(main())\n"


class Machine:
    """A file system whose power can be cut."""

    def __init__(self, folder: Path) -> None:
        self._image = folder / "image"
        self.place = folder / "power"
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(self._image)], check=True, capture_output=True)

    def start(self) -> None:
        """Mount it."""
        done = subprocess.run(["mount", "-o", "loop", str(self._image), str(self.place)], capture_output=True)
        if done.returncode:
            pytest.skip(f"this machine does not let its root mount a loop device: {done.stderr.decode()}")

    def cut(self) -> None:
        """From now on nothing reaches the disk, nor does what was on its way."""
        place = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(place, SHUT_DOWN, WITHOUT_THE_JOURNAL)
        except OSError as error:
            pytest.skip(f"this kernel cannot shut ext4 down: {error}")
        finally:
            os.close(place)

    def stop(self) -> None:
        """Unmount it; no process may have a file open there."""
        subprocess.run(["umount", str(self.place)], check=True, capture_output=True)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine with power."""
    made = Machine(tmp_path)
    made.start()
    yield made
    made.stop()


def losses_after_a_cut(machine: Machine, folder: str, program: list[str], step: str) -> list[str]:
    """Run, cut the power when this step is acknowledged, give it back; what the judge finds lost."""
    project = Project(machine.place / folder)
    project.stepwell("init")
    project.pipeline(TEXT.replace("{count}", "wc -l"))
    os.sync()
    command = [sys.executable, *program, "run", "pipeline.py"]
    with subprocess.Popen(command, cwd=project.folder, env=variables(), stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stderr is not None
        heard = b""
        while not re.search(rb"Completed +%s .*\n" % step.encode(), heard):
            heard += process.stderr.read(4096) or pytest.fail(f"the run ended before {step} did: {heard.decode()}")
        machine.cut()
        finish(process)
    machine.stop()
    machine.start()
    return losses(project, [said(heard)], "2\n")


@pytest.mark.parametrize("step", ["a", "b", "c"])
def test_what_was_acknowledged_survives_the_power(machine: Machine, step: str) -> None:
    for number in range(CUTS):
        assert (number, losses_after_a_cut(machine, f"project{number}", ["-m", "stepwell"], step)) == (number, [])


def test_the_judge_sees_what_a_careless_runner_loses(machine: Machine, tmp_path: Path) -> None:
    """The control: the same without fsync."""
    script = tmp_path / "careless.py"
    script.write_text(CARELESS)
    assert "the result of step b is gone" in losses_after_a_cut(machine, "project", [str(script)], "b")
