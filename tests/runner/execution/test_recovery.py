"""A runner that is killed: whoever comes next ends its run, stops what it left running, and reuses what it finished."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from trial_runs import Trials, shell

from stepwell_runner.execution.ownership import DIED, is_owned, own, recover, request_cancel
from stepwell_runner.graph.model import PythonRef, Step, Text
from stepwell_runner.targets import strays
from stepwell_store.errors import BusyError
from stepwell_store.ledger import history

AWAY = "import os; os.setsid(); os.execvp('tail', ['tail', '-f', '/dev/null'])"
"""Leaves the session of its step, so that only the run's token tells whose it is."""


@pytest.fixture
def killed(trials: Trials, tmp_path: Path) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """A run whose runner was killed while its second step ran, which has a child in a session of its own."""
    os.mkfifo(tmp_path / "ready")
    places = {"ready": Text(str(tmp_path / "ready")), "once": Text(str(tmp_path / "once")), "python": PythonRef(), "code": Text(AWAY)}
    script = ('if test -e $once; then echo done > $out; exit; fi; : > $once; "$python" -c "$code" & echo > $ready; exec tail -f /dev/null')
    steps = (shell("first", "echo 1 > $out"), shell("second", script, "first", also=places))
    runner = trials.process(*steps)
    (tmp_path / "ready").read_text()
    runner.kill()
    runner.communicate(timeout=30)
    assert runner.returncode == -signal.SIGKILL
    run = history.list_runs(trials.workspace.database)[0].id
    yield run, steps
    strays.sweep(run)


def test_a_killed_run_is_ended_its_strays_stopped_and_what_it_finished_reused(
        trials: Trials, killed: tuple[str, tuple[Step, ...]], eventually: Callable[..., None]) -> None:
    run, steps = killed
    eventually(lambda: len(strays.find(run)) == 2)
    assert not is_owned(trials.workspace, run)
    assert recover(trials.workspace) == [run]
    assert strays.find(run) == []
    record = history.get_run(trials.workspace.database, run)
    assert (record.status, record.error) == ("Failed", DIED)
    assert {one.step: (one.status, one.error) for one in history.steps_of(trials.workspace.database, run)} == {
        "first": ("Completed", None), "second": ("Failed", DIED)}
    again = trials.run(*steps)
    assert again.told() == {"first": "Reused", "second": "Completed"}
    assert again.text("second") == "done\n"


def test_recovering_again_does_nothing(trials: Trials, killed: tuple[str, tuple[Step, ...]]) -> None:
    assert recover(trials.workspace) == [killed[0]]
    before = trials.workspace.database.read("SELECT count(*) FROM events")
    assert recover(trials.workspace) == []
    assert trials.workspace.database.read("SELECT count(*) FROM events") == before


def test_a_killed_run_that_somebody_had_asked_to_stop_counts_as_cancelled(trials: Trials, killed: tuple[str, tuple[Step, ...]]) -> None:
    request_cancel(trials.workspace, killed[0])
    recover(trials.workspace)
    assert history.get_run(trials.workspace.database, killed[0]).status == "Canceled"


def test_a_run_whose_owner_lives_is_left_alone(trials: Trials, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ready")
    os.mkfifo(tmp_path / "go")
    places = {"ready": Text(str(tmp_path / "ready")), "go": Text(str(tmp_path / "go"))}
    runner = trials.process(shell("a", "echo > $ready; cat $go > $out", also=places))
    (tmp_path / "ready").read_text()
    run = history.list_runs(trials.workspace.database)[0].id
    assert is_owned(trials.workspace, run)
    assert recover(trials.workspace) == []
    with pytest.raises(BusyError, match=f"belongs to process {runner.pid}"):
        own(trials.workspace, run)
    (tmp_path / "go").write_text("go")
    assert runner.communicate(timeout=30)[0].splitlines()[-1] == f"Completed {run}"
    assert recover(trials.workspace) == []


def test_a_run_whose_folder_is_gone_is_ended_all_the_same(trials: Trials, killed: tuple[str, tuple[Step, ...]]) -> None:
    (trials.workspace.runs / killed[0]).rename(trials.base / "away")
    assert recover(trials.workspace) == [killed[0]]
