"""A workspace that is the same on every machine and at every time: its history is written through the ledger, with fixed ids and times."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from gallery_project import BETTER, README, commit_all, write_project

from stepwell_runner.graph import model
from stepwell_runner.targets.kinds import KINDS
from stepwell_runner.verbs import logfiles
from stepwell_store import workspace as workspaces
from stepwell_store.content import snapshots
from stepwell_store.content.scan import scan
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.ledger import events, publishing
from stepwell_store.ledger.compute import ComputeTarget, put_target
from stepwell_store.ledger.publishing import Published
from stepwell_store.ledger.records import Metric, OutputRecord, Run, StepRun
from stepwell_store.workspace import Workspace

NOW = 1_790_000_000.0
"""The time at which it is looked at, seconds since 1970."""
ENDPOINT = "0000000e-0000-4000-9000-000000000000"
STEPS = {"ingest": (), "clean": ("ingest",), "features": ("clean",), "train-linear": ("features",), "train-boosted": ("features",),
         "evaluate": ("train-linear", "train-boosted")}
_TOOK = {"ingest": 4.0, "clean": 2.0, "features": 31.0, "train-linear": 52.0, "train-boosted": 131.0, "evaluate": 12.0}
_BEGAN = {"ingest": 0.0, "clean": 4.0, "features": 6.0, "train-linear": 37.0, "train-boosted": 37.0, "evaluate": 168.0}


class Past(msgspec.Struct, frozen=True):
    """What a run of the history ran: a pipeline, its graph's digest, the snapshot of its training steps, and the commit."""

    pipeline: str
    graph: str
    snapshot: str
    git: dict[str, Any]


def make(base: Path) -> Path:
    """Make it; the folder of the project."""
    write_project(base)
    clean = {"branch": "main", "commit": commit_all(base, NOW - 90_000), "dirty": False}
    workspace = workspaces.open_workspace(workspaces.create(base))
    old, other = _past(workspace, base, "churn-train", clean), _past(workspace, base, "score-daily", clean)
    (base / "train" / "train.py").write_text(BETTER)
    (base / "README.md").write_text(README + "\nRun it with `stepwell run churn.py`.\n")
    (base / "notes.txt").write_text("sixty epochs are enough\n")
    new = _past(workspace, base, "churn-train", {**clean, "dirty": True})
    _completed(workspace, 1, old, NOW - 7200)
    _reused(workspace, 2, old, NOW - 3600)
    _completed(workspace, 3, other, NOW - 1800)
    _failed(workspace, 4, new, NOW - 900)
    _running(workspace, 5, new, NOW - 100)
    _data(workspace)
    _environment(workspace)
    _publish(workspace, old, other)
    for kind in KINDS:  # else as many steps run at once as the machine has processors
        put_target(workspace.database, ComputeTarget(name=kind, kind=kind, max_steps=2))
    workspace.close()
    return base


def make_new(base: Path) -> Path:
    """A project in which nothing was done yet; its folder."""
    base.mkdir()
    workspaces.create(base)
    return base


def _past(workspace: Workspace, base: Path, pipeline: str, git: dict[str, Any]) -> Past:
    graph = workspace.objects.put_bytes(model.encode(_graph(pipeline)))
    kept = snapshots.store(scan(base / "train", workspace.cache), workspace.objects)
    return Past(pipeline, graph, kept.digest, git)


def _graph(name: str) -> model.Graph:
    command = (model.Text("true"),)
    steps = tuple(model.Step(key=key, name=key, kind="CommandStep", after=after, command=command) for key, after in STEPS.items())
    rate = model.Parameter(name="rate", type="number", default=0.1, minimum=0, description="how fast the model learns")
    kind = model.Parameter(name="kind", type="string", default="boosted", choices=("linear", "boosted"))
    return model.Graph(name=name, steps=steps, parameters=(rate, kind))


def _begin(workspace: Workspace, number: int, past: Past, at: float) -> Iterator[events.AnyEvent]:
    run = _run(number)
    source = str(workspace.base / "churn.py") if past.pipeline == "churn-train" else None
    record = Run(number=number, id=run, experiment="churn", pipeline=past.pipeline, status="Queued", graph=past.graph,
                 parameters={"rate": number / 10}, options={}, created_at=at, git=past.git, source=source)
    yield events.RunCreated(at=at, run=run, record=record)
    yield events.RunStarted(at=at, run=run)


def _step(workspace: Workspace, number: int, past: Past, key: str, at: float, *, log: str | None = None) -> Iterator[events.AnyEvent]:
    run, place = _run(number), list(STEPS).index(key)
    record = StepRun(id=_step_run(number, key), run=run, position=place, step=key, name=key, kind="CommandStep", status="Running",
                     attempt=1, fingerprint=f"{number}{place}", ingredients={"parameter/rate": f"{number / 10}"},
                     reasons=[{"type": "never_ran"}], started_at=at + _BEGAN[key],
                     snapshot=past.snapshot if key.startswith("train") else None)
    path = Path(logfiles.log_of(workspace, record))
    path.parent.mkdir(parents=True)
    path.write_text(log if log is not None else f"INFO {key} has begun\nINFO {key} is done\n")
    yield events.StepStarted(at=at + _BEGAN[key], run=run, record=record)


def _end(number: int, key: str, at: float, *, failed: bool = False) -> events.AnyEvent:
    took = _TOOK[key]
    return events.StepEnded(at=at + _BEGAN[key] + took, run=_run(number), step_run=_step_run(number, key), duration_s=took,
                            status="Failed" if failed else "Completed", exit_code=1 if failed else 0,
                            error="exit code 1" if failed else None, outputs=[] if failed else [_output(number, key)])


