"""From an id to the run that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.experiment import Experiment
from stepwell.sdk.runs.ledger import is_run, is_step_run
from stepwell.sdk.runs.pipeline_run import PipelineRun
from stepwell.sdk.runs.run import Run
from stepwell.sdk.runs.single import KIND, InteractiveRun, ScriptRun
from stepwell.sdk.runs.step_run import StepRun
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history, records

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace


def class_of(workspace: Workspace, run_id: str) -> type[Run]:
    """The class of the run with exactly this id, as far as can be told."""
    if is_step_run(workspace.open(), run_id):
        return StepRun
    return class_of_record(history.get_run(workspace.open().database, run_id)) if is_run(workspace.open(), run_id) else PipelineRun


def class_of_record(record: records.Run) -> type[Run]:
    """The class of a run that is there."""
    return _CLASSES.get(record.properties.get(KIND, ""), PipelineRun)


_CLASSES: dict[str, type[Run]] = {"interactive": InteractiveRun, "script": ScriptRun}


def find(workspace: Workspace, run_id: str) -> Run:
    """The run of this id, of a pipeline, a step or another kind; UserErrorException when there is none."""
    database = workspace.open().database
    if is_step_run(workspace.open(), run_id):
        run = history.get_run(database, history.get_step(database, run_id).run)
        return StepRun(Experiment.of_run(workspace, run.experiment), run_id)
    try:
        record = history.find_run(database, run_id)
    except UsageError as error:
        raise UserErrorException(error.what, todo=error.todo) from None
    return class_of_record(record)(Experiment.of_run(workspace, record.experiment), record.id)


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, clean_up: bool = True) -> Run:  # noqa: ARG001
    """The run of this id, v1's `azureml.core.get_run`."""
    return find(experiment.workspace, run_id)
