"""Runs of published pipelines: submitted from what was kept, in line with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stepwell.sdk.labels import as_words
from stepwell.sdk.runs.pipeline_run import PipelineRun
from stepwell.sdk.submitting import plain_value
from stepwell.server import address
from stepwell_runner.verbs.publish import Called, submission_of

if TYPE_CHECKING:
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.workspace import Workspace


def submit_called(
    experiment: Experiment,
    called: Called,
    *,
    parameters: Mapping[str, Any] | None,
    tags: dict[str, Any] | None = None,
    continue_on_failure: bool | None = None,
    force: bool = False,
) -> PipelineRun:
    """Run a published pipeline, at once when there is room. UsageError for a wrong parameter, or when it is switched off."""
    from stepwell_runner.queue.dispatch import dispatch
    from stepwell_runner.queue.enqueue import enqueue

    workspace = experiment.workspace.open()
    values = {name: plain_value(name, value) for name, value in (parameters or {}).items()}
    submission = submission_of(workspace, called, experiment=experiment.name, parameters=values, tags=as_words(tags or {}),
                               continue_on_failure=continue_on_failure, force=force)
    run = enqueue(workspace, submission).id
    dispatch(workspace)
    print(f"Submitted PipelineRun {run}\nLook at it with: stepwell show {run}")
    found: PipelineRun = PipelineRun.listed(experiment, run)
    return found


def route(workspace: Workspace, path: str) -> str:
    """The address of a route of this workspace on its server; in a driver the server is seen to, since the driver is about to call it."""
    from stepwell.sdk.compute.implied import is_driver

    if is_driver():
        from stepwell.azureml.serving import ensure

        ensure(workspace.open())
    return address.route(workspace.open(), path, subscription=workspace.subscription_id, group=workspace.resource_group,
                         name=workspace.name)