def _output(number: int, key: str) -> OutputRecord:
    owner = _step_run(number, key)
    return OutputRecord(step_run=owner, name=key, kind="folder", datastore="workspaceblobstore", path=f"azureml/{owner}/{key}",
                        digest=f"blake3:{number:064x}", seal="", size=48_211 * number, files=3)


def _measured(number: int, key: str, at: float, epochs: int) -> events.AnyEvent:
    owner, curves = _step_run(number, key), {"loss": lambda at: math.exp(-at / 14), "accuracy": lambda at: 0.97 - 0.4 * math.exp(-at / 9)}
    metrics = [Metric(owner=owner, name=name, type="scalar", value=f"{round(curve(epoch), 4)}", step=None, at=at + epoch)
               for name, curve in curves.items() for epoch in range(epochs)]
    return events.MetricsLogged(at=at, run=_run(number), metrics=metrics)


def _completed(workspace: Workspace, number: int, past: Past, at: float) -> None:
    happened = [*_begin(workspace, number, past, at)]
    for key in STEPS:
        happened += [*_step(workspace, number, past, key, at), _end(number, key, at)]
    happened += [_measured(number, "train-linear", at, 40), events.RunEnded(at=at + 180, run=_run(number), status="Completed")]
    workspace.record_all(happened)


def _reused(workspace: Workspace, number: int, past: Past, at: float) -> None:
    steps = [events.Reused(_step_run(number, key), place, key, key, "CommandStep", "local", _step_run(1, key), f"1{place}")
             for place, key in enumerate(STEPS)]
    workspace.record_all([*_begin(workspace, number, past, at), events.StepsReused(at=at, run=_run(number), steps=steps),
                          events.RunEnded(at=at + 1, run=_run(number), status="Completed")])


def _failed(workspace: Workspace, number: int, past: Past, at: float) -> None:
    happened = [*_begin(workspace, number, past, at)]
    log = ("INFO reading 401 rows\nWARNING column age has 3 empty cells\n"
           "Traceback (most recent call last):\nValueError: no rows to compare\n")
    for key in STEPS:
        failed = key == "evaluate"
        happened += [*_step(workspace, number, past, key, at, log=log if failed else None), _end(number, key, at, failed=failed)]
    workspace.record_all([*happened, events.RunEnded(at=at + 180, run=_run(number), status="Failed", error="evaluate failed")])


def _running(workspace: Workspace, number: int, past: Past, at: float) -> None:
    happened = [*_begin(workspace, number, past, at)]
    for key in ("ingest", "clean", "features"):
        happened += [*_step(workspace, number, past, key, at), _end(number, key, at)]
    log = "".join(f"INFO epoch={epoch:02} loss={math.exp(-epoch / 14):.4f}\n" for epoch in range(40))
    for key in ("train-linear", "train-boosted"):
        happened += _step(workspace, number, past, key, at, log=log)
    workspace.record_all([*happened, _measured(number, "train-linear", at, 30)])


def _data(workspace: Workspace) -> None:
    folder = workspace.root / "datastores" / "workspaceblobstore" / "raw"
    for name, text in (("customers.csv", "name,tenure,churned\nAda,12,false\nBob,3,true\n"), ("2026/01.csv", "name\nAda\n"),
                       ("2026/02.csv", "name\nBob\nEve\n"), ("README.txt", "Exported every night.\n")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        os.utime(folder / name, (NOW - 50_000, NOW - 50_000))
    table = DatasetDefinition(kind="tabular", format="delimited", places=(DatastorePath("workspaceblobstore", "raw/customers.csv"),))
    workspace.register_dataset("customers", table, description="who left, and who stayed")
    months = DatasetDefinition(kind="file", places=(DatastorePath("workspaceblobstore", "raw/2026/*.csv"),))
    workspace.register_dataset("months", months, description="one file for each month")


def _environment(workspace: Workspace) -> None:
    """One that looks as if uv had made it."""
    folder = workspace.envs / "b7d5c1a09f3e48d26a71"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_text("")
    (folder / "pyvenv.cfg").write_text("version = 3.11.7\n")
    (folder / "requirements.txt").write_text("pandas==2.2.3\nscikit-learn==1.6.1\n")
    (folder / "weights.bin").write_bytes(bytes(2_400_000))
    os.utime(folder, (NOW - 80_000, NOW - 80_000))


def _publish(workspace: Workspace, *pasts: Past) -> None:
    for number, past in enumerate((*pasts, pasts[0]), 1):
        publishing.add_published(workspace.database, Published(
            id=_published(number), name=past.pipeline, graph=past.graph, snapshots={}, files={}, environments=[],
            steps=len(STEPS), created_at=NOW - 86_400 * (4 - number), version=f"{number // 3 + 1}", description="who is about to leave",
            source_run=_run(number)))
    endpoint = publishing.create_endpoint(workspace.database, "churn", _published(1), "the one to call")
    publishing.add_version(workspace.database, endpoint, _published(3), default=True)
    publishing.set_published_status(workspace.database, _published(2), "Disabled")
    with workspace.database.write() as connection:  # an id of its own is another one every time
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("UPDATE endpoints SET id = ?", (ENDPOINT,))
        connection.execute("UPDATE endpoint_versions SET endpoint = ?", (ENDPOINT,))


def _run(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def _published(number: int) -> str:
    return f"{number:08x}-0000-4000-9000-000000000000"


def _step_run(number: int, key: str) -> str:
    return f"{number:08x}-0000-4000-8000-{list(STEPS).index(key) + 1:012x}"
