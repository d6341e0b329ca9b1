"""Two runs side by side."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from short_history import Seeded
from stepwell_runner.verbs.compare import Line, compare, environment_words, step_words
from stepwell_store.ledger import history
from stepwell_store.ledger.records import StepRun
from stepwell_store.workspace import Workspace, require

NUMBERS = range(5)


def lines(workspace: Workspace, old: str, new: str) -> list[Line]:
    return compare(workspace, history.get_run(workspace.database, old), history.get_run(workspace.database, new))


@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_differs_between_a_run_and_itself(workspace: Workspace, seeded: Seeded, number: int) -> None:
    found = lines(workspace, seeded.runs[number], seeded.runs[number])
    assert found
    assert all(line.same and line.old == line.new for line in found)


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 2), (2, 3), (0, 4), (3, 4)])
def test_the_other_way_round_says_the_same(workspace: Workspace, seeded: Seeded, old: int, new: int) -> None:
    there = lines(workspace, seeded.runs[old], seeded.runs[new])
    back = [msgspec.structs.replace(line, old=line.new, new=line.old) for line in lines(workspace, seeded.runs[new], seeded.runs[old])]
    assert sorted(there, key=repr) == sorted(back, key=repr)


def test_a_reused_step_has_the_code_and_metrics_of_what_it_took(workspace: Workspace, seeded: Seeded) -> None:
    differing = {line.part for line in lines(workspace, seeded.runs[0], seeded.runs[1]) if not line.same}
    assert differing == {"step"}


def test_code_by_file_and_parameters_by_name(workspace: Workspace, seeded: Seeded) -> None:
    found = {(line.part, line.step, line.name): line for line in lines(workspace, seeded.runs[0], seeded.runs[2])}
    assert found["code", "train", "clean.py"].same
    assert found["code", "train", "extra.py"].old is None
    assert not found["code", "train", "train.py"].same
    assert (found["parameter", None, "rate"].old, found["parameter", None, "rate"].new) == ("1.0", "2.0")
    assert found["data", "train", "text"].same
    assert found["environment", "train", "environment"].same
    assert found["definition", "train", "command"].old == "python train.py {input:text} {output:model} {parameter:rate}"
    assert found["metric", "train", "loss"].new == "0.1"


def test_without_the_stored_trees_the_digests_are_compared(seeded: Seeded, tmp_path: Path) -> None:
    shutil.copytree(seeded.base, tmp_path / "copy")
    workspace = require(tmp_path / "copy")
    step = history.find_step(workspace.database, seeded.runs[0], "train")
    assert step.snapshot is not None
    workspace.objects.remove(step.snapshot)
    found = [line for line in lines(workspace, seeded.runs[0], seeded.runs[2]) if line.part == "code"]
    workspace.close()
    assert [(line.step, line.name, line.same) for line in found] == [("clean", "snapshot", False), ("train", "snapshot", False)]


def test_environments_in_words(workspace: Workspace, seeded: Seeded) -> None:
    step = history.find_step(workspace.database, seeded.runs[0], "train")
    told = environment_words(workspace, step.ingredients["environment"])
    assert told is not None
    assert told.startswith("Python 3.")
    assert environment_words(workspace, "blake3:" + "ab" * 32) == "abababababab"
    assert environment_words(workspace, None) is None


@pytest.mark.parametrize(("changes", "told"), [
    ({"status": "Completed", "duration_s": 1.25}, "Completed in 1.25 s"),
    ({"status": "Completed", "reused_from": "x", "duration_s": 0.0}, "Reused"),
    ({"status": "Queued"}, "Queued"),
])
def test_how_a_step_went_in_words(changes: dict[str, object], told: str) -> None:
    step = StepRun(id="s", run="r", position=0, step="a", name="a", kind="k", status="Queued")
    assert step_words(msgspec.structs.replace(step, **changes)) == told
