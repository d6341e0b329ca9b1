"""From an id to the run that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.experiment import Experiment
from stepwell.sdk.runs.ledger import is_step_run
from stepwell.sdk.runs.pipeline_run import PipelineRun
from stepwell.sdk.runs.step_run import StepRun
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace


def class_of(workspace: Workspace, run_id: str) -> type[PipelineRun | StepRun]:
    """The class of the run with exactly this id, as far as can be told."""
    return StepRun if is_step_run(workspace.open(), run_id) else PipelineRun


def find(workspace: Workspace, run_id: str) -> PipelineRun | StepRun:
    """The pipeline or step run of this id; UserErrorException when there is none."""
    database = workspace.open().database
    if is_step_run(workspace.open(), run_id):
        run = history.get_run(database, history.get_step(database, run_id).run)
        return StepRun(Experiment.of_run(workspace, run.experiment), run_id)
    try:
        record = history.find_run(database, run_id)
    except UsageError as error:
        raise UserErrorException(error.what, todo=error.todo) from None
    return PipelineRun(Experiment.of_run(workspace, record.experiment), record.id)


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, clean_up: bool = True) -> PipelineRun | StepRun:  # noqa: ARG001
    """The run of this id, v1's `azureml.core.get_run`."""
    return find(experiment.workspace, run_id)
