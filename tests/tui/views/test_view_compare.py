"""Two runs side by side."""

from __future__ import annotations

import pytest
from data_project import Project

from stepwell_store.errors import UsageError
from stepwell_store.workspace import Workspace
from stepwell_tui.views.compare import Compared, Curve, compared, curves


@pytest.fixture
def both(workspace: Workspace, project: Project) -> Compared:
    return compared(workspace, project.runs[0], project.runs[1])


def test_parameters_and_metrics_with_their_change(both: Compared) -> None:
    (rate,) = both.panels["parameters"]
    assert (rate.name, rate.old, rate.new, rate.change, rate.same) == ("rate", "1.0", "2.0", "+1", False)
    loss = next(pair for pair in both.panels["metrics"] if pair.name == "loss")
    assert (loss.old, loss.new, loss.change, loss.steps) == ("0.2", "0.1", "-0.1", ("train",))


def test_steps_of_one_folder_share_a_line_of_code(both: Compared) -> None:
    code = [pair for pair in both.shown("rest", only_different=True) if pair.part == "code"]
    assert [(pair.name, pair.steps) for pair in code] == [
        ("blob.bin", ("clean", "train")), ("clean.py", ("clean", "train")), ("extra.py", ("clean", "train"))]


def test_only_what_differs_or_everything(both: Compared) -> None:
    different = both.shown("rest", only_different=True)
    everything = both.shown("rest", only_different=False)
    assert len(everything) > len(different) > 0
    assert not any(pair.same for pair in different)
    assert {pair.name for pair in both.panels["steps"]} == {"clean", "train", "after"}


def test_the_other_way_round(workspace: Workspace, project: Project) -> None:
    swapped = compared(workspace, "#2", "#1")
    assert swapped.panels["parameters"][0].change == "-1"
    assert swapped.old.id == project.runs[1]


def test_a_run_that_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(UsageError):
        compared(workspace, "#1", "#77")


def test_the_curves_of_a_metric_in_both_runs(workspace: Workspace, project: Project) -> None:
    first, second = curves(workspace, *project.runs, step="train", name="loss")
    assert first == Curve(1, (1.0, 0.5, 1 / 3, 0.25, 0.2))
    assert (second.run, second.values[0], len(second.values)) == (2, 0.5, 5)


def test_what_was_measured_once_has_no_curve(workspace: Workspace, project: Project) -> None:
    assert curves(workspace, *project.runs, step="clean", name="characters") == ()
    assert curves(workspace, *project.runs, step="train", name="nothing") == ()
    assert curves(workspace, *project.runs, step=None, name="loss") == ()
