"""Submits pipelines: a detached runner takes over, and the driver may end."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.labels import as_words
from stepwell.sdk.pipeline import Pipeline
from stepwell.sdk.runs.pipeline_run import PipelineRun
from stepwell_runner.verbs.detach import start
from stepwell_runner.verbs.submit import Submission
from stepwell_store.data.definition import DatasetDefinition

if TYPE_CHECKING:
    from stepwell.sdk.experiment import Experiment
    from stepwell_runner.graph.model import Graph, Scalar

_LOADED = "__stepwell__"
"""Name of the module that a pipeline file is while `stepwell run` reads it."""

_WITHOUT_MEANING = {"parent_run_id", "credential_passthrough", "enable_email_notification", "pipeline_version"}

_PLAIN: tuple[type[Scalar], ...] = (bool, int, float, str)


def submit(
    experiment: Experiment, pipeline: Any, *, parameters: Mapping[str, Any], tags: dict[str, Any], continue_on_failure: bool, force: bool,
    others: Mapping[str, Any]
) -> Any:
    """Start a run of a pipeline, of a script or an estimator, of a published pipeline or of one behind an endpoint.

    `others` may name a `pipeline_version`.

    UserErrorException when it cannot be submitted from here, UsageError when it cannot begin."""
    called = getattr(pipeline, "called", None)
    if called is not None:
        from stepwell.sdk.calling import submit_called

        return submit_called(experiment, called(others.get("pipeline_version")), parameters=parameters, tags=tags,
                             continue_on_failure=continue_on_failure or None, force=force)
    if _LOADED in sys.modules:
        raise UserErrorException(
            "this file submits its pipeline by itself, while `stepwell run` only reads it",
            todo='Put the call below `if __name__ == "__main__":`, or run the file with `stepwell exec`.',
        )
    if hasattr(pipeline, "hyperparameter_sampling"):
        from stepwell.sdk.submitting_scripts import submit_search

        return submit_search(experiment, pipeline, tags)
    if hasattr(pipeline, "run_config"):
        from stepwell.sdk.submitting_scripts import submit_script

        return submit_script(experiment, pipeline, tags)
    if hasattr(pipeline, "submit_run"):
        return pipeline.submit_run()
    if not isinstance(pipeline, Pipeline):
        raise UserErrorException(
            f"a {type(pipeline).__name__} cannot be submitted",
            todo="Submit a Pipeline, a published one, an endpoint, a draft, a ScriptRunConfig, an estimator or a HyperDriveConfig.",
        )
    return submit_graph(experiment, pipeline.graph, pipeline.name or experiment.name, source=main_file(),
                        parameters={name: plain_value(name, value) for name, value in parameters.items()}, tags=as_words(tags),
                        continue_on_failure=continue_on_failure, force=force)  # fmt: skip


def submit_graph(
    experiment: Experiment, graph: Graph, name: str, *, source: str | None, parameters: Mapping[str, Scalar | DatasetDefinition],
    tags: dict[str, str], continue_on_failure: bool = False, force: bool = False, properties: dict[str, str] | None = None,
    run_id: str | None = None,
) -> PipelineRun:  # fmt: skip
    """Start a run of a graph under a name; UsageError when it cannot begin."""
    submission = Submission(
        graph=msgspec.structs.replace(graph, name=name), source=source, experiment=experiment.name, parameters=parameters, force=force,
        continue_on_failure=continue_on_failure, tags=tags, properties=properties or {}, run=run_id,
    )  # fmt: skip
    run = start(experiment.workspace.open(), submission)
    print(f"Submitted {'PipelineRun' if run_id is None else 'Run'} {run}\nLook at it with: stepwell show {run}")
    found: PipelineRun = PipelineRun.listed(experiment, run)
    return found


def old_keywords(others: dict[str, Any], parameters: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The parameters, also under the name that v1 used to have for them; other keywords are warned of."""
    unknown = [name for name in others if name not in _WITHOUT_MEANING and name != "pipeline_params"]
    if unknown:
        warnings.warn(f"Experiment.submit ignores: {', '.join(unknown)}", stacklevel=3)
    return parameters or others.get("pipeline_params") or {}


def plain_value(name: str, value: Any) -> Scalar | DatasetDefinition:
    """A value of the types that a submission holds."""
    # Numbers of other libraries, such as NumPy's, give up their plain value.
    plain = value.item() if hasattr(value, "item") else value
    for kind in _PLAIN:
        if isinstance(plain, kind):
            return kind(plain)
    definition = getattr(value, "definition", None)
    if isinstance(definition, DatasetDefinition):
        return definition
    raise UserErrorException(
        f"parameter '{name}' cannot be a {type(value).__name__}", todo="Give text, a number, true or false, a dataset or a DataPath."
    )


def main_file() -> str | None:
    """The script that this process runs, if there is one."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.abspath(path) if path else None
