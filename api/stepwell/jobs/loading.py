"""From the YAML file of a job, mostly a pipeline, to the graph."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from stepwell.jobs.checking import as_truth, check
from stepwell.jobs.context import Context
from stepwell.jobs.document import Node, read
from stepwell.jobs.exported_words import name_of
from stepwell.jobs.findings import Findings
from stepwell.jobs.flatten import flatten
from stepwell.jobs.job import job_pipe
from stepwell.jobs.kinds import PIPELINE, job_kind
from stepwell.jobs.onejob import as_pipeline, typed
from stepwell.jobs.settings import edited
from stepwell_runner.graph.counting import counted
from stepwell_runner.graph.model import Fact, Graph, Text

_COMMON_NAMES = frozenset({"pipeline", "pipelines", "main", "job", "pipeline_job"})

VARIABLES: tuple[tuple[str, Text | Fact], ...] = (
    ("AZUREML_RUN_ID", Fact("step_run")),
    ("AZUREML_ROOT_RUN_ID", Fact("run")),
    ("AZUREML_ARM_WORKSPACE_NAME", Fact("workspace")),
    ("AZUREML_ARM_PROJECT_NAME", Fact("experiment")),
    ("AZUREML_EXPERIMENT_NAME", Fact("experiment")),
    ("AZUREML_ARM_SUBSCRIPTION", Text("00000000-0000-0000-0000-000000000000")),
    ("AZUREML_ARM_RESOURCEGROUP", Text("stepwell")),
)


class Loaded(msgspec.Struct, frozen=True):
    """A graph, and what a person should know about how it came to be."""

    graph: Graph
    notices: tuple[str, ...]


def load_job(
    path: str, workspace_root: Path | None = None, *, edits: Sequence[str] = (), lax: bool = False, target: str | None = None
) -> Loaded:
    """The graph of a pipeline file. `edits` are `a.b=value`, as `az ml job create --set` takes them.

    UsageError tells all mistakes of the file, each with its line and column; with `lax` those that Azure's client lets pass are notices.
    """
    findings = Findings(lax)
    document = edited(read(path, findings), edits)
    kind = job_kind(document, path)
    if kind == PIPELINE:
        check(document, "pipeline job", findings)
    else:
        document = typed(document, kind)
        check(document, "job", findings)
    findings.settle()
    if kind != PIPELINE:
        document = as_pipeline(document, name_of(_file_name(path)))
    context = Context(path, findings, workspace_root, target)
    try:
        return _compiled(document, path, context)
    finally:
        context.close()


def _compiled(document: Node, path: str, context: Context) -> Loaded:
    findings = context.findings
    pipe, parameters = job_pipe(document, context)
    findings.settle()
    steps, outputs = flatten(pipe, document)
    findings.settle()
    settings = document.get("settings")
    on_failure = settings.get("continue_on_step_failure") if settings is not None else None
    graph = Graph(
        name=_name(document, path),
        steps=steps,
        parameters=parameters(),
        outputs=outputs,
        description=document.text("description"),
        base=os.path.dirname(path),
        variables=VARIABLES,
        continue_on_failure=on_failure is None or as_truth(on_failure.value),
        experiment=document.text("experiment_name"),
        tags=_labels(document.get("tags")),
        files=context.files(),
    )
    findings.settle()
    return Loaded(counted(graph, context.project.counting), tuple(f"{one.what} ({one.where})" for one in findings.notices))


def _name(document: Node, path: str) -> str:
    return document.text("display_name") or document.text("name") or _file_name(path)


def _file_name(path: str) -> str:
    """What a file calls its pipeline: its own name, or its folder's where that says nothing."""
    folder, file = os.path.split(path)
    stem = os.path.splitext(file)[0]
    return os.path.basename(folder) or stem if stem in _COMMON_NAMES else stem


def _labels(node: Node | None) -> dict[str, str]:
    return {name: "" if value.value is None else str(value.value) for name, value in node.items()} if node is not None else {}
