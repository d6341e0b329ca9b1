"""What is taken from earlier runs, from other runs at the same time, and what runs all the same."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from trial_runs import Outcomes, Trials, shell, told

from stepwell_runner.graph.model import Graph, Output, Step, Text
from stepwell_runner.planning.decide import Reuse
from stepwell_runner.verbs.submit import Submission, rerun_of, steps_from
from stepwell_store.errors import UsageError
from stepwell_store.ledger import events, history

CHAIN = (shell("a", "echo a > $out"), shell("b", "cat $a > $out; echo b >> $out", "a"), shell("c", "cat $b > $out", "b"))


@contextmanager
def beside(base: Path, work: Callable[[Trials], Outcomes]) -> Iterator[list[Outcomes]]:
    """Another run on the same workspace, which has ended when the block has."""
    found: list[Outcomes] = []
    others = Trials(base)
    thread = threading.Thread(target=lambda: found.append(work(others)), daemon=True)
    thread.start()
    yield found
    thread.join(30)
    others.workspace.close()


def edited(step: Step, script: str) -> Step:
    return shell(step.key, script, *(one.name for one in step.inputs))


def test_a_second_run_takes_everything_and_starts_nothing(trials: Trials) -> None:
    first = trials.run(*CHAIN)
    second = trials.run(*CHAIN)
    assert set(second.told().values()) == {"Reused"}
    assert [one.reused_from for one in second.steps.values()] == [one.id for one in first.steps.values()]
    assert second.text("c") == "a\nb\n"
    assert not any((trials.workspace.runs / second.id / key).exists() for key in "abc")


def test_a_result_that_is_taken_brings_what_was_said_of_the_run_and_nothing_else(trials: Trials) -> None:
    said = [{"kind": "tag", "scope": "run", "key": "dataset", "value": "7"}, {"kind": "tag", "scope": "step", "key": "own", "value": "1"},
            {"kind": "metric", "scope": "run", "name": "mse", "type": "scalar", "value": 0.5},
            {"kind": "property", "scope": "run", "key": "from", "value": "a"}]  # fmt: skip
    lines = "".join(f"echo '{json.dumps(one)}' >> $(dirname $STEPWELL_STEP)/reports.jsonl; " for one in said)
    steps = (shell("a", f"{lines} echo a > $out"), shell("b", "cat $a > $out", "a"))
    trials.run(*steps)
    for _ in range(2):
        run = trials.run(*steps)
        record = history.get_run(trials.workspace.database, run.id)
        assert set(run.told().values()) == {"Reused"}
        assert (record.tags, record.properties["from"]) == ({"dataset": "7"}, "a")
        assert [(one.name, one.value) for one in history.metrics_of(trials.workspace.database, run.id)] == [("mse", "0.5")]


def test_a_step_that_runs_again_and_writes_the_same_bytes_dirties_nobody(trials: Trials) -> None:
    trials.run(*CHAIN)
    run = trials.run(edited(CHAIN[0], "echo a | cat > $out"), *CHAIN[1:])
    assert run.told() == {"a": "Completed", "b": "Reused", "c": "Reused"}
    assert "its command changed" in run.why("a")[0]


def test_other_bytes_run_what_needs_them_and_each_says_why(trials: Trials) -> None:
    trials.run(*CHAIN)
    run = trials.run(edited(CHAIN[0], "echo A > $out"), *CHAIN[1:])
    assert set(run.told().values()) == {"Completed"}
    assert (run.why("b"), run.why("c")) == (["input a changed (made by a)"], ["input b changed (made by b)"])
    assert run.text("c") == "A\nb\n"


def test_forced_steps_run_and_their_consumers_only_when_the_bytes_differ(trials: Trials) -> None:
    trials.run(*CHAIN)
    assert trials.run(*CHAIN, forced=("b",)).told() == {"a": "Reused", "b": "Completed", "c": "Reused"}
    assert set(trials.run(*CHAIN, force=True).told().values()) == {"Completed"}


def test_only_the_named_steps_run(trials: Trials) -> None:
    trials.run(*CHAIN)
    changed = (CHAIN[0], edited(CHAIN[1], "echo B > $out"), CHAIN[2])
    run = trials.run(*changed, only=("b",))
    assert (run.status, run.told()) == ("Completed", {"a": "Reused", "b": "Completed", "c": "Skipped"})
    assert "not asked for" in (run.steps["c"].error or "")


def test_only_a_step_whose_predecessor_would_have_to_run_is_refused(trials: Trials) -> None:
    with pytest.raises(UsageError, match=r"c needs [ab], which would have to run") as caught:
        trials.run(*CHAIN, only=("c",))
    assert "--only" in str(caught.value)
    with pytest.raises(UsageError, match="no step bb; did you mean b"):
        trials.run(*[shell("b", ": > $out")], forced=("bb",))
    assert history.list_runs(trials.workspace.database) == []


def test_a_step_that_must_not_be_reused_runs_each_time(trials: Trials) -> None:
    steps = (CHAIN[0], shell("b", "cat $a > $out; echo b >> $out", "a", allow_reuse=False), CHAIN[2])
    trials.run(*steps)
    run = trials.run(*steps)
    assert run.told() == {"a": "Reused", "b": "Completed", "c": "Reused"}
    assert run.why("b") == ["its author turned reuse off (allow_reuse=False)"]


def test_the_same_step_written_three_times_runs_three_times_and_is_then_reused(trials: Trials) -> None:
    steps = [shell(key, "echo $$ > $out", name="same") for key in "xyz"]
    assert set(trials.run(*steps, jobs=2).told().values()) == {"Completed"}
    assert set(trials.run(*steps, jobs=2).told().values()) == {"Reused"}


def test_an_output_that_was_deleted_or_edited_is_made_again(trials: Trials) -> None:
    first = trials.run(*CHAIN)
    os.unlink(first.place("a"))
    assert "its output out is missing" in str(told(trials.plan(*CHAIN))["a"])
    again = trials.run(*CHAIN)
    assert again.told() == {"a": "Completed", "b": "Reused", "c": "Reused"}
    again.place("b").write_text("forged\n")
    assert "its output out was changed by somebody" in str(told(trials.plan(*CHAIN))["b"])
    assert trials.run(*CHAIN).told() == {"a": "Reused", "b": "Completed", "c": "Reused"}


def test_an_output_that_became_something_else_is_made_again(trials: Trials) -> None:
    first = trials.run(*CHAIN)
    for key, replace in {"a": lambda path: path.mkdir(), "b": os.mkfifo, "c": lambda path: path.symlink_to("/nowhere")}.items():
        first.place(key).unlink()
        replace(first.place(key))
    assert trials.run(*CHAIN).told() == {"a": "Completed", "b": "Completed", "c": "Completed"}


def test_a_copy_of_the_workspace_reuses_and_remembers_the_new_seals(trials: Trials, tmp_path: Path) -> None:
    first = trials.run(*CHAIN)
    trials.workspace.close()
    shutil.copytree(tmp_path / ".stepwell", tmp_path / "copy/.stepwell")
    copy = Trials(tmp_path / "copy")
    assert set(copy.run(*CHAIN).told().values()) == {"Reused"}
    resealed = [event.name for _, event in history.events_since(copy.workspace.database, 0) if isinstance(event, events.OutputResealed)]
    assert resealed == ["out"] * 3
    seals = [history.outputs_of(copy.workspace.database, one.id)[0].seal for one in first.steps.values()]
    copy.run(*CHAIN)
    assert [history.outputs_of(copy.workspace.database, one.id)[0].seal for one in first.steps.values()] == seals
    copy.workspace.close()


def test_two_runs_that_want_the_same_result_make_it_once_and_go_on_with_the_rest(trials: Trials, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    places = {"fifo": Text(str(tmp_path / "fifo")), "log": Text(str(tmp_path / "log"))}
    wanted_by_both = shell("a", "echo made >> $log; cat $fifo > $out", also=places)
    started = threading.Event()

    def listen(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted):
            started.set()

    with beside(tmp_path, lambda others: others.run(wanted_by_both, listener=listen)) as first:
        assert started.wait(20)
        second = trials.run(wanted_by_both, shell("z", "echo go > $fifo; echo z > $out", also=places))
    assert first[0].told() == {"a": "Completed"}
    assert second.told() == {"a": "Reused", "z": "Completed"}
    assert second.steps["a"].reused_from == first[0].steps["a"].id
    assert (tmp_path / "log").read_text() == "made\n"


def test_slots_are_shared_by_runs(trials: Trials, tmp_path: Path) -> None:
    alone = {"lock": Text(str(tmp_path / "lock"))}

    def steps(run: str) -> list[Step]:
        return [shell(f"{run}{number}", f"mkdir $lock; echo {run} > $out; rmdir $lock", also=alone) for number in range(5)]

    with beside(tmp_path, lambda others: others.run(*steps("x"), jobs=1)) as theirs:
        mine = trials.run(*steps("y"), jobs=1)
    assert [mine.status, theirs[0].status] == ["Completed", "Completed"]


def test_a_rerun_takes_the_graph_the_parameters_and_the_sources_of_the_earlier_run(trials: Trials) -> None:
    first = trials.run(*CHAIN)
    again = rerun_of(trials.workspace, history.get_run(trials.workspace.database, first.id))
    assert (again.rerun_of, again.graph) == (first.id, trials.graph(*CHAIN))
    assert set(trials.submit(again).told().values()) == {"Reused"}
    later = Submission(graph=again.graph, forced=steps_from(again.graph, "b"))
    assert trials.submit(later).told() == {"a": "Reused", "b": "Completed", "c": "Completed"}


def test_a_result_of_another_pipeline_is_taken(trials: Trials) -> None:
    trials.run(*CHAIN)
    renamed = Graph(name="another pipeline", steps=(shell("z", "echo a > $out"),))
    assert trials.submit(Submission(graph=renamed)).told() == {"z": "Reused"}


def test_a_step_without_outputs_is_reused_too(trials: Trials) -> None:
    steps = [shell("a", "echo said", output=None), shell("b", ": > $out", after=("a",))]
    trials.run(*steps)
    assert all(isinstance(one, Reuse) for one in trials.plan(*steps).decisions.values())


def test_an_output_that_may_be_missing_and_is_fails_only_what_needs_it(trials: Trials) -> None:
    maybe = shell("a", "true", output=Output(name="out", optional=True))
    run = trials.run(maybe, shell("b", "cat $a > $out", "a"), shell("c", "cat $b > $out", "b"))
    assert (run.status, run.told()) == ("Failed", {"a": "Completed", "b": "Skipped", "c": "Skipped"})
    assert "output that a did not write" in (run.steps["b"].error or "")
