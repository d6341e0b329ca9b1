"""What one sees first, of a real ledger."""

from __future__ import annotations

import time
from typing import Any

from stepwell_store.ledger import publishing, schedules
from stepwell_store.ledger.events import RunCreated, RunEnded, RunStarted, StepEnded, StepStarted
from stepwell_store.ledger.publishing import Published
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.ledger.schedules import Schedule
from stepwell_store.workspace import Workspace
from stepwell_tui.views.home import HomeView, Served, home_view

GRAPH = f"blake3:{0:064}"
"""Of an object that is not there."""


def begin(workspace: Workspace, number: int, pipeline: str, *, started: bool = True) -> str:
    run, at = f"run{number}", time.time() - 100 + number
    workspace.record(RunCreated(at=at, run=run, record=Run(
        number=number, id=run, experiment="e", pipeline=pipeline, status="Queued", graph=GRAPH, parameters={}, options={},
        created_at=at)))
    if started:
        workspace.record(RunStarted(at=at, run=run))
    return run


def step(workspace: Workspace, run: str, position: int, key: str, status: str | None = None) -> None:
    record = StepRun(id=f"{run}/{key}", run=run, position=position, step=key, name=key, kind="C", status="Running", attempt=1,
                     fingerprint="f", started_at=1.0)
    workspace.record(StepStarted(at=1.0, run=run, record=record))
    if status is not None:
        end: dict[str, Any] = {"status": status}
        workspace.record(StepEnded(at=2.0, run=run, step_run=f"{run}/{key}", duration_s=1.0, exit_code=1, error=None, **end))


def test_an_empty_workspace(bare: Workspace) -> None:
    assert home_view(bare, 10) == HomeView()


def test_what_goes_on_is_told_apart_from_what_ended(bare: Workspace) -> None:
    for number, pipeline in enumerate(("churn", "score", "churn", "churn"), 1):
        run = begin(bare, number, pipeline, started=number != 4)
        if number < 3:
            step(bare, run, 0, "clean", "Completed")
            step(bare, run, 1, "train", "Failed" if number == 2 else "Completed")
            bare.record(RunEnded(at=time.time(), run=run, status="Failed" if number == 2 else "Completed", error=None))
    step(bare, "run3", 0, "clean", "Completed")
    step(bare, "run3", 1, "train")
    step(bare, "run3", 2, "test")
    found = home_view(bare, 10)
    assert [(run.number, run.at) for run in found.going] == [("#4", "waits for room"), ("#3", "train, test")]
    assert [(run.number, run.status, run.at) for run in found.recent] == [("#2", "Failed", "train"), ("#1", "Completed", "")]
    assert found.total == 4
    assert dict(found.day) == {"Completed": 1, "Failed": 1, "Queued": 1, "Running": 1}
    assert found.success == 0.5
    assert [(habit.pipeline, habit.last) for habit in found.habits] == [
        ("churn", ("Completed", "Running", "Queued")), ("score", ("Failed",))]
    assert len(found.took) == 1


def test_endpoints_and_what_fires_next(bare: Workspace) -> None:
    published = Published(id="p", name="churn", graph="g", snapshots={}, files={}, environments=[], steps=1, created_at=1.0)
    publishing.add_published(bare.database, published)
    endpoint = publishing.create_endpoint(bare.database, "scoring", "p", None)
    now = time.time()
    for name, due in (("later", now + 1000), ("missed", now - 60), ("never", None)):
        schedules.add_schedule(bare.database, Schedule(
            id=name, name=name, experiment="e", trigger={}, parameters={}, state={"until": now, "due": due}, created_at=1.0, published="p"))
    found = home_view(bare, 10)
    assert found.endpoints == (Served("scoring", endpoint.default_version, "Active"),)
    assert [one.name for one in found.schedules] == ["missed", "later", "never"]
    seconds = [one.seconds for one in found.schedules]
    assert [None if one is None else one > 0 for one in seconds] == [False, True, None]
