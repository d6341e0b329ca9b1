"""Steps run beside each other and after each other; failures, retries, time limits and cancellation."""

from __future__ import annotations

import os
from pathlib import Path

from trial_runs import Trials, shell

from stepwell_runner.execution.ownership import request_cancel
from stepwell_runner.graph.model import Text
from stepwell_runner.verbs.submit import execute, prepare
from stepwell_store.ledger import events, history


def fifo(path: Path) -> Text:
    os.mkfifo(path)
    return Text(str(path))


def is_running(pid_file: Path) -> bool:
    try:
        os.kill(int(pid_file.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_independent_steps_run_at_the_same_time(trials: Trials, tmp_path: Path) -> None:
    also = {"one": fifo(tmp_path / "one"), "two": fifo(tmp_path / "two")}
    run = trials.run(shell("a", "echo a > $one; cat $two > $out", also=also), shell("b", "cat $one > $out; echo b > $two", also=also))
    assert run.told() == {"a": "Completed", "b": "Completed"}
    assert (run.text("a"), run.text("b")) == ("b\n", "a\n")


def test_no_more_steps_run_at_once_than_there_are_slots(trials: Trials, tmp_path: Path) -> None:
    alone = {"lock": Text(str(tmp_path / "lock"))}
    run = trials.run(*[shell(f"s{number}", f"mkdir $lock; echo {number} > $out; rmdir $lock", also=alone) for number in range(6)], jobs=1)
    assert run.status == "Completed"


def test_a_step_comes_after_those_that_it_names(trials: Trials, tmp_path: Path) -> None:
    log = {"log": Text(str(tmp_path / "log"))}
    trials.run(shell("c", "echo c >> $log", after=("b",), output=None, also=log), shell("b", "echo b >> $log; : > $out", "a", also=log),
               shell("a", "echo a >> $log; : > $out", also=log))
    assert (tmp_path / "log").read_text().split() == ["a", "b", "c"]


def test_a_failure_skips_what_needs_it_and_stops_the_others(trials: Trials, tmp_path: Path) -> None:
    waiting = {"fifo": fifo(tmp_path / "fifo"), "pid": Text(str(tmp_path / "pid"))}
    run = trials.run(
        shell("good", "echo $$ > $pid; cat $fifo; cat $fifo", also=waiting),
        shell("bad", "echo x > $fifo; echo oh >&2; exit 7", also=waiting),
        shell("child", ": > $out", "bad"), shell("grandchild", ": > $out", "child"), shell("later", ": > $out", "good"))
    assert (run.status, run.error) == ("Failed", "bad failed")
    assert run.told() == {"good": "Canceled", "bad": "Failed", "child": "Skipped", "grandchild": "Skipped", "later": "Skipped"}
    assert run.steps["bad"].exit_code == 7
    assert run.steps["child"].error == "it needs bad, which failed"
    assert not is_running(tmp_path / "pid")
    assert "oh" in (run.attempt("bad") / "logs/std_log.txt").read_text()


def test_the_others_go_on_when_asked_to(trials: Trials) -> None:
    steps = [shell("bad", "exit 1"), shell("child", ": > $out", "bad"), shell("good", ": > $out"), shell("next", ": > $out", "good")]
    run = trials.run(*steps, jobs=1, continue_on_failure=True)
    assert run.status == "Failed"
    assert run.told() == {"bad": "Failed", "child": "Skipped", "good": "Completed", "next": "Completed"}


def test_each_attempt_has_a_fresh_folder_and_the_last_one_counts(trials: Trials) -> None:
    script = "test ! -e junk; : > junk; test ! -e $out; echo $attempt > $out; test $attempt = 3"
    run = trials.run(shell("a", script, retries=3))
    assert (run.told(), run.text("a"), run.steps["a"].attempt) == ({"a": "Completed"}, "3\n", 3)
    assert (run.attempt("a", 1) / "work/junk").exists()
    retried = [event for _, event in history.events_since(trials.workspace.database, 0) if isinstance(event, events.StepRetried)]
    assert [(event.attempt, "exit code 1" in event.error) for event in retried] == [(2, True), (3, True)]


def test_retries_end(trials: Trials) -> None:
    run = trials.run(shell("a", "exit 1", retries=2))
    assert (run.told(), run.steps["a"].attempt) == ({"a": "Failed"}, 3)
    assert not run.attempt("a", 4).exists()


def test_a_step_that_takes_too_long_is_ended_and_says_so(trials: Trials, tmp_path: Path) -> None:
    waiting = {"fifo": fifo(tmp_path / "fifo"), "pid": Text(str(tmp_path / "pid"))}
    run = trials.run(shell("a", "echo $$ > $pid; cat $fifo", also=waiting, timeout_s=0.2))
    assert run.told() == {"a": "Failed"}
    assert "longer than its timeout of 0.2 s" in (run.steps["a"].error or "")
    assert not is_running(tmp_path / "pid")


def test_a_run_is_cancelled_by_a_request_from_elsewhere(trials: Trials, tmp_path: Path) -> None:
    waiting = {"fifo": fifo(tmp_path / "fifo"), "pid": Text(str(tmp_path / "pid"))}

    def ask(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted):
            request_cancel(trials.workspace, event.run)

    run = trials.run(shell("a", "echo $$ > $pid; cat $fifo", also=waiting), shell("b", ": > $out", "a"), listener=ask)
    assert (run.status, run.told()) == ("Canceled", {"a": "Canceled", "b": "Skipped"})
    assert not (tmp_path / "pid").exists() or not is_running(tmp_path / "pid")


def test_a_request_that_comes_when_everything_has_been_done_changes_nothing(trials: Trials) -> None:
    def ask(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepEnded):
            request_cancel(trials.workspace, event.run)

    run = trials.run(shell("a", ": > $out"), listener=ask)
    assert (run.status, run.told()) == ("Completed", {"a": "Completed"})


def test_a_run_is_cancelled_by_the_function_that_a_signal_handler_calls(trials: Trials, tmp_path: Path) -> None:
    waiting = {"fifo": fifo(tmp_path / "fifo")}
    stops = []
    submission = trials.submission(shell("a", "cat $fifo", also=waiting), shell("b", ": > $out", "a"))

    def ask(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted):
            stops[0]()

    finished = execute(trials.workspace, prepare(trials.workspace, submission), listener=ask, interrupt=stops.append)
    assert finished.status == "Canceled"
    assert [step.status for step in history.steps_of(trials.workspace.database, finished.run)] == ["Canceled", "Skipped"]


def test_the_command_of_a_step_may_be_wrong(trials: Trials) -> None:
    run = trials.run(shell("a", "", command=(Text("no-such-program"),)))
    assert run.told() == {"a": "Failed"}
    assert "no-such-program" in (run.steps["a"].error or "")


def test_many_steps_that_wait_for_few_slots_all_run(trials: Trials) -> None:
    run = trials.run(shell("first", "echo 1 > $out"), *[shell(f"s{number}", "true", "first", output=None) for number in range(100)], jobs=2)
    assert (run.status, set(run.told().values()), len(run.steps)) == ("Completed", {"Completed"}, 101)


def test_an_empty_pipeline_completes(trials: Trials) -> None:
    run = trials.run()
    assert (run.status, run.steps) == ("Completed", {})
