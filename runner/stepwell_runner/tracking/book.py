"""The runs that the clients of one step know: the step's own, and those that a script begins in it, whose names stand before theirs.

What is written becomes lines of the step's file of reports, in the order in which it came; only when a line is written is a
client told so.
"""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stepwell_runner.tracking import artifacts
from stepwell_runner.tracking.errors import Refusal, missing

if TYPE_CHECKING:
    from stepwell_runner.tracking.endpoint import Scope

EXPERIMENT = "1"
PARAMETER = "params."
"""What stands before the name of an MLflow parameter where it is kept, among the properties of the step."""

_SCHEME = "mlflow-artifacts:/"
_OF_MLFLOW = "mlflow."
_LONGEST_LINE = 4 << 20


class TrackedRun:
    """One run as MLflow knows it. `prefix` stands before all names that it reports, `folder` before its artifacts."""

    def __init__(self, run_id: str, name: str, prefix: str, start: int) -> None:
        self.run_id = run_id
        self.name = name
        self.prefix = prefix
        self.status = "RUNNING"
        self.start = start
        self.end: int | None = None
        self.tags: dict[str, str] = {}
        self.params: dict[str, str] = {}
        self.metrics: dict[str, list[dict[str, Any]]] = {}
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def message(self, user: str) -> dict[str, Any]:
        """As the API shows it."""
        info: dict[str, Any] = {
            "run_id": self.run_id, "run_uuid": self.run_id, "run_name": self.name, "experiment_id": EXPERIMENT, "user_id": user,
            "status": self.status, "start_time": self.start, "artifact_uri": f"{_SCHEME}{self.run_id}/artifacts",
            "lifecycle_stage": "active"}
        if self.end is not None:
            info["end_time"] = self.end
        return {
            "info": info,
            "data": {
                "metrics": [_latest(values) for values in self.metrics.values()], "params": pairs(self.params), "tags": pairs(self.tags)},
            "inputs": {"dataset_inputs": self.inputs}, "outputs": {"model_outputs": self.outputs}}


def _latest(values: list[dict[str, Any]]) -> dict[str, Any]:
    return max(values, key=lambda value: (value["step"], value["timestamp"]))


def pairs(values: dict[str, str]) -> list[dict[str, str]]:
    """A dict as the API shows it."""
    return [{"key": key, "value": value} for key, value in values.items()]


