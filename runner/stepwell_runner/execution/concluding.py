"""The end of a sweep: the outputs of its best trial become its own, and the metrics of all trials a file where that is wanted."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import msgspec

from stepwell_runner.execution.collect import OutputPlace, Roots, collect_outputs, prepare_places
from stepwell_runner.execution.sweeping import Entry
from stepwell_runner.graph.model import Step
from stepwell_runner.graph.sweep import Sweep
from stepwell_runner.sweep.told import as_json
from stepwell_store.ledger import history
from stepwell_store.ledger.records import OutputRecord, metric_value
from stepwell_store.workspace import Workspace


class SweepLog:
    """The log of a sweep, which has no process that would write one."""

    def __init__(self, path: str) -> None:
        self._path = path

    def say(self, line: str) -> None:
        """Append a line with the time."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, f"{time.strftime('%H:%M:%S')} {line}\n".encode("utf-8", "replace"))
        finally:
            os.close(descriptor)


def sweep_outputs(workspace: Workspace, step: Step, step_run: str, best: Entry, entries: Sequence[Entry], folder: str,
                  default_datastore: str, root_of: Roots) -> list[OutputRecord]:
    """The outputs of a sweep, durable when this returns.

    Those that may lie anywhere stay where the best trial left them; those with a place that the author named are copied there.
    """
    assert isinstance(step.work, Sweep)
    metrics = step.work.metrics_output
    made = {output.name: output for output in best.outputs}
    stay = [output.name for output in step.outputs if output.path is None and output.name != metrics]
    moved = msgspec.structs.replace(step, outputs=tuple(
        one for one in step.outputs if one.name == metrics or (one.path is not None and one.name in made)))
    places = prepare_places(moved, step_run, folder, default_datastore, root_of)
    for name, place in list(places.items()):
        if name == metrics:
            _write(place.written, _metrics(workspace, entries))
        else:
            origin = made[name]
            places[name] = _from(place, os.path.join(root_of(origin.datastore), origin.path))
    kept = [msgspec.structs.replace(made[name], step_run=step_run) for name in stay if name in made]
    return kept + collect_outputs(step_run, places)


def _from(place: OutputPlace, origin: str) -> OutputPlace:
    return msgspec.structs.replace(place, written=origin)


def _metrics(workspace: Workspace, entries: Sequence[Entry]) -> bytes:
    """The metrics of all trials as JSON: `{step run: {name: [value, ...]}}`."""
    found: dict[str, dict[str, list[object]]] = {}
    for entry in entries:
        logged = found[entry.step_run] = {}
        for metric in history.metrics_of(workspace.database, entry.made_by):
            value = metric_value(metric)
            logged.setdefault(metric.name, []).extend(value if metric.type == "list" else [value])
    return as_json(found).encode()


def _write(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
