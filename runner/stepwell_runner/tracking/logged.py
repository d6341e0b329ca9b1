"""Models that a client of MLflow 3 logs: things of their own, whose files lie among the artifacts of the step under the model's name."""

from __future__ import annotations

import os
from typing import Any

from stepwell_runner.tracking.book import EXPERIMENT, Book, now, pairs
from stepwell_runner.tracking.errors import Refusal, missing

Body = dict[str, Any]


def call(book: Book, method: str, path: str, body: Body) -> Body:
    """Answer a call below `logged-models`."""
    _, *rest = path.split("/")
    if not rest:
        return _create(book, body)
    if rest == ["search"]:
        with book.lock:
            return {"models": [_message(book, one) for one in book.models.values()]}
    model = _found(book, rest[0])
    match method, rest[1:]:
        case "GET", []:
            return {"model": _message(book, model)}
        case "PATCH", []:
            model["status"], model["updated"] = body.get("status", "LOGGED_MODEL_READY"), now()
            return {"model": _message(book, model)}
        case "DELETE", []:
            return {}
        case "POST", ["params"]:
            model["params"].update((str(one["key"]), str(one["value"])) for one in body.get("params") or [])
            return {}
        case "PATCH", ["tags"]:
            model["tags"].update((str(one["key"]), str(one["value"])) for one in body.get("tags") or [])
            return {"model": _message(book, model)}
        case "DELETE", ["tags", key]:
            model["tags"].pop(key, None)
            return {}
        case "GET", ["artifacts", "directories"]:
            return _list(book, model, str(body.get("artifact_directory_path") or "").strip("/"))
    raise Refusal("ENDPOINT_NOT_FOUND", f"{path} is not served here", 404)


def _create(book: Book, body: Body) -> Body:
    name = str(body.get("name") or "model").replace("/", "_")
    number = "m-" + os.urandom(16).hex()
    with book.lock:
        run = book.runs.get(str(body.get("source_run_id"))) or book.runs[book.scope.step_run]
        folder = os.path.join(book.folder(run.run_id), name)
        taken = set(book.folders.values())
        place, count = folder, 1
        while place in taken:
            count += 1
            place = f"{folder}-{count}"
        book.folders[number] = place
        book.models[number] = model = {
            "id": number, "name": name, "type": body.get("model_type"), "run": run.run_id, "status": "LOGGED_MODEL_PENDING",
            "created": now(), "updated": now(), "tags": {str(one["key"]): str(one["value"]) for one in body.get("tags") or []},
            "params": {str(one["key"]): str(one["value"]) for one in body.get("params") or []}}
        return {"model": _message(book, model)}


def _found(book: Book, number: str) -> Body:
    with book.lock:
        model: Body | None = book.models.get(number)
    if model is None:
        raise missing("logged model", number)
    return model


def _message(book: Book, model: Body) -> Body:
    metrics = [
        {**values[-1], "model_id": model["id"], "run_id": model["run"]} for values in book.runs[model["run"]].metrics.values()
    ]
    info = {
        "model_id": model["id"], "experiment_id": EXPERIMENT, "name": model["name"], "creation_timestamp_ms": model["created"],
        "last_updated_timestamp_ms": model["updated"], "artifact_uri": f"mlflow-artifacts:/{model['id']}/artifacts",
        "status": model["status"], "source_run_id": model["run"], "tags": pairs(model["tags"])}
    if model["type"]:
        info["model_type"] = model["type"]
    return {"info": info, "data": {"params": pairs(model["params"]), "metrics": metrics}}


def _list(book: Book, model: Body, below: str) -> Body:
    from stepwell_runner.tracking import artifacts

    found = artifacts.listed(artifacts.inside(book.folder(model["id"]), below))
    for entry in found["files"]:
        entry["path"] = f"{below}/{entry['path']}" if below else entry["path"]
    return {"root_uri": f"mlflow-artifacts:/{model['id']}/artifacts", **found}
