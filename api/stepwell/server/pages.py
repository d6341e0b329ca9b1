"""The pages that people look at: runs, steps, logs, what is published and how it is called. They only show; nothing can be done there."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request
from litestar import get as litestar_get

from stepwell.server.address import route
from stepwell.server.allowing import allow, allow_run, token_of
from stepwell.server.html import HEADERS, Html, joined, link, page, table, tag
from stepwell.server.refusals import Refusal
from stepwell.server.runs import read_tail
from stepwell.server.world import world_of
from stepwell_runner.scheduling.firing import state_of, trigger_of
from stepwell_runner.scheduling.recurrence import as_utc, describe
from stepwell_runner.scheduling.triggers import DataChange
from stepwell_runner.verbs.logfiles import log_of
from stepwell_runner.verbs.publish import graph_of
from stepwell_runner.verbs.steps import shown_status, steps_of_run
from stepwell_store.ledger import history, publishing, schedules, waiting
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import age_text, duration_text

Caller = Request[Any, Any, Any]
_CURL = """curl -X POST {address} \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d {body}"""
_SCRIPT = """import requests
from stepwell.sdk.authentication import InteractiveLoginAuthentication

answer = requests.post(
    {address!r},
    headers=InteractiveLoginAuthentication().get_authentication_header(),
    json={body!r},
)
print(answer.json()["Id"])"""
_RUNS, _LOG = 30, 64 << 10


def _page(path: str) -> Callable[[Callable[..., Any]], Any]:
    return litestar_get(path, sync_to_thread=True, include_in_schema=False, media_type="text/html", response_headers=HEADERS)


@_page("/")
def home(request: Caller) -> str:
    """What goes on, what waits, what can be called."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read")
    return page(f"Stepwell: {workspace.name}", _head(workspace, workspace.name), tag("h2", "Runs"), _runs(workspace),
                *_queue(workspace), tag("h2", "Endpoints"), _endpoints(workspace), tag("h2", "Published pipelines"), _published(workspace),
                tag("h2", "Schedules"), _schedules(workspace))


@_page("/runs/{run_id:str}")
def run_page(request: Caller, run_id: str) -> str:
    """One run and its steps."""
    workspace, record = _run(request, run_id)
    facts: list[tuple[str, Html | str | None]] = [
        ("status", status(record.status)), ("experiment", record.experiment), ("submitted", _ago(record.created_at)),
        ("took", _took(record.started_at, record.ended_at)), ("error", record.error),
        ("parameters", ", ".join(f"{name}={value}" for name, value in record.parameters.items())),
        ("tags", ", ".join(f"{name}={value}" for name, value in record.tags.items()))]
    steps = table(["step", "status", "took", "log"],
                  [(step.name, status(shown_status(step)), _took(step.started_at, step.ended_at),
                    link("log", f"/runs/{record.id}/steps/{step.step}") if step.id else None) for step in steps_of_run(workspace, record)],
                  "It has no steps.")
    return page(f"run {record.number}", _head(workspace, f"Run #{record.number} of {record.pipeline}"),
                tag("p", tag("code", record.id)), table(["", ""], [fact for fact in facts if fact[1]], ""), tag("h2", "Steps"), steps,
                refresh_s=None if record.ended_at else 2)


@_page("/runs/{run_id:str}/steps/{node_id:str}")
def step_page(request: Caller, run_id: str, node_id: str) -> str:
    """What one step wrote."""
    workspace, record = _run(request, run_id)
    found = [step for step in steps_of_run(workspace, record) if step.step == node_id]
    if not found:
        raise Refusal(404, f"the run has no step {node_id}")
    step = found[0]
    return page(step.name, _head(workspace, f"{step.name} in run #{record.number}"),
                tag("p", joined([status(shown_status(step)), step.error or ""], " ")),
                tag("p", link("the run", f"/runs/{record.id}")), tag("pre", _log(workspace, step) or "nothing yet"),
                refresh_s=None if record.ended_at else 2)


@_page("/endpoints/{endpoint_id:str}")
def endpoint_page(request: Caller, endpoint_id: str) -> str:
    """One endpoint: its versions, and how it is called."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read", endpoint_id)
    found = publishing.get_endpoint(workspace.database, endpoint_id)
    if found is None:
        raise Refusal(404, f"there is no endpoint {endpoint_id}")
    address = route(workspace, f"/PipelineRuns/PipelineEndpointSubmit/Id/{found.id}")
    versions = publishing.versions_of(workspace.database, found.id)
    rows = [(one.version + (" (default)" if one.version == found.default_version else ""), link(_name(workspace, one.published),
             f"/published/{one.published}")) for one in versions]
    chosen = next(one.published for one in versions if one.version == found.default_version)
    return page(found.name, _head(workspace, f"Endpoint {found.name}"), tag("p", status(found.status)), tag("p", found.description),
                tag("h2", "Versions"), table(["version", "pipeline"], rows, ""), *how_to_call(workspace, address, chosen), refresh_s=None)


@_page("/published/{pipeline_id:str}")
def published_page(request: Caller, pipeline_id: str) -> str:
    """One published pipeline: what can be set, and how it is called."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read", pipeline_id)
    found = publishing.get_published(workspace.database, pipeline_id)
    if found is None:
        raise Refusal(404, f"there is no published pipeline {pipeline_id}")
    address = route(workspace, f"/PipelineRuns/PipelineSubmit/{found.id}")
    return page(found.name, _head(workspace, f"{found.name} {found.version or ''}"), tag("p", status(found.status)),
                tag("p", found.description), *how_to_call(workspace, address, found.id), refresh_s=None)


