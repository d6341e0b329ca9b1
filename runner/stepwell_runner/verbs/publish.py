"""Publish pipelines: keep graph, sources and what else they need as they are now, and run them later from what was kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import Graph, Scalar, decode, encode
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError
from stepwell_store.housekeeping.guard import using
from stepwell_store.ledger import publishing
from stepwell_store.ledger.publishing import Endpoint, Published
from stepwell_store.ledger.records import Run, new_id
from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    from stepwell_runner.verbs.submit import Submission

PUBLISHED, ENDPOINT, VERSION = "stepwell.published", "stepwell.endpoint", "stepwell.endpoint_version"
"""Properties of a run: the id of the published pipeline that it ran, and by which version of which endpoint."""


class Called(msgspec.Struct, frozen=True):
    """A published pipeline, and the endpoint and its version by which it was asked for, if it was."""

    published: Published
    endpoint: Endpoint | None = None
    version: str | None = None

    @property
    def properties(self) -> dict[str, str]:
        """What a run of it says of where it came from."""
        found = {PUBLISHED: self.published.id}
        if self.endpoint is not None and self.version is not None:
            found |= {ENDPOINT: self.endpoint.id, VERSION: self.version}
        return found


def publish_graph(workspace: Workspace, graph: Graph, *, name: str, description: str | None = None, version: str | None = None,
                  continue_on_failure: bool | None = None, source: str | None = None, source_run: str | None = None,
                  pinned: Mapping[str, str] | None = None) -> Published:
    """Publish a pipeline. Sources that are not pinned are stored as they are now; UsageError for what its author must mend."""
    from stepwell_runner.execution.sight import Sight

    check(graph)
    kept = _kept(graph, name, continue_on_failure)
    sight = Sight(workspace, pinned)
    with using(workspace.locks):
        snapshots = {step.key: digest for step in graph.steps if (digest := sight.stored(step)) is not None}
        record = Published(
            id=new_id(), name=name, description=description, version=version, graph=workspace.objects.put_bytes(encode(kept)),
            snapshots=snapshots, files={path: sight.file(path) for step in graph.steps for path in step.hash_paths},
            environments=sorted({sight.environment(step) for step in graph.steps}), steps=len(graph.steps),
            created_at=time.time(), source=source, source_run=source_run)
        publishing.add_published(workspace.database, record)
    return record


def _kept(graph: Graph, name: str, continue_on_failure: bool | None) -> Graph:
    # What Git says of the author's folder when it is run says nothing of what was published.
    kept = msgspec.structs.replace(graph, name=name, base=None)
    return kept if continue_on_failure is None else msgspec.structs.replace(kept, continue_on_failure=continue_on_failure)


def publish_run(workspace: Workspace, run: Run, *, name: str, description: str | None = None, version: str | None = None,
                continue_on_failure: bool | None = None) -> Published:
    """Publish what a run ran, with the parameters' values of that run as defaults and the sources that it used.

    A step of which the run has no snapshot, because it has not begun or was left out, is taken as it is now.
    """
    from stepwell_runner.verbs.submit import rerun_of

    earlier = rerun_of(workspace, run)
    defaults = {name: value for name, value in earlier.parameters.items() if value is not None}
    parameters = tuple(msgspec.structs.replace(one, default=defaults.get(one.name, one.default)) for one in earlier.graph.parameters)
    return publish_graph(workspace, msgspec.structs.replace(earlier.graph, parameters=parameters), name=name, description=description,
                         version=version, continue_on_failure=continue_on_failure, source=run.source, source_run=run.id,
                         pinned=earlier.pinned)


def graph_of(workspace: Workspace, published: Published) -> Graph:
    """The graph of a published pipeline; IntegrityError when its object is gone or damaged."""
    return _decoded(workspace, published.graph)


@lru_cache(maxsize=64)
def _decoded(workspace: Workspace, digest: str) -> Graph:
    return decode(workspace.objects.read(digest))


def submission_of(workspace: Workspace, called: Called, *, experiment: str | None = None,
                  parameters: Mapping[str, Scalar | DatasetDefinition] | None = None, continue_on_failure: bool | None = None,
                  tolerant: bool = False, **changes: Any) -> Submission:
    """The submission that runs a published pipeline. `tolerant` drops parameters that it does not have.

    UsageError when it is switched off. `changes` are further fields of the submission.
    """
    from stepwell_runner.verbs.submit import Submission

    published = called.published
    refuse_disabled(called)
    graph = graph_of(workspace, published)
    given = dict(parameters or {})
    if tolerant:
        declared = {parameter.name for parameter in graph.parameters}
        given = {name: value for name, value in given.items() if name in declared}
    return Submission(graph=graph, source=published.source, experiment=experiment, parameters=given, pinned=published.snapshots,
                      files=published.files, continue_on_failure=continue_on_failure,
                      properties={**called.properties, **changes.pop("properties", {})}, **changes)


def refuse_disabled(called: Called) -> None:
    """UsageError when the endpoint or the published pipeline is switched off."""
    if called.endpoint is not None and called.endpoint.status != "Active":
        raise Disabled(f"the endpoint {called.endpoint.name} is disabled", todo=f"`stepwell endpoint enable {called.endpoint.name}`")
    if called.published.status != "Active":
        raise Disabled(f"the published pipeline {called.published.name} is disabled",
                       todo=f"`stepwell published enable {called.published.id[:8]}`")


class Disabled(UsageError):
    """A published pipeline or an endpoint is switched off."""


def called_by_endpoint(workspace: Workspace, endpoint: Endpoint, version: str | None = None) -> Called:
    """The published pipeline behind one version of an endpoint, the default one for None; UsageError when it has no such version."""
    chosen = publishing.version_of(workspace.database, endpoint, version)
    published = publishing.get_published(workspace.database, chosen.published)
    assert published is not None, "the table refers to it"
    return Called(published, endpoint, chosen.version)
