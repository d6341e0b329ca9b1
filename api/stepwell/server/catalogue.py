"""The routes that tell what is published, and by which endpoints."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request
from litestar.params import Parameter

from stepwell.server import shapes, telling
from stepwell.server.allowing import allow, token_of
from stepwell.server.documented import get
from stepwell.server.refusals import Refusal
from stepwell.server.world import world_of
from stepwell_runner.verbs.publish import graph_of
from stepwell_store.errors import IntegrityError
from stepwell_store.ledger import publishing, schedules

Caller = Request[Any, Any, Any]
ActiveOnly = Annotated[bool, Parameter(query="activeOnly", description="Leave out what is disabled.")]


@get("/Pipelines", operation_id="listPipelines", summary="Published pipelines, newest first")
def list_pipelines(request: Caller, active_only: ActiveOnly = True) -> list[shapes.PublishedPipeline]:
    """All published pipelines, the newest first."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read")
    found = publishing.list_published(workspace.database, active_only=active_only)
    return [shapes.PublishedPipeline(**telling.published(workspace, one)) for one in found]


@get("/Pipelines/{pipeline_id:str}", operation_id="getPipeline", summary="One published pipeline")
def get_pipeline(request: Caller, pipeline_id: str) -> shapes.PublishedDetails:
    """A published pipeline with its parameters."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read", pipeline_id)
    found = publishing.get_published(workspace.database, pipeline_id)
    if found is None:
        raise Refusal(404, f"there is no published pipeline {pipeline_id}")
    try:
        graph = graph_of(workspace, found)
    except IntegrityError as error:
        raise Refusal(404, f"what was published cannot be read: {error.what}") from None
    return shapes.PublishedDetails(**telling.published(workspace, found), parameters=telling.parameters(graph))


@get("/PipelineEndpoints", operation_id="listEndpoints", summary="Endpoints by name")
def list_endpoints(request: Caller, active_only: ActiveOnly = True) -> list[shapes.PipelineEndpoint]:
    """All endpoints by name."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read")
    return [telling.endpoint(workspace, one) for one in publishing.list_endpoints(workspace.database, active_only=active_only)]


@get("/PipelineEndpoints/{endpoint_id:str}", operation_id="getEndpoint", summary="One endpoint")
def get_endpoint(request: Caller, endpoint_id: str) -> shapes.PipelineEndpoint:
    """An endpoint with its versions."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read", endpoint_id)
    found = publishing.get_endpoint(workspace.database, endpoint_id)
    if found is None:
        raise Refusal(404, f"there is no endpoint {endpoint_id}")
    return telling.endpoint(workspace, found)


@get("/Schedules", operation_id="listSchedules", summary="Schedules, newest first")
def list_schedules(request: Caller, active_only: ActiveOnly = True) -> list[shapes.Schedule]:
    """All schedules, the newest first."""
    workspace = world_of(request).workspace
    allow(token_of(request), "read")
    return [telling.schedule(one) for one in schedules.list_schedules(workspace.database, active_only=active_only)]


@get("/Schedules/{schedule_id:str}", operation_id="getSchedule", summary="One schedule")
def get_schedule(request: Caller, schedule_id: str) -> shapes.Schedule:
    """A schedule, when it fires next and what kept it from firing."""
    allow(token_of(request), "read")
    found = schedules.get_schedule(world_of(request).workspace.database, schedule_id)
    if found is None:
        raise Refusal(404, f"there is no schedule {schedule_id}")
    return telling.schedule(found)


ROUTES = [list_pipelines, get_pipeline, list_endpoints, get_endpoint, list_schedules, get_schedule]
