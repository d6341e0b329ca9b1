"""A workspace that is the same on every machine and at every time: its history is written through the ledger, with fixed ids and times."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from stepwell_runner.graph import model
from stepwell_runner.verbs import logfiles
from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.ledger import events
from stepwell_store.ledger.records import Metric, Run, StepRun
from stepwell_store.workspace import Workspace

NOW = 1_790_000_000.0
"""The time at which it is looked at, seconds since 1970."""
STEPS = {"ingest": (), "clean": ("ingest",), "features": ("clean",), "train-linear": ("features",), "train-boosted": ("features",),
         "evaluate": ("train-linear", "train-boosted")}
_GIT = {"branch": "main", "commit": "3f2c9a1" + "0" * 33, "dirty": False}
_TOOK = {"ingest": 4.0, "clean": 2.0, "features": 31.0, "train-linear": 52.0, "train-boosted": 131.0, "evaluate": 12.0}
_BEGAN = {"ingest": 0.0, "clean": 4.0, "features": 6.0, "train-linear": 37.0, "train-boosted": 37.0, "evaluate": 168.0}


def make(base: Path) -> Path:
    """Make it; the folder of the project."""
    base.mkdir()
    workspace = workspaces.open_workspace(workspaces.create(base))
    graph = workspace.objects.put_bytes(model.encode(_graph("churn-train")))
    other = workspace.objects.put_bytes(model.encode(_graph("score-daily")))
    _completed(workspace, 1, "churn-train", graph, NOW - 7200)
    _reused(workspace, 2, "churn-train", graph, NOW - 3600)
    _completed(workspace, 3, "score-daily", other, NOW - 1800)
    _failed(workspace, 4, "churn-train", graph, NOW - 900)
    _running(workspace, 5, "churn-train", graph, NOW - 100)
    _data(workspace)
    workspace.close()
    return base


def _graph(name: str) -> model.Graph:
    command = (model.Text("true"),)
    steps = tuple(model.Step(key=key, name=key, kind="CommandStep", after=after, command=command) for key, after in STEPS.items())
    return model.Graph(name=name, steps=steps, parameters=(model.Parameter(name="rate", type="number", default=0.1),))


def _begin(number: int, pipeline: str, graph: str, at: float) -> Iterator[events.AnyEvent]:
    run = _run(number)
    record = Run(number=number, id=run, experiment="churn", pipeline=pipeline, status="Queued", graph=graph,
                 parameters={"rate": number / 10}, options={}, created_at=at, git=_GIT)
    yield events.RunCreated(at=at, run=run, record=record)
    yield events.RunStarted(at=at, run=run)


def _step(workspace: Workspace, number: int, key: str, at: float, *, log: str | None = None) -> Iterator[events.AnyEvent]:
    run, place = _run(number), list(STEPS).index(key)
    record = StepRun(id=_step_run(number, key), run=run, position=place, step=key, name=key, kind="CommandStep", status="Running",
                     attempt=1, fingerprint=f"{number}{place}", ingredients={"parameter/rate": f"{number / 10}"},
                     reasons=[{"type": "never_ran"}], started_at=at + _BEGAN[key])
    path = Path(logfiles.log_of(workspace, record))
    path.parent.mkdir(parents=True)
    path.write_text(log if log is not None else f"INFO {key} has begun\nINFO {key} is done\n")
    yield events.StepStarted(at=at + _BEGAN[key], run=run, record=record)


def _end(number: int, key: str, at: float, *, failed: bool = False) -> events.AnyEvent:
    took = _TOOK[key]
    return events.StepEnded(at=at + _BEGAN[key] + took, run=_run(number), step_run=_step_run(number, key), duration_s=took,
                            status="Failed" if failed else "Completed", exit_code=1 if failed else 0,
                            error="exit code 1" if failed else None)


def _measured(number: int, key: str, at: float, epochs: int) -> events.AnyEvent:
    owner, curves = _step_run(number, key), {"loss": lambda at: math.exp(-at / 14), "accuracy": lambda at: 0.97 - 0.4 * math.exp(-at / 9)}
    metrics = [Metric(owner=owner, name=name, type="scalar", value=f"{round(curve(epoch), 4)}", step=None, at=at + epoch)
               for name, curve in curves.items() for epoch in range(epochs)]
    return events.MetricsLogged(at=at, run=_run(number), metrics=metrics)


def _completed(workspace: Workspace, number: int, pipeline: str, graph: str, at: float) -> None:
    happened = [*_begin(number, pipeline, graph, at)]
    for key in STEPS:
        happened += [*_step(workspace, number, key, at), _end(number, key, at)]
    happened += [_measured(number, "train-linear", at, 40), events.RunEnded(at=at + 180, run=_run(number), status="Completed")]
    workspace.record_all(happened)


def _reused(workspace: Workspace, number: int, pipeline: str, graph: str, at: float) -> None:
    steps = [events.Reused(_step_run(number, key), place, key, key, "CommandStep", "local", _step_run(1, key), f"1{place}")
             for place, key in enumerate(STEPS)]
    workspace.record_all([*_begin(number, pipeline, graph, at), events.StepsReused(at=at, run=_run(number), steps=steps),
                          events.RunEnded(at=at + 1, run=_run(number), status="Completed")])


def _failed(workspace: Workspace, number: int, pipeline: str, graph: str, at: float) -> None:
    happened = [*_begin(number, pipeline, graph, at)]
    log = ("INFO reading 401 rows\nWARNING column age has 3 empty cells\n"
           "Traceback (most recent call last):\nValueError: no rows to compare\n")
    for key in STEPS:
        failed = key == "evaluate"
        happened += [*_step(workspace, number, key, at, log=log if failed else None), _end(number, key, at, failed=failed)]
    workspace.record_all([*happened, events.RunEnded(at=at + 180, run=_run(number), status="Failed", error="evaluate failed")])


def _running(workspace: Workspace, number: int, pipeline: str, graph: str, at: float) -> None:
    happened = [*_begin(number, pipeline, graph, at)]
    for key in ("ingest", "clean", "features"):
        happened += [*_step(workspace, number, key, at), _end(number, key, at)]
    log = "".join(f"INFO epoch={epoch:02} loss={math.exp(-epoch / 14):.4f}\n" for epoch in range(40))
    for key in ("train-linear", "train-boosted"):
        happened += _step(workspace, number, key, at, log=log)
    workspace.record_all([*happened, _measured(number, "train-linear", at, 30)])


def _data(workspace: Workspace) -> None:
    folder = workspace.root / "datastores" / "workspaceblobstore" / "raw"
    folder.mkdir(parents=True)
    (folder / "customers.csv").write_text("name,tenure,churned\nAda,12,false\nBob,3,true\n")
    table = DatasetDefinition(kind="tabular", format="delimited", places=(DatastorePath("workspaceblobstore", "raw/customers.csv"),))
    workspace.register_dataset("customers", table, description="who left, and who stayed")


def _run(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def _step_run(number: int, key: str) -> str:
    return f"{number:08x}-0000-4000-8000-{list(STEPS).index(key) + 1:012x}"
