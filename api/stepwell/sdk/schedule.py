"""Schedules: runs of published pipelines at certain times, or when data changes. They fire while `stepwell serve` runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stepwell.sdk.as_value_errors import raised_as
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.publication import Publication
from stepwell.sdk.schedule_recurrence import ScheduleRecurrence
from stepwell_runner.scheduling.firing import state_of, trigger_of
from stepwell_runner.scheduling.triggers import DataChange, Recurrence, Trigger
from stepwell_runner.verbs import schedule as verbs
from stepwell_store.ledger import publishing, schedules

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.workspace import Workspace


_POLLING_MINUTES = 5


class ScheduleError(UserErrorException, ValueError):
    """What was asked of a schedule does not fit."""


class Schedule(Publication[schedules.Schedule]):
    """A schedule of a published pipeline or of an endpoint, triggered by a recurrence or by changes on a datastore."""

    @staticmethod
    def create(
        workspace: Workspace,
        name: str,
        pipeline_id: str,
        experiment_name: str,
        recurrence: ScheduleRecurrence | None = None,
        description: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        wait_for_provisioning: bool = False,  # noqa: ARG004  there is nothing to wait for
        wait_timeout: int = 3600,  # noqa: ARG004
        datastore: Datastore | None = None,
        polling_interval: int | None = _POLLING_MINUTES,
        data_path_parameter_name: str | None = None,
        continue_on_step_failure: bool | None = None,
        path_on_datastore: str | None = None,
        _workflow_provider: object = None,
        _service_endpoint: object = None,
    ) -> Schedule:
        """Run a published pipeline on a recurrence, or when files at a path of a datastore are new or modified: one of the two.

        `polling_interval` in minutes. ScheduleError (a ValueError) for what does not fit.
        """
        if publishing.get_published(workspace.open().database, pipeline_id) is None:
            raise ScheduleError(f"there is no published pipeline {pipeline_id}", todo="Pass the id of one.")
        trigger = _trigger(recurrence, datastore, polling_interval, data_path_parameter_name, path_on_datastore)
        return _create(workspace, name, trigger, experiment_name, published=pipeline_id, description=description,
                       parameters=pipeline_parameters, continue_on_failure=continue_on_step_failure)

    @staticmethod
    def create_for_pipeline_endpoint(
        workspace: Workspace,
        name: str,
        pipeline_endpoint_id: str,
        experiment_name: str,
        recurrence: ScheduleRecurrence | None = None,
        description: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        wait_for_provisioning: bool = False,  # noqa: ARG004
        wait_timeout: int = 3600,  # noqa: ARG004
        datastore: Datastore | None = None,
        polling_interval: int | None = _POLLING_MINUTES,
        data_path_parameter_name: str | None = None,
        continue_on_step_failure: bool | None = None,
        path_on_datastore: str | None = None,
        _workflow_provider: object = None,
        _service_endpoint: object = None,
    ) -> Schedule:
        """The same for the default version of an endpoint, as it is whenever the schedule fires."""
        if publishing.get_endpoint(workspace.open().database, pipeline_endpoint_id) is None:
            raise ScheduleError(f"there is no endpoint {pipeline_endpoint_id}", todo="Pass the id of one.")
        trigger = _trigger(recurrence, datastore, polling_interval, data_path_parameter_name, path_on_datastore)
        return _create(workspace, name, trigger, experiment_name, endpoint=pipeline_endpoint_id, description=description,
                       parameters=pipeline_parameters, continue_on_failure=continue_on_step_failure)

    @staticmethod
    def load_yaml(
        workspace: Workspace, filename: str, _workflow_provider: object = None, _service_endpoint: object = None
    ) -> dict[str, Any]:
        """What a YAML file says for `create`: a mapping in which `datastore_name` is the datastore itself.

        ScheduleFileError (a ValueError) for a file that describes no schedule.
        """
        from stepwell.sdk.schedule_yaml import load

        return load(workspace, filename)

    # --- finding

    @staticmethod
    def get(workspace: Workspace, id: str, _workflow_provider: object = None, _service_endpoint: object = None) -> Schedule:  # noqa: A002
        """The schedule of this id; UserErrorException when there is none."""
        found = schedules.get_schedule(workspace.open().database, id)
        if found is None:
            raise UserErrorException(f"there is no schedule {id}", todo="`stepwell schedule ls --all` lists them.")
        return Schedule(workspace, found)

    @staticmethod
    def list(
        workspace: Workspace,
        active_only: bool = True,
        pipeline_id: str | None = None,
        pipeline_endpoint_id: str | None = None,
        _workflow_provider: object = None,
        _service_endpoint: object = None,
    ) -> list[Schedule]:
        """Schedules, the newest first; only those of one published pipeline or endpoint when that is named."""
        found = schedules.list_schedules(workspace.open().database, active_only=active_only, published=pipeline_id,
                                         endpoint=pipeline_endpoint_id)
        return [Schedule(workspace, record) for record in found]

    @staticmethod
    def get_all(workspace: Workspace, active_only: bool = True, pipeline_id: str | None = None,
                pipeline_endpoint_id: str | None = None) -> Any:
        """The same as `list`."""
        return Schedule.list(workspace, active_only, pipeline_id, pipeline_endpoint_id)

    @staticmethod
    def get_schedules_for_pipeline_id(workspace: Workspace, pipeline_id: str) -> Any:
        """All schedules of a published pipeline, also those that are disabled."""
        return Schedule.list(workspace, active_only=False, pipeline_id=pipeline_id)

    @staticmethod
    def get_schedules_for_pipeline_endpoint_id(workspace: Workspace, pipeline_endpoint_id: str) -> Any:
        """All schedules of an endpoint, also those that are disabled."""
        return Schedule.list(workspace, active_only=False, pipeline_endpoint_id=pipeline_endpoint_id)

    # --- what it is

    @property
    def pipeline_id(self) -> str | None:
        """The published pipeline that it runs; None for one of an endpoint."""
        return self._record.published

    @property
    def pipeline_endpoint_id(self) -> str | None:
        """The endpoint that it runs; None for one of a published pipeline."""
        return self._record.endpoint

    @property
    def recurrence(self) -> ScheduleRecurrence | None:
        """How often it fires; None when data triggers it."""
        trigger = trigger_of(self._record)
        return ScheduleRecurrence.of(trigger) if isinstance(trigger, Recurrence) else None

    @property
    def datastore_name(self) -> str | None:
        """The datastore that is watched; None for a recurrence."""
        return getattr(trigger_of(self._record), "datastore", None)

    @property
    def path_on_datastore(self) -> str | None:
        """The path that is watched; None for a recurrence."""
        return getattr(trigger_of(self._record), "path", None)

    @property
    def polling_interval(self) -> float | None:
        """How often the datastore is looked at, in minutes; None for a recurrence."""
        trigger = trigger_of(self._record)
        return trigger.minutes if isinstance(trigger, DataChange) else None

    @property
    def data_path_parameter_name(self) -> str | None:
        """The parameter that takes the changed path."""
        return getattr(trigger_of(self._record), "parameter", None)

    @property
    def continue_on_step_failure(self) -> bool | None:
        """Whether steps go on that need nothing of one that failed; None for what the pipeline says."""
        said = self._record.continue_on_failure
        return None if said is None else bool(said)

    def get_pipeline_runs(self) -> Any:
        """The runs that it has fired, the newest first."""
        found = schedules.runs_of(self.workspace.open().database, self.id)
        return [_run(self.workspace, run) for run in found]

    def get_last_pipeline_run(self) -> PipelineRun | None:
        """The run that it fired last; None when it has fired none."""
        found = schedules.runs_of(self.workspace.open().database, self.id, limit=1)
        return _run(self.workspace, found[0]) if found else None

    # --- what can be done with it

    def update(
        self,
        name: str | None = None,
        description: str | None = None,
        recurrence: ScheduleRecurrence | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        status: str | None = None,
        wait_for_provisioning: bool = False,  # noqa: ARG002
        wait_timeout: int = 3600,  # noqa: ARG002
        datastore: Datastore | None = None,
        polling_interval: int | None = None,
        data_path_parameter_name: str | None = None,
        continue_on_step_failure: bool | None = None,
        path_on_datastore: str | None = None,
    ) -> None:
        """Change what is named; ScheduleError for what does not fit. With a new trigger it begins anew from now on."""
        if status not in (None, "Active", "Disabled"):
            raise ScheduleError(f"{status!r} is no status of a schedule", todo="It is Active or Disabled.")
        others = {"name": name, "description": description,
                  "continue_on_failure": None if continue_on_step_failure is None else int(continue_on_step_failure)}
        self._change(
            trigger=self._changed_trigger(recurrence, datastore, polling_interval, data_path_parameter_name, path_on_datastore),
            parameters=None if pipeline_parameters is None else _plain(pipeline_parameters), status=status,
            **{field: value for field, value in others.items() if value is not None})

    def _changed_trigger(self, recurrence: ScheduleRecurrence | None, datastore: Datastore | None, interval: int | None,
                         parameter: str | None, path: str | None) -> Trigger | None:
        before = trigger_of(self._record)
        if isinstance(before, DataChange) and recurrence is None and (interval or parameter or path is not None or datastore):
            return DataChange(datastore=datastore.name if datastore else before.datastore, path=before.path if path is None else path,
                              minutes=interval or before.minutes, parameter=parameter or before.parameter)
        if recurrence is None and datastore is None:
            return None
        return _trigger(recurrence, datastore, interval, parameter, path)

    def enable(self, wait_for_provisioning: bool = False, wait_timeout: int = 3600) -> None:  # noqa: ARG002
        """Let it fire from now on."""
        self._change(status="Active")

    def disable(self, wait_for_provisioning: bool = False, wait_timeout: int = 3600) -> None:  # noqa: ARG002
        """Let it not fire until it is enabled again."""
        self._change(status="Disabled")

    def _change(self, **changes: Any) -> None:
        stored = self.workspace.open()
        found = schedules.get_schedule(stored.database, self.id)
        assert found is not None, "nothing removes a schedule"
        with raised_as(ScheduleError):
            self._record = verbs.change(stored, found, **changes)

    def __repr__(self) -> str:
        return (f"Schedule(Name: {self.name}, Id: {self.id}, Status: {self.status}, Pipeline Id: {self.pipeline_id},"
                f" Pipeline Endpoint Id: {self.pipeline_endpoint_id}, Recurrence Details: {self.recurrence},"
                f" Last: {state_of(self._record).last})")


def _create(workspace: Workspace, name: str, trigger: Trigger, experiment: str, *, parameters: Mapping[str, Any] | None,
            **others: Any) -> Schedule:
    with raised_as(ScheduleError):
        record = verbs.create(workspace.open(), name, trigger, experiment, parameters=_plain(parameters or {}), **others)
    return Schedule(workspace, record)


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    from stepwell.sdk.submitting import plain_value

    return {name: plain_value(name, value) for name, value in parameters.items()}


def _trigger(recurrence: ScheduleRecurrence | None, datastore: Datastore | None, interval: float | None, parameter: str | None,
             path: str | None) -> Trigger:
    if (recurrence is None) == (datastore is None):
        raise ScheduleError("a schedule is triggered by a recurrence or by a datastore", todo="Pass one of the two, and not both.")
    if recurrence is not None:
        return recurrence.compiled()
    assert datastore is not None
    return DataChange(datastore=datastore.name, path=path or "", minutes=interval or _POLLING_MINUTES, parameter=parameter)


def _run(workspace: Workspace, run: str) -> PipelineRun:
    from stepwell.sdk.runs.pipeline_run import PipelineRun

    return PipelineRun.get(workspace, run)
