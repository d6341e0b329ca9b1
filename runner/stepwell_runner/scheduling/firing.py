"""Fires what is due. `tick` is called again and again with the time; all that it remembers is in the workspace.

An occurrence fires once, ever: its moment is the key of the submission. What was missed while nobody ticked is one run, not many.
A clock that is set back makes the schedule look from the new time on, without repeating what has fired.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from stepwell_runner.queue.enqueue import enqueue
from stepwell_runner.scheduling.changes import Files, look, news
from stepwell_runner.scheduling.recurrence import as_utc, is_over, next_after
from stepwell_runner.scheduling.triggers import Cron, DataChange, Timed, Trigger
from stepwell_runner.verbs.publish import Called, called_by_endpoint, submission_of
from stepwell_store.errors import StepwellError
from stepwell_store.ledger import publishing, schedules, waiting
from stepwell_store.ledger.schedules import Schedule
from stepwell_store.workspace import Workspace

SCHEDULE, OCCURRENCE = "stepwell.schedule", "stepwell.scheduled_for"
"""Properties of a run: the id of the schedule that fired it, and the moment for which it did."""


class State(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a schedule remembers. `until` is up to when everything has been seen to; `due` when it fires next, or looks next.

    `last` is the moment for which it fired last and `run` that run; `files` what was at the path; `problem` why it could not fire.
    """

    until: float
    due: float | None = None
    last: float | None = None
    run: str | None = None
    files: Files = {}
    problem: str | None = None


class Fire(msgspec.Struct, frozen=True):
    """A run is to be made for the moment `at`, with further parameters. `key` is the same whenever the same is found anew."""

    at: float
    key: str
    parameters: dict[str, str] = {}


def trigger_of(schedule: Schedule) -> Trigger:
    """What makes it fire."""
    found: Trigger = msgspec.convert(schedule.trigger, Trigger)
    return found


def state_of(schedule: Schedule) -> State:
    """What it remembers."""
    return msgspec.convert(schedule.state, State)


def first_state(workspace: Workspace, trigger: Trigger, now: float) -> State:
    """What a schedule remembers that begins now: a recurrence without a start and times of day fires at once."""
    if isinstance(trigger, DataChange):
        return State(until=now, due=now + trigger.minutes * 60, files=look(workspace, trigger))
    return State(until=now, due=now if _is_due_at_once(trigger, now) else next_after(trigger, now, now))


def _is_due_at_once(trigger: Timed, now: float) -> bool:
    if isinstance(trigger, Cron) or trigger.start is not None or is_over(trigger, now):
        return False
    return not (trigger.hours or trigger.minutes or trigger.week_days or trigger.month_days)


def begun_anew(workspace: Workspace, trigger: Trigger, schedule: Schedule, now: float) -> State:
    """What a schedule remembers that was switched on again or got another trigger: it fires at the next moment of that."""
    known = state_of(schedule)
    if isinstance(trigger, DataChange):
        return State(until=now, due=now + trigger.minutes * 60, files=look(workspace, trigger), last=known.last, run=known.run)
    return State(until=now, due=next_after(trigger, schedule.created_at, now), last=known.last, run=known.run)


def tick(workspace: Workspace, now: float) -> list[str]:
    """Fire every active schedule that is due; the runs that wait now because of it."""
    found = [_tick_one(workspace, schedule, now) for schedule in schedules.list_schedules(workspace.database, active_only=True)]
    return [run for run in found if run is not None]


def _tick_one(workspace: Workspace, schedule: Schedule, now: float) -> str | None:
    before = state_of(schedule)
    trigger = trigger_of(schedule)
    if before.until > now + 1:  # the clock was set back
        before = _turned_back(trigger, schedule, before, now)
    elif before.due is None or before.due > now:
        return None
    try:
        after, fire = _due(workspace, trigger, schedule, before, now)
    except StepwellError as error:  # a datastore that is not there, say
        after, fire = msgspec.structs.replace(before, until=now, due=now + 60, problem=error.what), None
    run = None
    if fire is not None:
        run, problem = _fire(workspace, schedule, fire)
        after = msgspec.structs.replace(after, last=fire.at, run=run or after.run, problem=problem)
    schedules.keep_state(workspace.database, schedule.id, schedule.state, msgspec.to_builtins(after))
    return run


def _turned_back(trigger: Trigger, schedule: Schedule, state: State, now: float) -> State:
    due = now if isinstance(trigger, DataChange) else next_after(trigger, schedule.created_at, now)
    return msgspec.structs.replace(state, until=now, due=due)


def _due(workspace: Workspace, trigger: Trigger, schedule: Schedule, state: State, now: float) -> tuple[State, Fire | None]:
    """What is remembered after this moment, and what fires. However much was missed, it is one."""
    due = math.inf if state.due is None else state.due
    if not isinstance(trigger, DataChange):
        following = next_after(trigger, schedule.created_at, max(now, state.until))
        after = msgspec.structs.replace(state, until=now, due=following, problem=None)
        return after, Fire(due, repr(due)) if due <= now and due != state.last else None
    if due > now:
        return state, None
    files = look(workspace, trigger)
    after = msgspec.structs.replace(state, until=now, due=now + trigger.minutes * 60, files=files, problem=None)
    changed = news(state.files, files)
    key = f"{state.until!r} {[(path, files[path]) for path in changed]}"
    return after, Fire(now, key, _changed(trigger, changed)) if changed else None


def _changed(trigger: DataChange, changed: list[str]) -> dict[str, str]:
    if trigger.parameter is None:
        return {}
    path = changed[0] if len(changed) == 1 else trigger.path
    return {trigger.parameter: f"azureml://datastores/{trigger.datastore}/paths/{path}"}


def _fire(workspace: Workspace, schedule: Schedule, fire: Fire) -> tuple[str | None, str | None]:
    """The run that was put into the line, or why there is none."""
    try:
        submission = submission_of(
            workspace, called_by(workspace, schedule), experiment=schedule.experiment, parameters=_values(schedule, fire),
            continue_on_failure=None if schedule.continue_on_failure is None else bool(schedule.continue_on_failure),
            properties={SCHEDULE: schedule.id, OCCURRENCE: as_utc(fire.at), "stepwell.run_type": "Schedule"})
        return enqueue(workspace, submission, owner=f"schedule {schedule.id}", key=fire.key).id, None
    except waiting.TakenKey as taken:
        return taken.key.run, None  # it has fired; whoever did could not say so any more
    except waiting.Full as full:
        return None, f"{full.count} runs wait already"
    except StepwellError as error:
        return None, str(error)


def called_by(workspace: Workspace, schedule: Schedule) -> Called:
    """What a schedule runs: its published pipeline, or the default version of its endpoint as it is now."""
    if schedule.endpoint is not None:
        endpoint = publishing.get_endpoint(workspace.database, schedule.endpoint)
        assert endpoint is not None, "nothing removes an endpoint"
        return called_by_endpoint(workspace, endpoint)
    published = publishing.get_published(workspace.database, schedule.published or "")
    assert published is not None, "nothing removes a published pipeline"
    return Called(published)


def _values(schedule: Schedule, fire: Fire) -> dict[str, Any]:
    from stepwell_runner.graph.model import Scalar
    from stepwell_store.data.definition import DatasetDefinition

    return {**msgspec.convert(schedule.parameters, dict[str, Scalar | DatasetDefinition]), **fire.parameters}
