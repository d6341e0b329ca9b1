"""A long history for a workspace, written through the ledger: the rows that real runs leave, without running anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stepwell_store import workspace as workspaces
from stepwell_store.ledger import events
from stepwell_store.ledger.records import OutputRecord, Run, StepRun

_BATCH = 500
_FIRST = 1_700_000_000.0
_PIPELINES = 5


def fill(base: Path, runs: int) -> None:
    """Add `runs` finished runs of 3 to 20 steps; each pipeline's first run made everything, later ones reused all but two steps."""
    workspace = workspaces.require(base)
    for begin in range(0, runs, _BATCH):
        workspace.record_all([event for number in range(begin, min(begin + _BATCH, runs)) for event in _run(number)])
    workspace.close()


def _run(number: int) -> Iterator[events.AnyEvent]:
    run, at, count = f"{number:032x}", _FIRST + 60 * number, 3 + number * 7 % 18
    pipeline = f"pipeline{number % _PIPELINES}"
    yield events.RunCreated(at=at, run=run, record=Run(
        number=number + 1, id=run, experiment=pipeline, pipeline=pipeline, status="Queued", graph=_digest(number % _PIPELINES),
        parameters={"c": number}, options={}, created_at=at))
    yield events.RunStarted(at=at, run=run)
    fresh = count if number < _PIPELINES else 2
    yield events.StepsReused(at=at, run=run, steps=[
        events.Reused(_step_id(number, position), position, f"s{position}", f"s{position}", "PythonScriptStep", "local",
                      _step_id(number % _PIPELINES, position), _digest(position)) for position in range(count - fresh)])
    for position in range(count - fresh, count):
        yield from _step(number, position, at + position)
    yield events.RunEnded(at=at + count, run=run, status="Completed" if number % 10 else "Failed")


def _step(number: int, position: int, at: float) -> Iterator[events.AnyEvent]:
    run, step_run = f"{number:032x}", _step_id(number, position)
    parts = {name: _digest(position) for name in ("source", "environment", "command", "input:seed")}
    yield events.StepStarted(at=at, run=run, record=StepRun(
        id=step_run, run=run, position=position, step=f"s{position}", name=f"s{position}", kind="PythonScriptStep", status="Running",
        attempt=1, fingerprint=_digest(number * 100 + position), ingredients=parts, reasons=[{"type": "never_ran"}],
        snapshot=_digest(position), started_at=at))
    output = OutputRecord(step_run=step_run, name="out", kind="file", datastore="workspaceblobstore", path=f"azureml/{step_run}/out",
                          digest=_digest(number), seal=_digest(number + 1), size=1000, files=1)
    yield events.StepEnded(at=at + 1, run=run, step_run=step_run, status="Completed", duration_s=1.0, exit_code=0, outputs=[output])


def _step_id(number: int, position: int) -> str:
    return f"{number * 100 + position:032x}"


def _digest(number: int) -> str:
    return f"blake3:{number:064x}"
