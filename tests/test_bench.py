"""The benchmark does its workloads through the real command line, and notices when other steps run than should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

BENCH = Path(__file__).parents[1] / "bench" / "run.py"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `bench/run.py` writes for Stepwell alone, with very little work."""
    folder = tmp_path_factory.mktemp("bench")
    words = ["--tiny", "--peers", "", "--reps", "1", "--kept", folder, "--work", folder, "--json", folder / "figures.json"]
    done = subprocess.run([sys.executable, BENCH, *words], capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "error"})
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = msgspec.json.decode((folder / "figures.json").read_bytes())
    return found


def test_every_workload_is_measured(measured: dict[str, Any]) -> None:
    assert measured["failures"] == {}
    found = {figure["workload"] for figure in measured["figures"] if "stepwell" in figure["values"]}
    assert found == {"w1", "w2", "w3", "w4", "w5", "w6", "w7"}


def test_one_change_runs_the_changed_step_and_those_that_read_other_bytes(measured: dict[str, Any]) -> None:
    ran = {figure["what"]: figure["values"]["stepwell"] for figure in measured["figures"] if "steps that ran" in figure["what"]}
    assert ran == {"one change, same bytes: steps that ran": 1, "one change, other bytes: steps that ran": 2}


def test_a_run_in_which_other_steps_ran_is_no_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH.parent))
    from measure import Command, Failed
    from trial import verified

    (tmp_path / "ran.log").touch()
    command = Command(("sh", "-c", "echo one >>ran.log; echo two >>ran.log"), tmp_path)
    assert verified(command, ["two", "one"]).wall > 0
    with pytest.raises(Failed, match="2 steps ran, not 1: one two"):
        verified(command, ["one"])


def test_a_command_that_fails_is_left_out_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH.parent))
    from functools import partial

    from measure import Command, in_turn, run

    failures: dict[str, str] = {}
    programs = {"good": "true", "bad": "echo why; exit 3"}
    actions = {name: partial(run, Command(("sh", "-c", program), tmp_path)) for name, program in programs.items()}
    assert {name: len(samples) for name, samples in in_turn(actions, 2, failures).items()} == {"good": 2}
    assert failures["bad"].endswith("ended with 3: ... why")
