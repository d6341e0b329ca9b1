"""The calls of MLflow's REST API that clients make while a script runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stepwell_runner.tracking import artifacts, logged
from stepwell_runner.tracking.book import EXPERIMENT, Book, TrackedRun
from stepwell_runner.tracking.errors import Refusal, missing
from stepwell_runner.tracking.registry import PLACE, Registry
from stepwell_runner.tracking.search import matching

if TYPE_CHECKING:
    from stepwell_runner.tracking.endpoint import Scope
    from stepwell_store.workspace import Workspace

Body = dict[str, Any]
Call = Callable[[Book, Body], Body]

_USER = "stepwell"


class Api:
    """What all steps of a run share: the books of their attempts, and the registry of models of the workspace."""

    def __init__(self, workspace: str) -> None:
        self._registry = Registry(workspace)
        self._books: dict[str, Book] = {}
        self._lock = threading.Lock()

    def book(self, scope: Scope) -> Book:
        """The book of an attempt."""
        with self._lock:
            if scope.reports not in self._books:
                self._books[scope.reports] = Book(scope, self._elsewhere)
            return self._books[scope.reports]

    def close(self) -> None:
        """Let the workspace go."""
        self._registry.close()

    def _elsewhere(self, number: str) -> str | None:
        """The folder of what clients ask for by an id that is none of their step's: a registered model, or another step's artifacts."""
        if number.startswith(PLACE):
            return self._registry.folder(number.removeprefix(PLACE))
        return artifacts_of(self._registry.workspace, number)

    def call(self, book: Book, method: str, path: str, body: Body) -> Body:
        """Answer one call; Refusal for what is not there or not right."""
        try:
            if path.startswith("logged-models"):
                return logged.call(book, method, path, body)
            if path.startswith(("registered-models", "model-versions")):
                return self._registry.call(book, method, path, body)
            found = _CALLS.get(path)
            if found is None:
                raise Refusal("ENDPOINT_NOT_FOUND", f"{path} is not served here", 404)
            return found(book, body)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise Refusal("INVALID_PARAMETER_VALUE", f"{path}: {type(problem).__name__}: {problem}") from None


def artifacts_of(workspace: Workspace, step_run: str) -> str | None:
    """The folder of the artifacts of a step of any run; None when there is no such step."""
    from stepwell_runner.execution.folders import attempt_folder
    from stepwell_store.ledger import history

    try:
        found = history.get_step(workspace.database, step_run)
    except IndexError:
        return None
    origin = history.get_step(workspace.database, found.reused_from) if found.reused_from else found
    return os.path.join(attempt_folder(workspace, origin.run, origin.step, origin.attempt), "artifacts")


# --- experiments: a step has one, whatever names a script gives it


def _experiment(book: Book, number: str) -> Body:
    return {"experiment": {"experiment_id": number, "name": book.experiments[number], "lifecycle_stage": "active",
                           "artifact_location": "mlflow-artifacts:/", "tags": []}}


def _experiment_of(book: Book, body: Body) -> Body:
    number = str(body["experiment_id"])
    if number not in book.experiments:
        raise missing("experiment", number)
    return _experiment(book, number)


def _experiment_named(book: Book, body: Body) -> Body:
    # A run cannot change its experiment, and `set_experiment` in a script must not keep it from joining the step's run.
    found = _experiment(book, EXPERIMENT)
    found["experiment"]["name"] = str(body["experiment_name"])
    return found


# --- runs


def _create_run(book: Book, body: Body) -> Body:
    return {"run": book.begin(body).message(_USER)}


def _get_run(book: Book, body: Body) -> Body:
    return {"run": book.run(body).message(_USER)}


def _update_run(book: Book, body: Body) -> Body:
    run = book.run(body)
    book.update(run, body)
    return {"run_info": run.message(_USER)["info"]}


def _search_runs(book: Book, body: Body) -> Body:
    with book.lock:
        runs = sorted(book.runs.values(), key=lambda run: run.start, reverse=True)
        found = [run.message(_USER) for run in runs if matching(run, str(body.get("filter") or ""))]
    return {"runs": found[: int(body.get("max_results") or 1000)]}


def _log_metric(book: Book, body: Body) -> Body:
    book.metric(book.run(body), body)
    return {}


def _log_parameter(book: Book, body: Body) -> Body:
    book.parameter(book.run(body), str(body["key"]), str(body["value"]))
    return {}


def _set_tag(book: Book, body: Body) -> Body:
    book.tag(book.run(body), str(body["key"]), str(body["value"]))
    return {}


def _delete_tag(book: Book, body: Body) -> Body:
    run = book.run(body)
    with book.lock:
        if run.tags.pop(str(body["key"]), None) is None:
            raise missing("tag", body["key"])
    return {}


def _log_batch(book: Book, body: Body) -> Body:
    run = book.run(body)
    for param in body.get("params") or []:
        book.parameter(run, str(param["key"]), str(param["value"]))
    for metric in body.get("metrics") or []:
        book.metric(run, metric)
    for tag in body.get("tags") or []:
        book.tag(run, str(tag["key"]), str(tag["value"]))
    return {}


def _log_inputs(book: Book, body: Body) -> Body:
    run = book.run(body)
    with book.lock:
        run.inputs += body.get("datasets") or []
    return {}


def _log_outputs(book: Book, body: Body) -> Body:
    run = book.run(body)
    with book.lock:
        run.outputs += body.get("models") or []
    return {}


def _nothing(book: Book, body: Body) -> Body:
    book.run(body)
    return {}


def _history(book: Book, body: Body) -> Body:
    run = book.run(body)
    with book.lock:
        return {"metrics": list(run.metrics.get(str(body.get("metric_key") or body.get("key")), []))}


def _histories(book: Book, body: Body) -> Body:
    wanted = body.get("run_id") or body.get("run_ids") or []
    runs: list[TrackedRun] = [book.run({"run_id": one}) for one in ([wanted] if isinstance(wanted, str) else wanted)]
    key = str(body["metric_key"])
    with book.lock:
        return {"metrics": [{**value, "run_id": run.run_id} for run in runs for value in run.metrics.get(key, [])]}


def _list_artifacts(book: Book, body: Body) -> Body:
    run = book.run(body)
    below = str(body.get("path") or "").strip("/")
    found = artifacts.listed(artifacts.inside(book.folder(run.run_id), below))
    for entry in found["files"]:
        entry["path"] = f"{below}/{entry['path']}" if below else entry["path"]
    return {"root_uri": f"mlflow-artifacts:/{run.run_id}/artifacts", **found}


_CALLS: dict[str, Call] = {
    "experiments/create": lambda _book, _body: {"experiment_id": EXPERIMENT},
    "experiments/get": _experiment_of,
    "experiments/get-by-name": _experiment_named,
    "experiments/search": lambda book, _body: {"experiments": [_experiment(book, one)["experiment"] for one in book.experiments]},
    "experiments/list": lambda book, _body: {"experiments": [_experiment(book, one)["experiment"] for one in book.experiments]},
    "experiments/set-experiment-tag": lambda _book, _body: {},
    "runs/create": _create_run,
    "runs/get": _get_run,
    "runs/update": _update_run,
    "runs/search": _search_runs,
    "runs/delete": _nothing,
    "runs/restore": _nothing,
    "runs/log-metric": _log_metric,
    "runs/log-parameter": _log_parameter,
    "runs/log-batch": _log_batch,
    "runs/log-inputs": _log_inputs,
    "runs/outputs": _log_outputs,
    "runs/log-model": _nothing,
    "runs/set-tag": _set_tag,
    "runs/delete-tag": _delete_tag,
    "metrics/get-history": _history,
    "metrics/get-history-bulk": _histories,
    "metrics/get-history-bulk-interval": _histories,
    "artifacts/list": _list_artifacts,
}

