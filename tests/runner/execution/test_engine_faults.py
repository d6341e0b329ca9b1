"""When the machine or the person breaks a run off: nothing runs on, nothing stays claimed, the next run works."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from trial_runs import Trials, shell

from stepwell_runner.execution.ownership import is_owned, recover
from stepwell_runner.graph.model import Source, Text
from stepwell_runner.verbs.submit import execute, prepare
from stepwell_store.errors import MachineError, StepwellError, UsageError
from stepwell_store.ledger import events, history
from stepwell_store.locks import is_locked


def is_gone(pid_file: Path) -> bool:
    try:
        os.kill(int(pid_file.read_text()), 0)
    except (ProcessLookupError, FileNotFoundError):
        return True
    return False


def only_run(trials: Trials) -> str:
    (run,) = history.list_runs(trials.workspace.database)
    assert not is_owned(trials.workspace, run.id)
    return run.id


def test_a_full_database_in_the_middle_stops_the_steps_and_the_run_can_be_recovered(trials: Trials, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    places = {"fifo": Text(str(tmp_path / "fifo")), "pid": Text(str(tmp_path / "pid"))}
    database = trials.workspace.database
    metric = f'{{"kind":"metric","scope":"step","name":"big","type":"list","value":[{"1," * 20_000}1],"at":1.0}}'
    talks = shell("a", f"echo '{metric}' >> $folder/reports.jsonl; cat $fifo", output=None, also=places)
    waits = shell("b", "echo $$ > $pid; cat $fifo", output=None, also=places)

    def fill(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted):
            database.connection.execute(f"PRAGMA max_page_count={database.read('PRAGMA page_count')[0][0] + 4}")

    with pytest.raises(MachineError, match="disk is full"):
        trials.run(talks, waits, listener=fill)
    run = only_run(trials)
    assert is_gone(tmp_path / "pid")
    assert history.get_run(database, run).ended_at is None
    assert not any(is_locked(path) for path in trials.workspace.locks.rglob("*") if path.is_file())
    database.connection.execute("PRAGMA max_page_count=1000000")
    assert recover(trials.workspace) == [run]
    assert [step.status for step in history.steps_of(database, run)] == ["Failed", "Failed"]
    assert trials.run(shell("a", ": > $out")).status == "Completed"


def test_a_full_database_when_a_step_starts_never_starts_it(trials: Trials, tmp_path: Path) -> None:
    database = trials.workspace.database

    def fill(event: events.AnyEvent) -> None:
        if isinstance(event, events.RunStarted):
            database.connection.execute(f"PRAGMA max_page_count={database.read('PRAGMA page_count')[0][0]}")

    step = shell("a", f": > {tmp_path}/started; : > $out; : {'x' * 100_000}")
    with pytest.raises(MachineError, match="disk is full"):
        trials.run(step, listener=fill)
    assert not (tmp_path / "started").exists()
    database.connection.execute("PRAGMA max_page_count=1000000")
    assert recover(trials.workspace) == [only_run(trials)]
    assert trials.run(step).told() == {"a": "Completed"}


def test_a_listener_that_fails_ends_the_run_and_says_why(trials: Trials, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    def fail(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted):
            raise BrokenPipeError("the terminal went away")

    places = {"fifo": Text(str(tmp_path / "fifo")), "pid": Text(str(tmp_path / "pid"))}
    with pytest.raises(BrokenPipeError):
        trials.run(shell("a", "echo $$ > $pid; cat $fifo", also=places), shell("b", ": > $out", "a"), listener=fail)
    run = history.get_run(trials.workspace.database, only_run(trials))
    assert (run.status, run.error) == ("Failed", "the terminal went away")
    assert {one.step: one.status for one in history.steps_of(trials.workspace.database, run.id)} == {"a": "Canceled", "b": "Skipped"}
    assert is_gone(tmp_path / "pid")
    assert recover(trials.workspace) == []


def test_an_interrupt_ends_the_steps_and_records_a_cancelled_run(trials: Trials, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ready")
    places = {"ready": Text(str(tmp_path / "ready")), "pid": Text(str(tmp_path / "pid"))}
    runner = trials.process(shell("a", "echo $$ > $pid; echo > $ready; exec tail -f /dev/null", also=places), shell("b", ": > $out", "a"))
    (tmp_path / "ready").read_text()
    runner.send_signal(signal.SIGINT)
    runner.communicate(timeout=30)
    run = history.get_run(trials.workspace.database, only_run(trials))
    assert (run.status, runner.returncode != 0) == ("Canceled", True)
    assert {one.step: one.status for one in history.steps_of(trials.workspace.database, run.id)} == {"a": "Canceled", "b": "Skipped"}
    assert is_gone(tmp_path / "pid")


def test_a_submission_that_cannot_be_prepared_leaves_no_trace(trials: Trials, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no source folder"):
        trials.run(shell("a", ": > $out", source=Source(path=str(tmp_path / "nowhere"))))
    assert history.list_runs(trials.workspace.database) == []
    assert list(trials.workspace.runs.iterdir()) == []


def test_a_run_that_cannot_begin_leaves_no_trace(trials: Trials, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/f").write_text("1")
    prepared = prepare(trials.workspace, trials.submission(shell("a", ": > $out", source=Source(path=str(tmp_path / "source")))))
    (trials.workspace.root / "objects").rename(trials.workspace.root / "elsewhere")
    (trials.workspace.root / "objects").write_text("in the way")
    with pytest.raises(StepwellError):
        execute(trials.workspace, prepared)
    assert history.list_runs(trials.workspace.database) == []
    assert list(trials.workspace.runs.iterdir()) == []


def test_a_fault_of_the_machine_around_one_step_is_told_in_words(trials: Trials) -> None:
    def block(event: events.AnyEvent) -> None:
        if isinstance(event, events.RunStarted):
            (trials.workspace.runs / event.run / "a").write_text("in the way")

    run = trials.run(shell("a", ": > $out"), listener=block)
    assert run.told() == {"a": "Failed"}
    assert "Failed running the step" in (run.steps["a"].error or "")
    assert "bug" not in (run.steps["a"].error or "")


def test_nothing_stays_locked_when_a_run_is_over(trials: Trials) -> None:
    trials.run(shell("a", ": > $out"), shell("b", "exit 1", "a"))
    assert not any(is_locked(path) for path in trials.workspace.locks.rglob("*") if path.is_file())
    assert list((trials.workspace.locks / "results").iterdir()) == []


def test_a_step_starts_after_that_is_durable_and_its_claim_ends_after_its_result_is(trials: Trials) -> None:
    results = trials.workspace.locks / "results"
    seen: list[tuple[str, int, bool]] = []

    def look(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted | events.StepEnded):
            held = sum(map(is_locked, results.iterdir()))
            seen.append((type(event).__name__, held, (trials.workspace.runs / event.run / "a").exists()))

    trials.run(shell("a", ": > $out"), listener=look)
    assert seen == [("StepStarted", 1, False), ("StepEnded", 1, True)]
    assert list(results.iterdir()) == []
