"""What is published: pipelines kept as they were, endpoints with their versions, and how a program calls them."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable

import msgspec

from stepwell_runner.graph.model import Graph
from stepwell_runner.verbs.publish import ENDPOINT, PUBLISHED, graph_of
from stepwell_store.ledger import publishing
from stepwell_store.ledger.publishing import Endpoint, EndpointVersion, Published
from stepwell_store.workspace import Workspace
from stepwell_tui.views.runs import Having, RunRow, count_runs, run_rows
from stepwell_tui.views.schedules import Due, due

NEWEST = 5

Address = Callable[[Workspace, str], str]
"""The whole address of one of the server's routes."""


class Versioned(msgspec.Struct, frozen=True):
    """An endpoint and its versions, the newest first."""

    endpoint: Endpoint
    versions: tuple[EndpointVersion, ...]


class Publications(msgspec.Struct, frozen=True):
    """All that is published, also what is disabled: pipelines the newest first, endpoints by name."""

    pipelines: tuple[Published, ...]
    endpoints: tuple[Versioned, ...]


class Version(msgspec.Struct, frozen=True):
    """One version of an endpoint: its number, and the pipeline that it runs."""

    number: str
    is_default: bool
    pipeline: str
    status: str


class Detail(msgspec.Struct, frozen=True):
    """One of them: facts and parameters as pairs of foreign text, versions of an endpoint, and a line that runs it.

    `runs` are the newest of it, of which there are `count`; `having` is what tells them apart from others.
    """

    name: str
    facts: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]
    versions: tuple[Version, ...]
    curl: str
    having: Having
    runs: tuple[RunRow, ...] = ()
    count: int = 0
    schedules: tuple[Due, ...] = ()


def publications(workspace: Workspace) -> Publications:
    """Read them."""
    database = workspace.database
    endpoints = tuple(Versioned(one, tuple(reversed(publishing.versions_of(database, one.id))))
                      for one in publishing.list_endpoints(database))
    return Publications(tuple(publishing.list_published(database)), endpoints)


def pipeline_detail(workspace: Workspace, identity: str, address: Address) -> Detail | None:
    """About a published pipeline; None when there is none of this id."""
    found = publishing.get_published(workspace.database, identity)
    if found is None:
        return None
    graph = graph_of(workspace, found)
    where = address(workspace, f"/PipelineRuns/PipelineSubmit/{found.id}")
    facts = (("id", found.id), ("version", found.version or ""), ("status", found.status), ("description", found.description or ""),
             ("steps", ", ".join(step.name for step in graph.steps)), ("from file", found.source or ""),
             ("from run", found.source_run or ""))
    return _with_use(workspace, Detail(found.name, _said(facts), _parameters(graph), (), curl(where, found.name, graph),
                                       (PUBLISHED, found.id)))


def endpoint_detail(workspace: Workspace, identity: str, address: Address) -> Detail | None:
    """About an endpoint; None when there is none of this id."""
    database = workspace.database
    found = publishing.get_endpoint(database, identity)
    if found is None:
        return None
    versions = {one.version: publishing.get_published(database, one.published) for one in publishing.versions_of(database, found.id)}
    chosen = versions.get(found.default_version)
    graph = graph_of(workspace, chosen) if chosen is not None else None
    where = address(workspace, f"/PipelineRuns/PipelineEndpointSubmit/Id/{found.id}")
    facts = (("id", found.id), ("status", found.status), ("description", found.description or ""))
    told = tuple(Version(number, number == found.default_version, one.name, one.status)
                 for number, one in reversed(versions.items()) if one)
    return _with_use(workspace, Detail(found.name, _said(facts), _parameters(graph) if graph else (), told,
                                       curl(where, found.name, graph) if graph else "", (ENDPOINT, found.id)))


def _with_use(workspace: Workspace, found: Detail) -> Detail:
    """With who runs it: its newest runs, and its schedules."""
    kind, identity = found.having
    return msgspec.structs.replace(
        found, runs=tuple(run_rows(workspace, 0, NEWEST, having=found.having)), count=count_runs(workspace, having=found.having),
        schedules=due(workspace, time.time(), **{"published" if kind == PUBLISHED else "endpoint": identity}))


def curl(address: str, name: str, graph: Graph) -> str:
    """A line for a shell that runs it; it takes the token from the variable TOKEN."""
    plain = {one.name: one.default for one in graph.parameters if one.type != "data"}
    body = msgspec.json.encode({"ExperimentName": name.replace(" ", "-"), "ParameterAssignments": plain}).decode()
    return (f"curl -X POST {shlex.quote(address)} -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json'"
            f" -d {shlex.quote(body)}")


def _said(facts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in facts if pair[1])


def _parameters(graph: Graph) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, f"{one.type}, {_value(one.default)}") for one in graph.parameters)


def _value(default: object) -> str:
    return "no default" if default is None else default if isinstance(default, str) else msgspec.json.encode(default).decode()
