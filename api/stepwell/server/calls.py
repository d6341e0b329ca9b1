"""The routes by which published pipelines are run."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request
from litestar.params import Parameter

from stepwell.server import shapes
from stepwell.server.allowing import token_of
from stepwell.server.documented import post
from stepwell.server.refusals import Refusal
from stepwell.server.submitting import submit
from stepwell.server.world import World, world_of
from stepwell_runner.verbs.publish import Called, called_by_endpoint
from stepwell_store.errors import UsageError
from stepwell_store.ledger import publishing

Caller = Request[Any, Any, Any]
Key = Annotated[str | None, Parameter(header="Idempotency-Key", max_length=200, required=False,
                                      description="A name of the caller's own: the same submission with the same key makes one run.")]
Parent = Annotated[str | None, Parameter(query="parentRunId", max_length=255, required=False)]
Version = Annotated[str | None, Parameter(query="pipelineVersion", max_length=20, required=False, description="Default: the default one.")]
Name = Annotated[str, Parameter(query="name", max_length=255, description="The endpoint's name.")]


@post("/PipelineRuns/PipelineSubmit/{pipeline_id:str}", operation_id="submitPipeline", summary="Run a published pipeline")
def submit_pipeline(request: Caller, pipeline_id: str, data: shapes.Submission, key: Key = None,
                    parent: Parent = None) -> shapes.PipelineRun:
    """Run a published pipeline by its id."""
    world = world_of(request)
    found = publishing.get_published(world.workspace.database, pipeline_id)
    if found is None:
        raise Refusal(404, f"there is no published pipeline {pipeline_id}")
    return submit(world, token_of(request), Called(found), with_parent(data, parent), key)


@post("/PipelineRuns/PipelineEndpointSubmit/Id/{endpoint_id:str}", operation_id="submitEndpoint", summary="Run an endpoint")
def submit_endpoint(request: Caller, endpoint_id: str, data: shapes.Submission, key: Key = None, version: Version = None,
                    parent: Parent = None) -> shapes.PipelineRun:
    """Run the default version of an endpoint, or the one of `pipelineVersion`."""
    world = world_of(request)
    return submit(world, token_of(request), _called(world, endpoint_id, None, version), with_parent(data, parent), key)


@post("/PipelineRuns/PipelineEndpointSubmit/Id/{endpoint_id:str}/{pipeline_version:str}", operation_id="submitEndpointVersion",
      summary="Run a version of an endpoint")
def submit_endpoint_version(request: Caller, endpoint_id: str, pipeline_version: str, data: shapes.Submission, key: Key = None,
                            parent: Parent = None) -> shapes.PipelineRun:
    """Run one version of an endpoint."""
    world = world_of(request)
    return submit(world, token_of(request), _called(world, endpoint_id, None, pipeline_version), with_parent(data, parent), key)


@post("/PipelineRuns/PipelineEndpointSubmit/Name", operation_id="submitEndpointByName", summary="Run an endpoint by its name")
def submit_endpoint_by_name(request: Caller, name: Name, data: shapes.Submission, key: Key = None, version: Version = None,
                            parent: Parent = None) -> shapes.PipelineRun:
    """Run an endpoint by its name, the default version or the one of `pipelineVersion`."""
    world = world_of(request)
    return submit(world, token_of(request), _called(world, None, name, version), with_parent(data, parent), key)


def with_parent(data: shapes.Submission, parent: str | None) -> shapes.Submission:
    """The submission with a parent run that the address names; the body's own one counts more."""
    import msgspec

    return data if parent is None or data.parent_run_id is not None else msgspec.structs.replace(data, parent_run_id=parent)


def _called(world: World, identity: str | None, name: str | None, version: str | None) -> Called:
    database = world.workspace.database
    found = publishing.get_endpoint(database, identity) if identity is not None else publishing.endpoint_named(database, name or "")
    if found is None:
        raise Refusal(404, f"there is no endpoint {identity if identity is not None else name}")
    try:
        return called_by_endpoint(world.workspace, found, version)
    except UsageError as error:
        raise Refusal(404, error.what) from None


ROUTES = [submit_pipeline, submit_endpoint, submit_endpoint_version, submit_endpoint_by_name]
