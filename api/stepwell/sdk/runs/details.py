"""`get_details()` under the keys that v1 documents."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from stepwell.sdk.runs.status import run_word
from stepwell_runner.graph.model import FromData, FromParameter, Step, Text
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.ledger.records import OutputRecord, Run, StepRun
from stepwell_store.workspace import Workspace

Children = Sequence[tuple[str, str, str]]


def details(workspace: Workspace, record: Run | StepRun, properties: dict[str, str], log_files: dict[str, str]) -> dict[str, Any]:
    """What is said of every run. `log_files` are paths by name."""
    found: dict[str, Any] = {
        "runId": record.id,
        "target": record.target if isinstance(record, StepRun) else "local",
        "status": run_word(record.status),
        "startTimeUtc": utc(record.started_at),
        "endTimeUtc": utc(record.ended_at),
        "services": {},
        "properties": properties,
        "inputDatasets": [],
        "outputDatasets": [],
        "runDefinition": {},
        "logFiles": log_files,
        "submittedBy": _owner(workspace),
    }
    return found if record.error is None else {**found, "error": error(record.error)}


def error(message: str, children: Children = ()) -> dict[str, Any]:
    """An error as v1 nests it; `children` are (step run id, step, message) of the steps that failed."""
    inner = [{"code": "UserError", "message": said, "target": step, "runId": run} for run, step, said in children]
    return {"error": {"code": "UserError", "message": message, "details": inner}}


def utc(at: float | None) -> str | None:
    """A moment, in seconds since 1970, as ISO 8601 text."""
    from datetime import datetime

    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _owner(workspace: Workspace) -> str:
    import pwd

    number = os.stat(workspace.root).st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def definition(step: Step) -> dict[str, Any]:
    """What was run, briefly."""
    return {"script": step.script, "target": step.target, "sourceDirectory": step.source.path if step.source else None}


def arguments(record: StepRun) -> dict[str, Any]:
    """What the script was given: text as it is, references by their kind and name. For a trial of a search its values are among them."""
    import msgspec

    from stepwell_runner.graph.model import Token
    from stepwell_runner.planning.fingerprint import readable

    tokens = msgspec.json.decode(record.ingredients.get("command", "[]"), type=tuple[Token, ...])
    begin = 3 if tokens[1:2] == (Text("-m"),) else 2
    return {"arguments": [token.text if isinstance(token, Text) else readable((token,)) for token in tokens[begin:]]}


def inputs_of(step: Step, parameters: dict[str, Any]) -> dict[str, DatasetDefinition]:
    """The data that a step read and that no other step made, by input."""
    import msgspec

    found: dict[str, DatasetDefinition] = {}
    for one in step.inputs:
        if isinstance(one.binding, FromData):
            found[one.name] = one.binding.data
        elif isinstance(one.binding, FromParameter) and isinstance(parameters.get(one.binding.parameter), dict):
            found[one.name] = msgspec.convert(parameters[one.binding.parameter], DatasetDefinition)
    return found


def output_of(record: OutputRecord) -> DatasetDefinition:
    """What a step left, as files."""
    return DatasetDefinition(kind="file", places=(DatastorePath(record.datastore, record.path),))


def git_properties(facts: dict[str, Any] | None) -> dict[str, str]:
    """Git facts of a run under v1's names."""
    if not facts:
        return {}
    known = {"repository_uri": facts.get("repository"), "branch": facts.get("branch"), "commit": facts.get("commit")}
    found = {f"azureml.git.{name}": str(value) for name, value in known.items() if value}
    mirrors = {"repoURL": "repository_uri", "branch": "branch", "commit": "commit"}
    found |= {f"mlflow.source.git.{mine}": found[f"azureml.git.{name}"] for mine, name in mirrors.items() if f"azureml.git.{name}" in found}
    return {**found, "azureml.git.dirty": str(bool(facts.get("dirty")))}