def how_to_call(workspace: Workspace, address: str, published: str) -> list[Html]:
    """The parameters of a published pipeline, and what to type to run it."""
    found = publishing.get_published(workspace.database, published)
    assert found is not None, "the table refers to it"
    graph = graph_of(workspace, found)
    body = {"ExperimentName": re.sub(r"[^\w-]+", "-", found.name, flags=re.ASCII).strip("-") or "calls",
            "ParameterAssignments": {one.name: one.default for one in graph.parameters if one.type != "data"}}
    curl = _CURL.format(address=address, body=shlex.quote(msgspec.json.encode(body).decode()))
    script = _SCRIPT.format(address=address, body=body)
    rows = [(one.name, one.type, msgspec.json.encode(one.default).decode()) for one in graph.parameters]
    return [tag("h2", "Parameters"), table(["name", "type", "default"], rows, "It has none."), tag("h2", "How to call it"),
            tag("p", "From any program, with a token (stepwell token new NAME):"), tag("pre", curl),
            tag("p", "From Python, in the folder of the workspace:"), tag("pre", script)]


# --- parts


def _head(workspace: Workspace, title: str) -> Html:
    return joined([tag("nav", link(f"Stepwell · {workspace.name}", "/")), tag("h1", title)])


def status(word: str) -> Html:
    """A status, in its colour."""
    return tag("span", word, class_=word if word.isalpha() else "")


def _runs(workspace: Workspace) -> Html:
    rows = [(link(f"#{one.number}", f"/runs/{one.id}"), status(one.status), one.pipeline, one.experiment, _ago(one.created_at),
             _took(one.started_at, one.ended_at)) for one in history.list_runs(workspace.database, limit=_RUNS)]
    return table(["run", "status", "pipeline", "experiment", "submitted", "took"], rows, "There is no run yet.")


def _queue(workspace: Workspace) -> list[Html]:
    line = waiting.line(workspace.database, _RUNS)
    if not line:
        return []
    count = waiting.count(workspace.database)
    rows = [(place, link(f"#{one.number}", f"/runs/{one.run}"), one.targets) for place, one in enumerate(line, 1)]
    return [tag("h2", f"Waiting ({count})"), table(["place", "run", "for"], rows, "")]


def _endpoints(workspace: Workspace) -> Html:
    rows = [(link(one.name, f"/endpoints/{one.id}"), status(one.status), one.default_version, one.description)
            for one in publishing.list_endpoints(workspace.database)]
    return table(["endpoint", "status", "default version", ""], rows, "There is none: stepwell endpoint add NAME PUBLISHED")


def _published(workspace: Workspace) -> Html:
    rows = [(link(one.name, f"/published/{one.id}"), one.version, status(one.status), one.steps, _ago(one.created_at))
            for one in publishing.list_published(workspace.database, limit=_RUNS)]
    return table(["pipeline", "version", "status", "steps", "published"], rows, "Nothing is: stepwell publish FILE --name NAME")


def _schedules(workspace: Workspace) -> Html:
    rows = []
    for one in schedules.list_schedules(workspace.database):
        trigger, state = trigger_of(one), state_of(one)
        when = f"changes at {trigger.datastore}:{trigger.path}" if isinstance(trigger, DataChange) else describe(trigger)
        due = as_utc(state.due) if state.due is not None and one.status == "Active" else None
        rows.append((one.name, status(one.status), when, due, state.problem))
    return table(["schedule", "status", "when", "next", "problem"], rows, "There is none: stepwell schedule add NAME PUBLISHED --every day")


def _name(workspace: Workspace, published: str) -> str:
    found = publishing.get_published(workspace.database, published)
    return f"{found.name} {found.version or ''}" if found else published


def _run(request: Caller, run_id: str) -> tuple[Workspace, Run]:
    workspace = world_of(request).workspace
    try:
        record = history.get_run(workspace.database, run_id)
    except IndexError:
        allow(token_of(request), "read")
        raise Refusal(404, f"there is no run {run_id}") from None
    allow_run(token_of(request), "read", record)
    return workspace, record


def _log(workspace: Workspace, step: StepRun) -> str:
    if not step.id:
        return ""
    made = history.get_step(workspace.database, step.reused_from) if step.reused_from else step
    return read_tail(log_of(workspace, made), _LOG)


def _ago(at: float) -> str:
    return age_text(max(0.0, time.time() - at))


def _took(started: float | None, ended: float | None) -> str:
    return "" if started is None else duration_text(max(0.0, (ended or time.time()) - started))


ROUTES = [home, run_page, step_page, endpoint_page, published_page]
