"""Why steps ran: what is told of them, and with which run they were compared."""

from __future__ import annotations

from pathlib import Path

import msgspec

from short_history import Seeded, pipeline
from stepwell_runner.execution.sight import SHOWN_FILES
from stepwell_runner.graph.model import Source, Step, Text
from stepwell_runner.planning.reasons import NeverRan, ParameterChanged, ReuseDisabled, SourceChanged
from stepwell_runner.verbs.hints import hint
from stepwell_runner.verbs.steps import pick, steps_of_run
from stepwell_runner.verbs.submit import Submission, prepare
from stepwell_runner.verbs.why import Told, why_planned, why_run
from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace


def told(workspace: Workspace, run: str) -> dict[str, Told]:
    found = history.get_run(workspace.database, run)
    return {one.step: one for one in why_run(workspace, found, steps_of_run(workspace, found))}


def test_a_first_run_is_compared_with_nothing(workspace: Workspace, seeded: Seeded) -> None:
    first = told(workspace, seeded.runs[0])
    assert (first["train"].reasons, first["train"].since) == ((NeverRan(),), None)
    assert first["after"].reasons == (ReuseDisabled(),)


def test_a_reused_result_is_the_run_that_made_it_however_often_it_was_taken(workspace: Workspace, seeded: Seeded) -> None:
    second = told(workspace, seeded.runs[1])
    assert second["train"].outcome == "reused"
    assert second["train"].since is not None
    assert second["train"].since.run == seeded.runs[0]


def test_a_changed_step_is_compared_with_the_newest_result_not_with_failures(workspace: Workspace, seeded: Seeded) -> None:
    third, fourth = told(workspace, seeded.runs[2]), told(workspace, seeded.runs[3])
    assert third["train"].since is not None
    assert third["train"].since.run == seeded.runs[0]
    assert [type(reason) for reason in third["train"].reasons] == [SourceChanged, ParameterChanged]
    assert fourth["train"].since is not None
    assert fourth["train"].since.run == seeded.runs[2]
    assert fourth["after"].outcome == "did not run"


def test_a_plan_in_the_same_shape(workspace: Workspace, seeded: Seeded) -> None:
    prepared = prepare(workspace, Submission(graph=pipeline(seeded.base), parameters={"rate": 4.0}))
    planned = {one.step: one for one in why_planned(workspace, prepared)}
    assert planned["clean"].outcome == "is fresh"
    assert planned["train"].outcome == "will run"
    assert planned["train"].reasons == (ParameterChanged("rate", "2.0", "4.0"),)
    assert planned["train"].since is not None
    assert planned["train"].since.run == seeded.runs[2]


def test_files_that_a_step_does_not_use_are_pointed_out(tmp_path: Path) -> None:
    for name, text in (("prep.py", "import shared"), ("shared.py", ""), ("train.py", "")):
        (tmp_path / name).write_text(text)
    step = Step(key="prep", name="prep", kind="k", command=(Text("python"), Text("prep.py")), source=Source(path=str(tmp_path)))
    other, own = SourceChanged("a", "b", changed=("train.py",)), SourceChanged("a", "b", changed=("shared.py", "train.py"))
    assert "neither imports nor names it" in (hint(step, (other,)) or "")
    assert "any of them" in (hint(step, (msgspec.structs.replace(other, added=("new.py",)),)) or "")
    assert hint(step, (own,)) is None
    assert hint(step, (other, NeverRan())) is None
    assert hint(step, (SourceChanged("a", "b", changed=tuple(f"{number}.py" for number in range(SHOWN_FILES))),)) is None
    assert hint(msgspec.structs.replace(step, command=(Text("make"),)), (other,)) is None
    assert hint(msgspec.structs.replace(step, source=Source(path=str(tmp_path), narrow=True)), (other,)) is None


def test_steps_are_found_by_key_and_by_name(workspace: Workspace, seeded: Seeded) -> None:
    steps = steps_of_run(workspace, history.get_run(workspace.database, seeded.runs[3]))
    assert [step.status for step in steps] == ["Completed", "Failed", "Skipped"]
    assert pick(steps, "train") is steps[1]