class Book:
    """All runs of one attempt at a step. `elsewhere` gives the folder of what is none of its runs, if it knows one."""

    def __init__(self, scope: Scope, elsewhere: Callable[[str], str | None]) -> None:
        self.scope = scope
        self._elsewhere = elsewhere
        self.lock = threading.RLock()
        self.runs = {scope.step_run: TrackedRun(scope.step_run, scope.name, "", now())}
        self.folders: dict[str, str] = {}
        self.experiments: dict[str, str] = {EXPERIMENT: scope.experiment}
        self.models: dict[str, Any] = {}

    # --- finding

    def run(self, body: dict[str, Any]) -> TrackedRun:
        """The run that a request is about."""
        run_id = body.get("run_id") or body.get("run_uuid")
        with self.lock:
            found = self.runs.get(str(run_id))
        if found is None:
            raise missing("run", run_id)
        return found

    def begin(self, body: dict[str, Any]) -> TrackedRun:
        """A new run within the step."""
        tags = {str(tag["key"]): str(tag["value"]) for tag in body.get("tags") or []}
        name = str(body.get("run_name") or tags.get("mlflow.runName") or "") or f"run-{len(self.runs)}"
        with self.lock:
            taken = {run.prefix for run in self.runs.values()}
            base = parent.prefix if (parent := self.runs.get(tags.get("mlflow.parentRunId", ""))) else ""
            prefix, number = f"{base}{name}/", 1
            while prefix in taken:
                number += 1
                prefix = f"{base}{name}-{number}/"
            made = TrackedRun(os.urandom(16).hex(), name, prefix, int(body.get("start_time") or now()))
            self.runs[made.run_id] = made
        for key, value in tags.items():
            self.tag(made, key, value)
        return made

    def folder(self, run_id: str) -> str:
        """Where the artifacts of a run are, or of a model that was logged."""
        with self.lock:
            if run_id in self.folders:
                return self.folders[run_id]
            run = self.runs.get(run_id)
        if run is not None:
            return artifacts.inside(self.scope.artifacts, run.prefix)
        found = self._elsewhere(run_id)
        if found is None:
            raise missing("run", run_id)
        return found

    def place(self, path: str, to_write: bool = False) -> str:
        """The local place of a path as clients ask for it: `<run>/artifacts/...`."""
        run_id, _, rest = path.strip("/").partition("/")
        below = rest.removeprefix("artifacts").lstrip("/") if rest.split("/", 1)[0] == "artifacts" else rest
        if to_write and (not below or not self._is_own(run_id)):
            raise Refusal("INVALID_PARAMETER_VALUE", f"'{path}' is no path of an artifact")
        return artifacts.inside(self.folder(run_id), below)

    def _is_own(self, run_id: str) -> bool:
        with self.lock:
            return run_id in self.runs or run_id in self.folders

    # --- writing

    def metric(self, run: TrackedRun, said: dict[str, Any]) -> None:
        """One value of a metric, with `key`, `value`, `step` and `timestamp` in milliseconds.

        A client that logs a model says again, of the model, what it has said of the run.
        """
        key, number = str(said["key"]), number_of(said["value"])
        at, place = int(said.get("timestamp") or now()), int(said.get("step") or 0)
        value = {"key": key, "value": shown(number), "timestamp": at, "step": place}
        with self.lock:
            values = run.metrics.setdefault(key, [])
            if said.get("model_id") and value in values:
                return
            values.append(value)
            self._send({"kind": "metric", "scope": "step", "name": run.prefix + key, "type": "scalar", "value": value["value"],
                        "step": place, "description": None, "at": at / 1000})

    def parameter(self, run: TrackedRun, key: str, value: str) -> None:
        """A parameter, which never changes."""
        with self.lock:
            known = run.params.get(key)
            if known is not None and known != value:
                raise Refusal("INVALID_PARAMETER_VALUE", f"the parameter '{key}' is '{known}' and cannot become '{value}'")
            if known is None:
                run.params[key] = value
                self._send({"kind": "property", "scope": "step", "key": PARAMETER + run.prefix + key, "value": value})

    def tag(self, run: TrackedRun, key: str, value: str) -> None:
        """A tag. Those that MLflow's clients set for themselves are known here and told to nobody."""
        with self.lock:
            run.tags[key] = value
            if key == "mlflow.runName":
                run.name = value
            elif not key.startswith(_OF_MLFLOW):
                self._send({"kind": "tag", "scope": "step", "key": run.prefix + key, "value": value})

    def update(self, run: TrackedRun, body: dict[str, Any]) -> None:
        """Another status, end or name."""
        with self.lock:
            run.status = str(body.get("status") or run.status)
            run.end = int(body["end_time"]) if body.get("end_time") else run.end
            run.name = str(body.get("run_name") or run.name)

    def _send(self, report: dict[str, Any]) -> None:
        line = json.dumps(report).encode() + b"\n"
        if len(line) > _LONGEST_LINE:
            raise Refusal("INVALID_PARAMETER_VALUE", "the value is too long; log it as an artifact")
        descriptor = os.open(self.scope.reports, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.write(descriptor, line) < len(line):
                os.write(descriptor, b"\n")  # a full disk tore the line; the next one must start on its own
                raise OSError("the disk is full")
        finally:
            os.close(descriptor)


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def number_of(value: Any) -> float:
    """The number of a request: `NaN` and the infinities come as text."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Refusal("INVALID_PARAMETER_VALUE", f"the value of a metric must be a number, not {value!r}") from None


def shown(number: float) -> float | str:
    """A number as JSON takes it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
