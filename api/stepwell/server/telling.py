"""From the records of the workspace to what goes over the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from stepwell.server import shapes
from stepwell.server.address import route
from stepwell_runner.graph.model import Graph
from stepwell_runner.scheduling.firing import SCHEDULE, state_of, trigger_of
from stepwell_runner.scheduling.recurrence import describe
from stepwell_runner.scheduling.triggers import DataChange
from stepwell_runner.verbs.publish import ENDPOINT, PUBLISHED, VERSION
from stepwell_runner.verbs.steps import step_count
from stepwell_store.ledger import publishing, schedules, waiting
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace

RUN_CODES = {"Queued": 0, "Running": 1, "Failed": 2, "Completed": 3, "Canceled": 4}
STEP_CODES = {"Queued": 1, "Running": 2, "Failed": 3, "Completed": 4, "Canceled": 5, "Skipped": 7}


def moment(at: float | None) -> str | None:
    """A time as ISO 8601 in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def run(workspace: Workspace, record: Run, steps: int) -> shapes.PipelineRun:
    """A run; `steps` is how many its graph has."""
    created = moment(record.created_at) or ""
    changed = moment(record.ended_at or record.started_at or record.created_at) or ""
    said = record.properties
    place = waiting.place_of(workspace.database, record.id) if record.status == "Queued" else None
    detail = record.error or (None if place is None else f"waits for room on its compute target; {place} before it")
    return shapes.PipelineRun(
        id=record.id, run_url=route(workspace, f"/PipelineRuns/{record.id}"), run_number=record.number,
        status=shapes.Status(status_code=RUN_CODES[record.status], status_detail=detail, creation_time=created,
                             end_time=moment(record.ended_at)),
        description=said.get("stepwell.description"), graph_id=record.graph, pipeline_name=record.pipeline,
        pipeline_id=said.get(PUBLISHED), pipeline_endpoint_id=said.get(ENDPOINT), pipeline_endpoint_version=said.get(VERSION),
        schedule_id=said.get(SCHEDULE), run_history_experiment_name=record.experiment, experiment_name=record.experiment,
        parent_run_id=said.get("stepwell.parent_run"),
        parameter_assignments={name: _text(value) for name, value in record.parameters.items()},
        run_source=said.get("stepwell.run_source", "SDK"), run_type=said.get("stepwell.run_type", "SDK"), total_run_steps=steps,
        tags=record.tags, properties=record.properties, has_errors=record.status == "Failed", queue_place=place, created_date=created,
        last_modified_date=changed)


def _text(value: Any) -> str:
    import msgspec

    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def step(record: StepRun, logs: list[str]) -> shapes.StepRun:
    """A step of a run."""
    return shapes.StepRun(
        id=record.id, node_id=record.step, name=record.name, status_code=STEP_CODES[record.status], run_status=record.status,
        is_reused=record.reused_from is not None, reused_from=record.reused_from, start_time=moment(record.started_at),
        end_time=moment(record.ended_at), exit_code=record.exit_code, error=record.error, logs=logs, tags=record.tags)


def published(workspace: Workspace, record: publishing.Published) -> dict[str, Any]:
    """The fields of a published pipeline."""
    return {
        "id": record.id, "name": record.name, "description": record.description, "version": record.version, "status": record.status,
        "entity_status": 0 if record.status == "Active" else 1, "graph_id": record.graph, "total_run_steps": record.steps,
        "endpoint": route(workspace, f"/PipelineRuns/PipelineSubmit/{record.id}"), "created_date": moment(record.created_at),
    }


def parameters(graph: Graph) -> list[shapes.Parameter]:
    """What can be set in a graph."""
    return [shapes.Parameter(name=one.name, type=one.type, default_value=one.default) for one in graph.parameters]


def endpoint(workspace: Workspace, record: publishing.Endpoint) -> shapes.PipelineEndpoint:
    """An endpoint with its versions."""
    versions = publishing.versions_of(workspace.database, record.id)
    return shapes.PipelineEndpoint(
        id=record.id, name=record.name, description=record.description, status=record.status,
        entity_status=0 if record.status == "Active" else 1, default_version=record.default_version,
        endpoint=route(workspace, f"/PipelineRuns/PipelineEndpointSubmit/Id/{record.id}"),
        pipeline_version_list=[shapes.EndpointVersion(version=one.version, pipeline_id=one.published) for one in versions],
        created_date=moment(record.created_at) or "")


def step_total(workspace: Workspace, record: Run) -> int:
    """How many steps a run has; 0 when its graph is no longer there."""
    return _step_total(workspace, record.graph)


@lru_cache(maxsize=256)
def _step_total(workspace: Workspace, graph: str) -> int:
    return step_count(workspace, graph) or 0


def schedule(record: schedules.Schedule) -> shapes.Schedule:
    """A schedule."""
    trigger, state = trigger_of(record), state_of(record)
    when = f"changes at {trigger.datastore}:{trigger.path}" if isinstance(trigger, DataChange) else describe(trigger)
    active = record.status == "Active"
    return shapes.Schedule(
        id=record.id, name=record.name, description=record.description, status=record.status, entity_status=0 if active else 1,
        pipeline_id=record.published, pipeline_endpoint_id=record.endpoint, experiment_name=record.experiment, trigger=when,
        next_time=moment(state.due) if active and not isinstance(trigger, DataChange) else None, last_time=moment(state.last),
        problem=state.problem)
