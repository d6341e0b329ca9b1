"""What is told of a step: what it left, and facts in groups."""

from __future__ import annotations

import os

from data_project import Project

from stepwell_store.workspace import Workspace
from stepwell_tui.views.run import StepView, step_view
from stepwell_tui.views.texts import local_text


def told(workspace: Workspace, run: str, step: str) -> StepView:
    found = step_view(workspace, run, step)
    assert found is not None
    return found


def group(view: StepView, title: str) -> dict[str, str]:
    return next((dict(one.pairs) for one in view.facts if one.title == title), {})


def test_what_a_step_left_is_named_by_its_place_on_the_datastore(workspace: Workspace, project: Project) -> None:
    for one in told(workspace, project.runs[0], "train").left:
        assert os.path.exists(one.path)
        if one.datastore is not None:
            root = workspace.root / "datastores" / one.datastore
            assert os.path.join(root, one.place) == one.path
    assert any(one.datastore for one in told(workspace, project.runs[0], "train").left)


def test_facts_come_in_groups_without_what_is_not_known(workspace: Workspace, project: Project) -> None:
    view = told(workspace, project.runs[1], "train")
    assert [one.title for one in view.facts] == ["Step", "Parameters", "Inputs", "Run", "Git"]
    assert all(value for one in view.facts for _, value in one.pairs)
    assert group(view, "Parameters") == {"rate": "2.0"}
    assert group(view, "Git")["commit"] == project.commit
    assert "not committed" in group(view, "Git")
    assert group(view, "Run")["number"] == "#2"
    assert group(view, "Step")["environment"].startswith("Python 3.")


def test_metrics_that_are_no_numbers_are_told_in_words(workspace: Workspace, project: Project) -> None:
    view = told(workspace, project.runs[0], "train")
    assert dict(view.said)["scores"] == '2 rows, the last one {"model":"b","score":2.5}'
    assert {one.name for one in view.series}.isdisjoint(dict(view.said))
    assert dict(view.said)["note"].startswith("first ")


def test_a_step_that_the_run_does_not_have(workspace: Workspace, project: Project) -> None:
    assert step_view(workspace, project.runs[0], "nothing") is None


def test_a_file_of_this_machine(workspace: Workspace, project: Project) -> None:
    (project.base / "note.txt").write_text("a\x1b[31mb\n")
    assert "\x1b" not in str(local_text(workspace, str(project.base / "note.txt")).text)
