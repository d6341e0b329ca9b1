"""What doors ask of history: a run by its name, pages of runs, steps, results that may be reused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell_store.errors import UsageError
from stepwell_store.ledger import events, history
from stepwell_store.ledger.records import Metric, OutputRecord, Run, StepRun
from stepwell_store.workspace import Workspace

Fill = Callable[..., None]


@pytest.fixture
def begin(workspace: Workspace) -> Fill:
    def begin(run: str, *, pipeline: str = "p", experiment: str = "e", at: float | None = None, commit: str | None = None) -> None:
        workspace.record_run(lambda number: events.RunCreated(at=float(number), run=run, record=Run(
            number=number, id=run, experiment=experiment, pipeline=pipeline, status="Queued", graph="g", parameters={}, options={},
            created_at=float(number) if at is None else at, git=None if commit is None else {"commit": commit})),
            [events.RunStarted(at=1.0, run=run)])

    return begin


@pytest.fixture
def complete(workspace: Workspace) -> Fill:
    def complete(run: str, step_run: str, step: str, fingerprint: str, *, at: float = 1.0, status: str = "Completed",
                 outputs: tuple[str, ...] = (), name: str | None = None) -> None:
        position = len(history.steps_of(workspace.database, run))
        record = StepRun(id=step_run, run=run, position=position, step=step, name=name or step, kind="k", status="Running",
                         fingerprint=fingerprint, started_at=at)
        left = [OutputRecord(step_run=step_run, name=one, kind="file", datastore="d", path=one, digest="b", seal="s", size=1, files=1)
                for one in outputs]
        workspace.record(events.StepStarted(at=at, run=run, record=record), events.StepEnded(
            at=at, run=run, step_run=step_run, status=status, outputs=left))  # type: ignore[arg-type]

    return complete


def test_a_run_is_found_by_id_prefix_number_and_as_the_last(workspace: Workspace, begin: Fill) -> None:
    for run in ("aa11", "aa22", "bb33"):
        begin(run)
    names = {"aa11": "aa11", "b": "bb33", "#2": "aa22", "@last": "bb33"}
    assert {name: history.find_run(workspace.database, name).id for name in names} == names


@pytest.mark.parametrize(("name", "said"), [
    ("aa", "more than one run id: aa11, aa22"), ("zz", "no run zz"), ("#9", "no run #9"), ("%", "no run %"), ("aa11x", "no run aa11x"),
])
def test_a_name_that_means_no_run_or_several_says_so(workspace: Workspace, begin: Fill, name: str, said: str) -> None:
    for run in ("aa11", "aa22", "bb33"):
        begin(run)
    with pytest.raises(UsageError, match=said):
        history.find_run(workspace.database, name)


def test_the_last_run_of_an_empty_workspace_is_a_usage_error(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="no run @last"):
        history.find_run(workspace.database, "@last")


def test_runs_come_newest_first_in_pages_and_filtered(workspace: Workspace, begin: Fill) -> None:
    for number in range(1, 8):
        begin(f"run{number}", pipeline="even" if number % 2 == 0 else "odd", experiment="e" if number < 5 else "f")
    workspace.record(events.RunEnded(at=9.0, run="run3", status="Failed", error="x"))

    def ids(**wanted: object) -> list[str]:
        return [run.id for run in history.list_runs(workspace.database, **wanted)]  # type: ignore[arg-type]

    assert ids(limit=3) == ["run7", "run6", "run5"]
    assert ids(limit=3, before=5) == ["run4", "run3", "run2"]
    assert ids(limit=3, before=2) == ["run1"]
    assert ids(pipeline="even") == ["run6", "run4", "run2"]
    assert ids(experiment="f", pipeline="even") == ["run6"]
    assert ids(status="Failed") == ["run3"]
    assert ids(text="ODD", limit=2) == ["run7", "run5"]
    assert history.unfinished_runs(workspace.database) == [f"run{number}" for number in range(1, 8) if number != 3]


def test_runs_are_sorted_by_what_is_asked_for(workspace: Workspace, begin: Fill) -> None:
    for number, (pipeline, at, ended) in enumerate((("b", 10.0, 12.0), ("a", 20.0, 90.0), ("b", 30.0, 31.0), ("c", 40.0, None)), 1):
        begin(f"run{number}", pipeline=pipeline, at=at)
        if ended is not None:
            workspace.record(events.RunEnded(at=ended, run=f"run{number}", status="Completed"))

    def numbers(order: history.RunOrder, *, ascending: bool = False) -> list[int]:
        return [run.number for run in history.list_runs(workspace.database, order=order, ascending=ascending)]

    assert numbers("number", ascending=True) == [1, 2, 3, 4]
    assert numbers("pipeline", ascending=True) == [2, 3, 1, 4]
    assert numbers("took") == [4, 2, 1, 3]
    assert numbers("took", ascending=True) == [3, 1, 2, 4]


def test_runs_are_found_by_the_commit_that_they_saw(workspace: Workspace, begin: Fill) -> None:
    begin("run1", commit="3f2c9a1" + "0" * 33)
    begin("run2")
    assert [run.number for run in history.list_runs(workspace.database, text="3f2c9a1")] == [1]


def test_the_newest_result_of_each_step_comes_with_all_its_outputs(workspace: Workspace, begin: Fill, complete: Fill) -> None:
    begin("r1")
    complete("r1", "s1", "a", "f1", outputs=("x", "y"))
    complete("r1", "s2", "b", "f2")
    begin("r2")
    complete("r2", "s3", "b", "f3", at=2.0)
    complete("r2", "s4", "a", "f9", status="Failed")
    begin("other", pipeline="q")
    complete("other", "s5", "a", "f5")
    found = history.latest_results(workspace.database, "p")
    assert {step: (result.step_run, result.fingerprint) for step, result in found.items()} == {"a": ("s1", "f1"), "b": ("s3", "f3")}
    assert [output.name for output in found["a"].outputs] == ["x", "y"]
    assert found["b"].outputs == ()


def test_reusing_a_result_makes_it_the_steps_newest_again(workspace: Workspace, begin: Fill, complete: Fill) -> None:
    begin("r1")
    complete("r1", "s1", "a", "f1", outputs=("x",))
    begin("r2")
    complete("r2", "s2", "a", "f2", at=2.0)
    begin("r3")
    workspace.record(events.StepsReused(at=3.0, run="r3", steps=[events.Reused("s3", 0, "a", "a", "k", "local", "s1", "f1")]))
    assert history.latest_results(workspace.database, "p")["a"].step_run == "s1"
    reused = history.find_step(workspace.database, "r3", "a")
    assert (reused.status, reused.reused_from, reused.duration_s) == ("Completed", "s1", 0.0)


def test_results_of_a_fingerprint_come_newest_first_without_reused_failed_and_own_ones(
        workspace: Workspace, begin: Fill, complete: Fill) -> None:
    begin("r1")
    complete("r1", "s1", "a", "f", at=1.0, outputs=("x",))
    complete("r1", "s2", "b", "f", at=3.0)
    complete("r1", "s3", "c", "f", at=4.0, status="Failed")
    begin("r2", pipeline="q")
    complete("r2", "s4", "a", "f", at=2.0)
    workspace.record(events.StepsReused(at=5.0, run="r2", steps=[events.Reused("s5", 1, "b", "b", "k", "local", "s1", "f")]))

    def found(not_of: str | None) -> list[str]:
        return [result.step_run for result in history.results_with(workspace.database, "f", not_of=not_of)]

    assert found(None) == ["s2", "s4", "s1"]
    assert found("r1") == ["s4"]
    assert [output.name for output in history.results_with(workspace.database, "f")[2].outputs] == ["x"]


def test_steps_are_found_by_key_before_name_and_counted(workspace: Workspace, begin: Fill, complete: Fill) -> None:
    begin("r1")
    complete("r1", "s1", "train_2", "f1", name="train")
    complete("r1", "s2", "train", "f2", name="train", status="Failed")
    workspace.record(events.StepsReused(at=5.0, run="r1", steps=[events.Reused("s3", 2, "c", "c", "k", "local", "s1", "f1")]))
    assert history.find_step(workspace.database, "r1", "train").id == "s2"
    assert history.find_step(workspace.database, "r1", "train_2").id == "s1"
    with pytest.raises(UsageError, match="no step nothing") as caught:
        history.find_step(workspace.database, "r1", "nothing")
    assert "train_2, train, c" in str(caught.value)
    assert history.step_counts(workspace.database, ["r1"]) == {"r1": history.Counts(total=3, done=2, reused=1, failed=1)}
    assert history.step_counts(workspace.database, []) == {}


def test_metrics_come_in_the_order_in_which_they_were_logged(workspace: Workspace, begin: Fill) -> None:
    begin("r1")
    logged = [Metric(owner="s1", name=name, type="scalar", value=str(value), at=5.0 - value, step=value)
              for value, name in enumerate(["loss", "acc", "loss"])]
    workspace.record(events.MetricsLogged(at=1.0, run="r1", metrics=logged))
    assert history.metrics_of(workspace.database, "s1") == logged
    assert [metric.step for metric in history.metrics_of(workspace.database, "s1", "loss")] == [0, 2]


def test_events_are_read_on_from_a_cursor(workspace: Workspace, begin: Fill) -> None:
    begin("r1")
    begin("r2")
    first = history.events_since(workspace.database, 0, limit=3)
    rest = history.events_since(workspace.database, first[-1][0])
    assert [event.run for _, event in (*first, *rest)] == ["r1", "r1", "r2", "r2"]
    assert [event.run for _, event in history.events_since(workspace.database, 0, run="r2")] == ["r2", "r2"]


def test_a_run_that_ended_does_not_count_as_unfinished_however_it_ended(workspace: Workspace, begin: Fill, tmp_path: Path) -> None:
    begin("r1")
    workspace.record(events.RunEnded(at=2.0, run="r1", status="Canceled"))
    assert history.unfinished_runs(workspace.database) == []
    assert history.get_run(workspace.database, "r1").status == "Canceled"
