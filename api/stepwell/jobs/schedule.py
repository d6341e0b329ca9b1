"""From a schedule file in YAML to its trigger and the graph that it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from stepwell.jobs.checking import check
from stepwell.jobs.document import Node, read
from stepwell.jobs.findings import Findings, nearest
from stepwell.jobs.loading import load_job
from stepwell_runner.graph.model import Graph
from stepwell_runner.scheduling import triggers
from stepwell_runner.scheduling.triggers import Cron, Recurrence, Timed
from stepwell_store.errors import UsageError

_CHANGES = ("settings", "inputs", "outputs", "tags")
_TEXTS = ("description", "experiment_name", "display_name")


class LoadedSchedule(msgspec.Struct, frozen=True):
    """A schedule as a file says it. `source` is the pipeline's file; `notices` are what a person should know."""

    name: str
    trigger: Timed
    graph: Graph
    source: str
    description: str | None
    notices: tuple[str, ...]


def load_schedule(path: str, workspace_root: Path | None, now: float, *, lax: bool = False) -> LoadedSchedule:
    """The schedule of a file. `now`, in seconds since 1970, is where one that names a time zone and no start begins.

    UsageError tells the mistakes of the file, or of the pipeline's, each with its line and column.
    """
    findings = Findings(lax)
    document = read(path, findings)
    check(document, "schedule", findings)
    findings.settle()
    trigger = _trigger(document.below("trigger"), now)
    job = document.below("create_job") if isinstance(document.value["create_job"].value, dict) else None
    named = job.get("job") if job is not None else document.get("create_job")
    assert named is not None, "the shape asks for it"
    source = _pipeline(named)
    edits = [] if job is None else _edits(job, read(source, Findings(lax=True)), findings)
    findings.settle()
    loaded = load_job(source, workspace_root, edits=edits, lax=lax)
    tags = {name: str(value.value) for name, value in document.below("tags").items()}
    graph = msgspec.structs.replace(loaded.graph, tags={**tags, **loaded.graph.tags})
    notices = (*(f"{one.what} ({one.where})" for one in findings.notices), *loaded.notices)
    about = document.text("description") or document.text("display_name")
    return LoadedSchedule(document.text("name") or "", trigger, graph, source, about, notices)


def _trigger(node: Node, now: float) -> Timed:
    zone = node.text("time_zone")
    try:
        triggers.check(Cron(expression="* * * * *", zone=zone))
    except UsageError as mistake:
        raise _placed(mistake, node.get("time_zone") or node) from None
    start, end = _clock(node, "start_time", zone), _clock(node, "end_time", zone)
    found = _cron(node, start, end, zone) if (node.text("type") or "").lower() == "cron" else _recurrence(node, start, end, zone, now)
    try:
        triggers.check(found)
    except UsageError as mistake:
        raise _placed(mistake, node.get("expression") or node.get("schedule") or node) from None
    return found


def _placed(mistake: UsageError, node: Node) -> UsageError:
    return UsageError(mistake.what, where=node.where, todo=mistake.todo)


def _clock(node: Node, key: str, zone: str | None) -> str | None:
    """A time on the clock of the time zone: one with an offset is put to it."""
    text = node.text(key)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"`{key}` is no time: {text!r}", where=node.value[key].where, todo="Write it like 2026-12-24T18:30:00.") from None
    if found.tzinfo is not None:
        found = found.astimezone(triggers.zone_of(Cron(expression="", zone=zone))).replace(tzinfo=None)
    return found.isoformat()


def _cron(node: Node, start: str | None, end: str | None, zone: str | None) -> Cron:
    expression = node.text("expression")
    if expression is None:
        raise UsageError("a cron trigger needs `expression`", where=node.where, todo='For example: expression: "30 8 * * mon-fri".')
    return Cron(expression=expression, start=start, end=end, zone=zone)


def _recurrence(node: Node, start: str | None, end: str | None, zone: str | None, now: float) -> Recurrence:
    for key in ("frequency", "interval"):
        if node.get(key) is None:
            raise UsageError(f"a recurrence needs `{key}`", where=node.where)
    if zone is not None and start is None:
        here = triggers.zone_of(Cron(expression="", zone=zone))
        start = datetime.fromtimestamp(now, here).replace(tzinfo=None, second=0, microsecond=0).isoformat()
    times = node.below("schedule")
    days = (*_elements(times, "week_days"), *_elements(times, "weekdays"))
    return Recurrence(
        frequency=(node.text("frequency") or "").capitalize(), interval=int(node.value["interval"].value),  # type: ignore[arg-type]
        start=start, end=end, zone=zone, hours=_numbers(times, "hours"), minutes=_numbers(times, "minutes"),
        week_days=tuple(str(day).capitalize() for day in days), month_days=_numbers(times, "month_days"))


def _elements(node: Node, key: str) -> Iterator[Any]:
    found = node.get(key)
    if found is not None:
        yield from (one.value for one in (found.elements() if isinstance(found.value, list) else [found]))


def _numbers(node: Node, key: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(value) for value in _elements(node, key)))


def _pipeline(named: Node) -> str:
    """The pipeline's file, which is there."""
    text = str(named.value).removeprefix("azureml:").removeprefix("file:")
    path = os.path.normpath(os.path.join(named.folder, os.path.expanduser(text)))
    if not os.path.isfile(path):
        raise UsageError(f"there is no pipeline file {text}", where=named.where, todo="Give its path, relative to the schedule's file.")
    return path


def _edits(job: Node, pipeline: Node, findings: Findings) -> list[str]:
    """What the schedule changes of the pipeline, as `load_job` takes it."""
    edits = [f"{key}={json.dumps(job.text(key))}" for key in _TEXTS if job.get(key) is not None]
    if (compute := job.text("compute")) is not None:
        edits.append(f"settings.default_compute={json.dumps(compute)}")
    for key in _CHANGES:
        known = pipeline.below(key)
        for name, value in job.below(key).items():
            if key in ("inputs", "outputs") and not known.has(name):
                findings.error(f"the pipeline has no {key[:-1]} '{name}'{nearest(name, known.value)}", job.below(key).key(name).where)
            edits.append(f"{key}.{name}={json.dumps(_from(job.folder, value.plain()))}")
    return edits


def _from(folder: str, value: Any) -> Any:
    """Data at a path that is relative to the schedule's file, not to the pipeline's."""
    path = value.get("path") if isinstance(value, dict) else None
    return {**value, "path": os.path.join(folder, path)} if isinstance(path, str) and ":" not in path else value
