"""What earlier runs left, as pipelines name it: `azureml://jobs/JOB/outputs/OUTPUT/paths/PATH` and `runs:/JOB/PATH`."""

from __future__ import annotations

import os

from stepwell.jobs.context import Context
from stepwell_runner.graph.model import decode
from stepwell_store.data.definition import DatastorePath, LocalPath, Place
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history
from stepwell_store.ledger.records import OutputRecord, StepRun
from stepwell_store.workspace import Workspace

ARTIFACTS = ("artifacts", "default")


def earlier_output(job: tuple[str, str, str], context: Context) -> Place | str:
    """Where an output of an earlier run is; in words why there is none. A job is a run or a step run, by its id."""
    workspace = context.workspace
    assert workspace is not None
    name, output, below = job
    steps = _steps(workspace, name, output)
    if isinstance(steps, str):
        return steps
    step, wanted = steps
    origin = history.get_step(workspace.database, step.reused_from) if step.reused_from else step
    if wanted in ARTIFACTS:
        from stepwell_runner.tracking.api import artifacts_of

        return LocalPath(os.path.join(artifacts_of(workspace, origin.id) or "", below))
    found = {one.name: one for one in history.outputs_of(workspace.database, origin.id)}
    if wanted not in found:
        return f"step {step.step} of run {step.run} has no output '{wanted}'; it has: {', '.join(found) or 'none'}"
    return _place(found[wanted], below)


def _place(output: OutputRecord, below: str) -> Place:
    return DatastorePath(output.datastore, "/".join(filter(None, (output.path, below.strip("/")))))


def _steps(workspace: Workspace, name: str, output: str) -> tuple[StepRun, str] | str:
    """The step that left an output, and the name that it has there."""
    try:
        return history.get_step(workspace.database, name), output
    except IndexError:
        pass
    try:
        run = history.find_run(workspace.database, name)
    except UsageError as error:
        return error.what
    graph = decode(workspace.objects.read(run.graph))
    steps = {step.step: step for step in history.steps_of(workspace.database, run.id)}
    for promoted in graph.outputs:
        if promoted.name == output and promoted.step in steps:
            return steps[promoted.step], promoted.output
    if output in ARTIFACTS and len(steps) == 1:
        return next(iter(steps.values())), output
    names = [promoted.name for promoted in graph.outputs]
    return f"run {run.id} presents no output '{output}'; it presents: {', '.join(names) or 'none'}"
