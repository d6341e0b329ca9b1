"""Make and change schedules."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from stepwell_runner.graph.model import Scalar
from stepwell_runner.graph.parameters import bind
from stepwell_runner.scheduling.firing import begun_anew, called_by, first_state, trigger_of
from stepwell_runner.scheduling.triggers import DataChange, Trigger, check
from stepwell_runner.verbs.publish import graph_of
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError
from stepwell_store.ledger import schedules
from stepwell_store.ledger.publishing import Status
from stepwell_store.ledger.records import new_id
from stepwell_store.ledger.schedules import Schedule
from stepwell_store.workspace import Workspace

Values = Mapping[str, Scalar | DatasetDefinition]


def create(workspace: Workspace, name: str, trigger: Trigger, experiment: str, *, published: str | None = None, endpoint: str | None = None,
           description: str | None = None, parameters: Values | None = None, continue_on_failure: bool | None = None,
           now: float | None = None) -> Schedule:
    """Make a schedule of a published pipeline or an endpoint, by id; it fires while a server runs. UsageError for what does not fit."""
    check(trigger)
    at = time.time() if now is None else now
    schedule = Schedule(
        id=new_id(), name=name, description=description, experiment=experiment, published=published, endpoint=endpoint,
        trigger=msgspec.to_builtins(trigger), parameters=msgspec.to_builtins(dict(parameters or {})), created_at=at,
        continue_on_failure=None if continue_on_failure is None else int(continue_on_failure),
        state=msgspec.to_builtins(first_state(workspace, trigger, at)))
    _check_parameters(workspace, schedule, trigger)
    schedules.add_schedule(workspace.database, schedule)
    return schedule


def create_or_change(workspace: Workspace, name: str, trigger: Trigger, experiment: str, *, published: str, description: str | None,
                     now: float | None = None) -> Schedule:
    """Make a schedule, or let the one of this name run the published pipeline from now on, as this trigger says."""
    named = [one for one in schedules.list_schedules(workspace.database) if one.name == name]
    if len(named) > 1:
        raise UsageError(f"{name} is more than one schedule: {', '.join(one.id for one in named)}", todo="choose another name")
    if not named:
        return create(workspace, name, trigger, experiment, published=published, description=description, now=now)
    return change(workspace, named[0], trigger=trigger, status="Active", parameters={}, now=now, experiment=experiment, published=published,
                  endpoint=None, description=description)


def _check_parameters(workspace: Workspace, schedule: Schedule, trigger: Trigger) -> None:
    graph = graph_of(workspace, called_by(workspace, schedule).published)
    given = msgspec.convert(schedule.parameters, dict[str, Scalar | DatasetDefinition])
    bind(graph, given)
    if isinstance(trigger, DataChange) and trigger.parameter is not None:
        named = {parameter.name: parameter for parameter in graph.parameters}
        if trigger.parameter not in named or named[trigger.parameter].type != "data":
            raise UsageError(f"the pipeline has no data parameter {trigger.parameter!r}", todo="name one that was declared with a DataPath")


def change(workspace: Workspace, schedule: Schedule, *, trigger: Trigger | None = None, status: Status | None = None,
           parameters: Values | None = None, now: float | None = None, **others: Any) -> Schedule:
    """Change a schedule and begin anew from now on: what was due before is not made up for. `others` are fields of its record."""
    at = time.time() if now is None else now
    if trigger is not None:
        check(trigger)
        others["trigger"] = msgspec.to_builtins(trigger)
    if parameters is not None:
        others["parameters"] = msgspec.to_builtins(dict(parameters))
    if status is not None:
        others["status"] = status
    changed = msgspec.structs.replace(schedule, **others)
    chosen = trigger_of(changed)
    if trigger is not None or (status == "Active" and schedule.status != "Active"):
        state = begun_anew(workspace, chosen, changed, at)
        changed = msgspec.structs.replace(changed, state=msgspec.to_builtins(state))
    _check_parameters(workspace, changed, chosen)
    schedules.change_schedule(workspace.database, changed)
    return changed
