"""Sweeps in real runs: trials, their order and number, early ends, what is left, reuse, failure, cancelling, a killed runner."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from trial_runs import GIVES_UP_S, OUT, Outcomes, Trials, shell

from stepwell_runner.execution.adoption import step_of
from stepwell_runner.execution.ownership import recover, request_cancel
from stepwell_runner.graph.model import Output, Sampled, Step
from stepwell_runner.graph.sweep import Bandit, Choice, GridSampling, RandomSampling, Sweep, Uniform
from stepwell_runner.planning.fingerprint import definition
from stepwell_runner.sweep.told import trial_values
from stepwell_runner.verbs.submit import rerun_of
from stepwell_store.housekeeping.gc import collect
from stepwell_store.housekeeping.plan import Policy
from stepwell_store.ledger import events, history
from stepwell_store.ledger.records import StepRun, metric_value
from stepwell_store.ledger.uses import running_steps

GRID = (("x", Choice((1, 2, 3))), ("word", Choice(("a", "b"))))
LOG = """
report() {
  printf '{"kind":"metric","scope":"step","name":"%s","type":"scalar","value":%s,"step":null,"description":null,"at":1}\\n' "$1" "$2" \
    >> "$folder/reports.jsonl"
}
"""
TRIAL = LOG + 'report score "$x"; printf "%s" "$x$word" > "$out"'


def tune(script: str = TRIAL, *before: str, output: Output | None = OUT, more: dict[str, Any] | None = None, **work: Any) -> Step:
    usual: dict[str, Any] = {"space": GRID, "metric": "score", "goal": "maximize", "total": 10, "sampling": GridSampling()}
    given = {**usual, **work}
    also = {name: Sampled(name) for name, _ in given["space"]}
    return shell("tune", script, *before, output=output, also=also, work=Sweep(**given), **(more or {}))  # type: ignore[arg-type]


def trials_of(done: Outcomes, key: str = "tune") -> list[StepRun]:
    return history.trials_of(done.trials.workspace.database, done.steps[key].id)


def properties(done: Outcomes) -> dict[str, str]:
    return history.get_step(done.trials.workspace.database, done.steps["tune"].id).properties


def test_the_best_trials_output_becomes_that_of_the_step(trials: Trials) -> None:
    done = trials.run(tune(), shell("use", 'cat "$tune" > "$out"', "tune"))
    assert (done.status, done.told()) == ("Completed", {"tune": "Completed", "use": "Completed"})
    assert done.text("use") == "3a"
    found = trials_of(done)
    assert [trial_values(one) for one in found] == [{"x": x, "word": word} for x in (1, 2, 3) for word in "ab"]
    assert {one.status for one in found} == {"Completed"}
    assert [one.step for one in found] == [f"tune@{number}" for number in range(6)]
    assert trial_values(history.get_step(trials.workspace.database, done.steps["tune"].id)) == {"x": 3, "word": "a"}
    assert properties(done)["best_trial"] == found[4].id
    logged = [metric_value(one) for one in history.metrics_of(trials.workspace.database, done.steps["tune"].id)]
    assert (logged[-1], len(logged), logged) == (3.0, 6, sorted(logged))
    log = (done.attempt("tune") / "logs" / "std_log.txt").read_text()
    assert "trial 4 begins: x=3 word=a" in log
    assert "6 of 6 trials completed; best score 3: x=3 word=a" in log


def test_a_trial_is_a_step_run_with_folder_log_metrics_and_outputs(trials: Trials) -> None:
    done = trials.run(tune("echo hello; " + TRIAL))
    third = trials_of(done)[2]
    assert (done.attempt("tune@2") / "logs" / "std_log.txt").read_text() == "hello\n"
    assert trials.text(third.id) == "2a"
    assert [metric_value(one) for one in history.metrics_of(trials.workspace.database, third.id)] == [2]
    assert third.parent == done.steps["tune"].id


def test_a_trial_is_known_again_from_what_was_recorded(trials: Trials) -> None:
    """Whoever takes over the trials of a dead runner has only that."""
    step = tune(space=(("x", Choice((1, 2.0, True, "1"))), ("word", Uniform(-3, 3, None, True))), total=3, sampling=RandomSampling())
    done = trials.run(step)
    for record in trials_of(done):
        again = step_of({"tune": step}, record)
        assert (again.key, again.name) == (record.step, record.name)
        assert definition(again)["variables"] == record.ingredients["variables"]


def test_counts_and_lists_of_a_run_are_those_of_its_graph(trials: Trials) -> None:
    done = trials.run(tune())
    assert history.step_counts(trials.workspace.database, [done.id])[done.id].total == 1
    assert [one.step for one in history.steps_of(trials.workspace.database, done.id)] == ["tune"]


def test_all_of_it_is_reused(trials: Trials) -> None:
    trials.run(tune())
    again = trials.run(tune(), shell("use", 'cat "$tune" > "$out"', "tune"))
    assert (again.told(), again.text("use")) == ({"tune": "Reused", "use": "Completed"}, "3a")
    assert trials_of(again) == []


def test_a_longer_search_takes_the_trials_that_are_there(trials: Trials) -> None:
    first = trials.run(tune(total=4))
    assert len(trials_of(first)) == 4
    again = trials.run(tune(total=6))
    found = trials_of(again)
    assert [one.reused_from is not None for one in found] == [True] * 4 + [False] * 2
    assert [trial_values(one)["x"] for one in found] == [1, 1, 2, 2, 3, 3]
    assert (again.why("tune"), again.text("tune")) == (["its total: 4 → 6"], "3a")


def test_a_result_of_an_earlier_run_can_be_best(trials: Trials) -> None:
    first = trials.run(tune(goal="minimize", total=2))
    again = trials.run(tune(goal="minimize", total=4))
    assert again.text("tune") == "1a"
    assert properties(again)["best_trial"] == trials_of(again)[0].id
    assert again.place("tune") == first.place("tune")


def test_what_the_best_trial_left_is_kept_as_long_as_the_sweep_is_used(trials: Trials) -> None:
    first = trials.run(tune())
    trials.run(tune())
    later = time.time() + 1000
    gone = collect(trials.workspace, Policy(grace_s=0.0, keep_runs=1), now=later)
    assert any(item.kind == "output" for item in gone.items)
    third = trials.run(tune())
    assert (third.told(), third.text("tune")) == ({"tune": "Reused"}, "3a")
    losers = [one for one in trials_of(first) if trial_values(one) != {"x": 3, "word": "a"}]
    assert not any(trials.place(one.id).exists() for one in losers)


def test_what_is_asked_of_a_sweep_is_asked_of_its_trials(trials: Trials) -> None:
    assert trials.run(tune(total=2), shell("other", "touch $out"), only=("tune",)).told() == {"tune": "Completed", "other": "Skipped"}
    forced = trials.run(tune(total=2), forced=("tune",))
    assert [one.reused_from for one in trials_of(forced)] == [None, None]
    unshared = trials.run(tune(total=2, more={"allow_reuse": False}))
    assert [one.reused_from for one in trials_of(unshared)] == [None, None]


def test_running_steps_are_the_trials(trials: Trials) -> None:
    seen: list[list[str]] = []

    def look(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted) and event.record.parent is not None:
            seen.append([one.step for one in running_steps(trials.workspace.database)])

    trials.run(tune(total=2, concurrent=1), listener=look)
    assert seen == [["tune@0"], ["tune@1"]]


def test_more_at_once_is_no_reason_to_search_again(trials: Trials) -> None:
    trials.run(tune(concurrent=1))
    assert trials.run(tune(concurrent=3)).told() == {"tune": "Reused"}


def test_no_more_run_at_once_than_asked_for(trials: Trials) -> None:
    overlap = LOG + """
