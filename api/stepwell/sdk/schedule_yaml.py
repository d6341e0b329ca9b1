"""Schedules in YAML files: what v1's `Schedule.load_yaml` reads for `Schedule.create`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from stepwell.sdk import yaml_files
from stepwell.sdk.datastore import Datastore
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.schedule_recurrence import ScheduleRecurrence

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

KEY = "Schedule"
_KEYS = ("description", "recurrence", "pipeline_parameters", "wait_for_provisioning", "wait_timeout", "datastore_name", "polling_interval",
         "data_path_parameter_name", "continue_on_step_failure", "path_on_datastore")  # fmt: skip
_RECURRENCE = ("frequency", "interval", "start_time", "time_zone", "hours", "minutes", "week_days", "time_of_day")


class ScheduleFileError(UserErrorException, ValueError):
    """The file describes no schedule."""


def load(workspace: Workspace, filename: str | os.PathLike[str]) -> dict[str, Any]:
    """What a file says below `Schedule`, a recurrence and a datastore as objects.

    ScheduleFileError (a ValueError) for a file that says nothing there.
    """
    place = os.fspath(filename)
    found = yaml_files.read(place, "schedule", ScheduleFileError)
    told = found.get(KEY) if isinstance(found, dict) else None
    if not isinstance(told, dict):
        raise ScheduleFileError(f"a schedule in YAML has the key `{KEY}` with its settings below it", where=place)
    # Python's None, written into YAML, is text.
    settings = {key: None if told[key] == "None" else told[key] for key in _KEYS if key in told}
    if settings.get("recurrence") is not None:
        settings["recurrence"] = _recurrence(settings["recurrence"], place)
    if settings.get("datastore_name") is not None:
        settings["datastore_name"] = Datastore.get(workspace, str(settings["datastore_name"]))
    return settings


def _recurrence(told: Any, place: str) -> ScheduleRecurrence:
    if not isinstance(told, dict) or "frequency" not in told or "interval" not in told:
        raise ScheduleFileError("a recurrence has a `frequency` and an `interval`", where=place)
    given = {key: told[key] for key in _RECURRENCE if key in told}
    return ScheduleRecurrence(**given | {"time_of_day": _time_of_day(given.get("time_of_day"))})


def _time_of_day(value: Any) -> str | None:
    """YAML reads 18:30 as minutes, 1110, unless it is in quotes."""
    return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value
