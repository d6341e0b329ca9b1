"""The runner is killed before each call by which it changes anything on the disk: nothing that it had acknowledged is lost.

strace counts the calls and kills. STEPWELL_KILL_POINTS=all takes every point, else a sample; STEPWELL_SEED chooses it.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from kill_judge import TEXT, losses, said

from commandline import HEAD, LONGEST_S, Project, variables

CALLS = ("write,pwrite64,ftruncate,fallocate,copy_file_range,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,"
         "chmod,fchmod,symlink,link,flock")
PARTS = 4
SAMPLE = 40
"""Points of each scenario, in all parts together."""

SEED = int(os.environ.get("STEPWELL_SEED", "1"))
ALL = os.environ.get("STEPWELL_KILL_POINTS") == "all"

# The listener hears of an event before it is written: a runner that acknowledges too early.
HASTY = """
import sys
from stepwell.cli import main
from stepwell_runner.execution.recorder import Recorder
from stepwell_runner.verbs import submit

class Hasty(Recorder):
    def flush(self):
        self._tell(self._waiting)
        told, self._listener = self._listener, None
        super().flush()
        self._listener = told

submit.Recorder = Hasty
sys.exit(main())
"""


class Point(NamedTuple):
    """Before a thread's call of this name and number."""

    call: str
    number: int


def strace(*options: str) -> list[str]:
    """Follows the threads of a command, not what it starts."""
    return ["strace", "-f", "-b", "execve", "-qq", "-e", "signal=none", *options]


def traced(project: Project, program: list[str], log: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    """`stepwell run pipeline.py` under strace."""
    command = [*strace(*options), "-o", str(log), sys.executable, *program, "run", "pipeline.py"]
    return subprocess.run(command, cwd=project.folder, env=variables({"PYTHONDONTWRITEBYTECODE": "1"}), capture_output=True,
                          timeout=LONGEST_S)


@pytest.fixture(scope="module")
def strace_works(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where there is no strace or it may not trace; CI has to have one."""
    try:
        done = subprocess.run([*strace("-e", "trace=write"), "true"], capture_output=True, timeout=LONGEST_S)
        reason = done.stderr.decode() if done.returncode else None
    except FileNotFoundError:
        reason = "strace is not installed"
    if reason is not None:
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)


def cold(folder: Path) -> Project:
    """An empty workspace."""
    project = Project(folder)
    project.stepwell("init")
    project.pipeline(TEXT.replace("{count}", "wc -l"))
    return project


def warm(folder: Path) -> Project:
    """A workspace in which an earlier form of the pipeline ran: the first step will be reused, the second makes something else."""
    project = cold(folder)
    project.pipeline(TEXT.replace("{count}", "wc -c"))
    project.run()
    project.write("pipeline.py", HEAD + TEXT.replace("{count}", "wc -l"))
    return project


SCENARIOS: dict[str, Callable[[Path], Project]] = {"cold": cold, "warm": warm}
EXPECTED = "2\n"


def calls_of(project: Project, program: list[str], log: Path) -> list[tuple[str, str, str]]:
    """Every call of a whole run that changes something: thread, name, and the line with its arguments."""
    done = traced(project, program, log, "-e", f"trace={CALLS}", "-s", "64")
    assert done.returncode == 0, done.stderr.decode()
    found = (re.match(r"(\d+) +(\w+)\(", line) for line in log.read_text(errors="replace").splitlines())
    return [(match[1], match[2], match.string) for match in found if match]


def points_of(calls: list[tuple[str, str, str]]) -> list[Point]:
    """Every point at which some thread can be killed."""
    most: dict[str, int] = {}
    for (_, call), count in Counter((thread, call) for thread, call, _ in calls).items():
        most[call] = max(most.get(call, 0), count)
    return [Point(call, number) for call, count in sorted(most.items()) for number in range(1, count + 1)]


def sample(points: list[Point], count: int, seed: int) -> list[Point]:
    """So many of them, each call in its turn; the same for the same seed."""
    choice = random.Random(seed)
    shuffled = sorted(choice.sample(points, len(points)), key=lambda point: point.call)
    turn = Counter[str]()
    turns = []
    for point in shuffled:
        turns.append((turn[point.call], point))
        turn[point.call] += 1
    return [point for _, point in sorted(turns, key=lambda pair: pair[0])][:count]


def killed_at(project: Project, program: list[str], point: Point, log: Path) -> tuple[bool, list[str]]:
    """Run, with death at this point: whether the runner died of it, and what the judge finds lost.

    Where a thread of the runner makes so many calls only in some runs, or the process that loads the file does so first,
    the runner lives on.
    """
    done = traced(project, program, log, "-e", f"trace={point.call}", "-e", f"inject={point.call}:signal=SIGKILL:when={point.number}")
    return done.returncode == -signal.SIGKILL, losses(project, [said(done.stderr)], EXPECTED)


@pytest.mark.usefixtures("strace_works")
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_runner_killed_anywhere_loses_nothing(tmp_path: Path, scenario: str, part: int) -> None:
    template = SCENARIOS[scenario](tmp_path / "template").folder
    log = tmp_path / "strace.log"

    def fresh(name: str) -> Project:
        shutil.copytree(template, tmp_path / name, symlinks=True)
        return Project(tmp_path / name, new=False)

    points = points_of(calls_of(fresh("whole"), ["-m", "stepwell"], log))
    assert len(points) > 50  # else strace does not see what the runner does
    chosen = points if ALL else sample(points, SAMPLE, SEED)
    print(f"{len(points)} points, {len(chosen)} chosen with STEPWELL_SEED={SEED}, part {part} of {PARTS}")
    deaths = 0
    for point in chosen[part::PARTS]:
        project = fresh("killed")
        died, lost = killed_at(project, ["-m", "stepwell"], point, log)
        assert (point, lost) == (point, [])
        deaths += died
        shutil.rmtree(project.folder)
    assert deaths > len(chosen[part::PARTS]) // 2


@pytest.mark.usefixtures("strace_works")
def test_the_judge_sees_a_loss(tmp_path: Path) -> None:
    """The control: a runner that acknowledges before it has written, killed between the two."""
    script = tmp_path / "hasty.py"
    script.write_text(HASTY)
    log = tmp_path / "strace.log"
    calls = calls_of(cold(tmp_path / "whole"), [str(script)], log)
    told = next(at for at, (_, call, line) in enumerate(calls) if call == "write" and re.search(r"Completed +a ", line))
    thread = calls[told][0]
    numbers = Counter[str]()
    for one, call, _ in calls[: told + 1]:
        numbers[call] += one == thread
    died, lost = killed_at(cold(tmp_path / "killed"), [str(script)], Point("pwrite64", numbers["pwrite64"] + 1), log)
    assert died
    assert "the result of step a is gone" in lost
    assert any(re.fullmatch("step a of run [0-9a-f]{8} is not done", one) for one in lost)
