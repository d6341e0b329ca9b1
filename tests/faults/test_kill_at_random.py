"""Several runners work in one workspace and are killed at any moment, over and over: nothing that one acknowledged is lost.

STEPWELL_KILL_ROUNDS says how often, STEPWELL_SEED what chance brings.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

from kill_judge import TEXT, Said, losses, losses_in_history, said

from commandline import Project

SEED = int(os.environ.get("STEPWELL_SEED", "1"))
ROUNDS = int(os.environ.get("STEPWELL_KILL_ROUNDS", "12"))
RUNNERS = 3
RATES = 6


def whole_life_s(folder: Path) -> float:
    """How long a runner takes here and now when nobody kills it."""
    project = Project(folder)
    project.pipeline(TEXT.replace("{count}", "wc -l"))
    begun = time.monotonic()
    project.run()
    return time.monotonic() - begun


def killed(project: Project, lives_s: list[float], rates: list[int]) -> list[tuple[int, Said]]:
    """Runners at once, each with a rate of its own and killed when its life is over; what each of them acknowledged."""
    begun = time.monotonic()
    running = [project.start("run", "pipeline.py", "-p", f"rate={rate}", "-j", "2") for rate in rates]
    for process, life_s in zip(running, sorted(lives_s), strict=True):
        try:
            process.wait(max(0.0, begun + life_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
    return [(rate, said(process.communicate()[1])) for rate, process in zip(rates, running, strict=True)]


def test_runners_killed_at_random_lose_nothing(tmp_path: Path) -> None:
    chance, life_s = random.Random(SEED), whole_life_s(tmp_path / "whole")
    print(f"STEPWELL_SEED={SEED}, {ROUNDS} rounds, {life_s:.2f} s")
    project = Project(tmp_path / "project")
    project.pipeline(TEXT.replace("{count}", "wc -l"))
    heard: list[tuple[int, Said]] = []
    for number in range(ROUNDS):
        lives_s = [chance.uniform(0.2 * life_s, RUNNERS * life_s) for _ in range(RUNNERS)]
        heard += killed(project, lives_s, [chance.randrange(RATES) for _ in range(RUNNERS)])
        assert (number, losses_in_history(project, [one for _, one in heard])) == (number, [])
    assert any(one.done for _, one in heard)  # else nobody lived long enough to say anything
    for rate in range(RATES):
        assert losses(project, [one for other, one in heard if other == rate], "2\n", "-p", f"rate={rate}") == []


def test_a_workspace_whose_makers_are_killed(tmp_path: Path) -> None:
    chance, life_s = random.Random(SEED), whole_life_s(tmp_path / "whole")
    for number in range(ROUNDS // 2):
        project = Project(tmp_path / f"project{number}")
        project.pipeline(TEXT.replace("{count}", "wc -l"))
        heard = killed(project, [chance.uniform(0, life_s) for _ in range(RUNNERS)], [1] * RUNNERS)
        assert losses(project, [one for _, one in heard], "2\n") == []