mkdir "$folder/../../running-$x$word"; ls -d "$folder"/../../running-* | wc -l > "$out"; sleep 0.05
rmdir "$folder/../../running-$x$word"; report score "$(cat "$out")"
"""
    done = trials.run(tune(overlap, concurrent=2), jobs=4)
    assert {trials.text(one.id).strip() for one in trials_of(done)} <= {"1", "2"}
    one = trials.run(tune(overlap), jobs=1, force=True)
    assert {trials.text(trial.id).strip() for trial in trials_of(one)} == {"1"}


def test_a_seed_repeats_a_search_and_so_does_the_same_step(trials: Trials) -> None:
    space = (("x", Uniform(0.0, 1.0)), ("word", Choice(("a", "b"))))
    seeded = tune(space=space, total=5, sampling=RandomSampling(seed=7))
    values = [trial_values(one) for one in trials_of(trials.run(seeded))]
    assert [trial_values(one) for one in trials_of(trials.run(seeded, force=True))] == values
    own = tune(space=space, total=5, sampling=RandomSampling())
    first, second = trials.run(own), trials.run(own, force=True)
    assert [trial_values(one) for one in trials_of(first)] == [trial_values(one) for one in trials_of(second)]


def test_a_place_of_the_authors_gets_the_best_and_only_that(trials: Trials) -> None:
    done = trials.run(tune(output=Output(name="out", path="best/{output-name}.txt")))
    place = trials.workspace.root / "datastores" / "workspaceblobstore" / "best" / "out.txt"
    assert (place.read_text(), done.text("tune")) == ("3a", "3a")
    assert all("azureml/" in history.outputs_of(trials.workspace.database, one.id)[0].path for one in trials_of(done))


def test_metrics_of_all_trials_as_a_file(trials: Trials) -> None:
    outputs = (OUT, Output(name="metrics", kind="file"))
    done = trials.run(tune(LOG + 'report score "$x"; report score 0; report other 5; printf x > "$out"', total=2, metrics_output="metrics",
                           more={"outputs": outputs}))  # fmt: skip
    found = json.loads(done.place("tune", "metrics").read_text())
    assert found == {one.id: {"score": [1, 0], "other": [5]} for one in trials_of(done)}


SLOW = LOG + """
report score "$x"; i=0
if [ "$x" = 1 ]; then while [ $i -lt 2000 ]; do sleep 0.01; i=$((i+1)); done; fi
printf x > "$out"
"""


def test_a_trial_that_falls_behind_is_ended_early(trials: Trials) -> None:
    space = (("x", Choice((3, 1))),)
    done = trials.run(tune(SLOW, space=space, concurrent=1, policy=Bandit(amount=1.0)))
    first, second = trials_of(done)
    assert (done.status, first.status, second.status) == ("Completed", "Completed", "Canceled")
    assert "ended early: at interval 1 its best value 1 is beyond the slack" in (second.error or "")
    assert properties(done)["best_trial"] == first.id
    kept = history.metrics_of(trials.workspace.database, second.id)
    assert [metric_value(one) for one in kept] == [1]


def test_some_trials_may_fail(trials: Trials) -> None:
    done = trials.run(tune(LOG + '[ "$x" = 3 ] && exit 7; report score "$x"; printf "%s" "$x" > "$out"'))
    assert (done.status, done.text("tune")) == ("Completed", "2")
    assert [(one.status, one.exit_code) for one in trials_of(done)][-2:] == [("Failed", 7), ("Failed", 7)]
    assert "4 of 6 trials completed, 2 failed" in (done.attempt("tune") / "logs" / "std_log.txt").read_text()


def test_when_all_fail_the_search_is_given_up(trials: Trials) -> None:
    done = trials.run(tune("exit 7", concurrent=1), shell("use", "true", "tune"), shell("other", "touch $out"), continue_on_failure=True)
    assert done.told() == {"tune": "Failed", "use": "Skipped", "other": "Completed"}
    assert "none of its 3 trials completed: 3 failed" in (done.steps["tune"].error or "")


def test_a_metric_that_nobody_logs_is_told(trials: Trials) -> None:
    done = trials.run(tune(LOG + 'report loss 1; report accuracy 2; printf x > "$out"', total=2))
    assert done.status == "Failed"
    assert "no trial that completed logged the metric 'score'; logged was: loss, accuracy" in (done.steps["tune"].error or "")


def test_a_trial_that_is_tried_again_forgets_its_first_attempt(trials: Trials) -> None:
    script = LOG + '[ "$attempt" = 1 ] && { report score 100; exit 1; }; report score "$x"; printf "%s" "$x" > "$out"'
    done = trials.run(tune(script, more={"retries": 1}))
    assert (done.status, done.text("tune")) == ("Completed", "3")


def test_the_time_of_a_sweep_ends_it_with_what_there_is(trials: Trials) -> None:
    script = LOG + 'report score "$x"; [ "$x" = 1 ] || sleep 1000; printf "%s" "$x" > "$out"'
    done = trials.run(tune(script, concurrent=3, timeout_s=4.0, more={"timeout_s": None}), jobs=4)
    assert (done.status, done.text("tune")) == ("Completed", "1")
    ended = [one for one in trials_of(done) if one.status == "Canceled"]
    assert ended
    assert all(one.error == "ended early: the time of the sweep is over" for one in ended)


def test_a_trials_own_time_is_its_failure(trials: Trials) -> None:
    script = LOG + 'report score "$x"; [ "$x" = 1 ] || sleep 1000; printf "%s" "$x" > "$out"'
    done = trials.run(tune(script, space=(("x", Choice((1, 2))),), more={"timeout_s": 3.0}))
    assert (done.status, [one.status for one in trials_of(done)]) == ("Completed", ["Completed", "Failed"])


def test_a_failure_elsewhere_ends_the_trials(trials: Trials) -> None:
    wait = 'touch "$folder/../../begun"; sleep 1000'
    fail = 'i=0; while ! [ -e "$folder/../../begun" ] && [ $i -lt 2000 ]; do sleep 0.01; i=$((i+1)); done; exit 1'
    done = trials.run(tune(wait, more={"timeout_s": None}), shell("bad", fail))
    assert done.told() == {"tune": "Canceled", "bad": "Failed"}
    assert {one.status for one in trials_of(done)} == {"Canceled"}


def test_cancelling_ends_everything(trials: Trials) -> None:
    def stop(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted) and event.record.parent is not None:
            request_cancel(trials.workspace, event.run)

    done = trials.run(tune("sleep 1000", more={"timeout_s": None}), listener=stop, jobs=1)
    assert (done.status, done.told()) == ("Canceled", {"tune": "Canceled"})
    assert [one.status for one in trials_of(done)] == ["Canceled"]


def test_two_sweeps_share_the_slots(trials: Trials) -> None:
    from msgspec.structs import replace

    other = replace(tune(), key="other", name="other")
    done = trials.run(tune(), other, jobs=2)
    assert done.told() == {"tune": "Completed", "other": "Completed"}
    assert (len(trials_of(done)), len(trials_of(done, "other"))) == (6, 6)


def test_replay_gives_the_same_rows(trials: Trials) -> None:
    trials.run(tune(total=2))
    trials.run(tune(total=4))
    database = trials.workspace.database
    before = {table: sorted(map(repr, database.read(f"SELECT * FROM {table}"))) for table in events.HISTORY_TABLES}
    payloads = [row[0] for row in database.read("SELECT payload FROM events ORDER BY seq")]
    with database.write() as connection:
        events.replay(connection, payloads)
    assert {table: sorted(map(repr, database.read(f"SELECT * FROM {table}"))) for table in events.HISTORY_TABLES} == before


@pytest.mark.parametrize("kill", [signal.SIGKILL])
def test_after_a_killed_runner_the_search_goes_on_where_it_was(trials: Trials, tmp_path: Path, kill: signal.Signals) -> None:
    hold = tmp_path / "hold"
    hold.write_text("")
    script = LOG + f'[ "$x$word" = 2a ] && [ -e "{hold}" ] && sleep 1000; report score "$x"; printf "%s" "$x$word" > "$out"'
    step = tune(script, concurrent=1, more={"timeout_s": None})
    process = trials.process(step)
    assert process.stdout is not None
    started = 0
    run = ""
    for line in process.stdout:
        run = line.split()[1]
        started += line.startswith("StepStarted")
        if started == 4:  # the sweep and its third trial
            break
    os.kill(process.pid, kill)
    process.wait(GIVES_UP_S)
    process.stdout.close()
    assert recover(trials.workspace) == [run]
    database = trials.workspace.database
    told = {one.step: one.status for sweep in history.steps_of(database, run) for one in (sweep, *history.trials_of(database, sweep.id))}
    assert told == {"tune": "Failed", "tune@0": "Completed", "tune@1": "Completed", "tune@2": "Failed"}
    hold.unlink()
    done = trials.submit(rerun_of(trials.workspace, history.get_run(database, run)))
    assert (done.status, done.text("tune")) == ("Completed", "3a")
    assert [one.reused_from is not None for one in trials_of(done)] == [True, True, False, False, False, False]
