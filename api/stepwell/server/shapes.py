"""What goes over the wire, in the names that v1 scripts send and read."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

Name = Annotated[str, Meta(max_length=255)]
Text = Annotated[str, Meta(max_length=65_536)]
ExperimentName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9][\w-]{0,254}$", max_length=255)]
Scalar = bool | int | float | Text


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Base: fields are sent in PascalCase."""


class DataPathAssignment(Shape, frozen=True):
    """A place on a datastore."""

    data_store_name: Name
    relative_path: Text = ""


class DataSetId(Shape, frozen=True):
    """A dataset by its id, or by a registered name."""

    id: Name
    version: Name | None = None


class DataSetValue(Shape, frozen=True):
    """The data of a parameter: one of the three."""

    saved_data_set_reference: DataSetId | None = None
    data_set_reference: DataSetId | None = None
    literal_value: DataPathAssignment | None = None


class Submission(Shape, frozen=True):
    """What is asked to be run. Parameters that the pipeline does not have are ignored, and so are other keys."""

    experiment_name: ExperimentName | None = None
    parameter_assignments: Annotated[dict[Name, Scalar | None], Meta(max_length=1000)] = {}
    data_path_assignments: Annotated[dict[Name, DataPathAssignment], Meta(max_length=1000)] = {}
    data_set_definition_value_assignments: Annotated[dict[Name, DataSetValue], Meta(max_length=1000)] = {}
    parent_run_id: Name | None = None
    run_source: Name | None = None
    run_type: Name | None = None
    description: Text | None = None
    continue_run_on_step_failure: bool | None = None
    tags: dict[Name, Text] | None = field(name="tags", default=None)
    properties: dict[Name, Text] | None = None
    step_tags: dict[Name, Text] | None = None


class Status(Shape, frozen=True):
    """`StatusCode`: 0 not started, 1 running, 2 failed, 3 finished, 4 cancelled; times as ISO 8601 in UTC."""

    status_code: int
    status_detail: str | None
    creation_time: str
    end_time: str | None


class PipelineRun(Shape, frozen=True):
    """One run of a pipeline. `QueuePlace` is how many are before it while it waits for room."""

    id: str
    run_url: str
    run_number: int
    status: Status
    description: str | None
    graph_id: str
    pipeline_name: str
    pipeline_id: str | None
    pipeline_endpoint_id: str | None
    pipeline_endpoint_version: str | None
    schedule_id: str | None
    run_history_experiment_name: str
    experiment_name: str
    parent_run_id: str | None
    parameter_assignments: dict[str, str]
    run_source: str
    run_type: str
    total_run_steps: int
    properties: dict[str, str]
    has_errors: bool
    queue_place: int | None
    created_date: str
    last_modified_date: str
    tags: dict[str, str] = field(name="tags", default={})
    is_submitted: bool = True
    has_warnings: bool = False
    entity_status: int = 0


class StepRun(Shape, frozen=True):
    """One step of a run. `NodeId` is its key in the graph; `StatusCode` as for runs, and 7 for one that was left out."""

    id: str
    node_id: str
    name: str
    status_code: int
    run_status: str
    is_reused: bool
    reused_from: str | None
    start_time: str | None
    end_time: str | None
    exit_code: int | None
    error: str | None
    logs: list[str]
    tags: dict[str, str] = field(name="tags", default={})


class Output(Shape, frozen=True):
    """What a step left on a datastore. `Size` in bytes."""

    name: str
    node_id: str
    output_name: str
    data_store_name: str
    relative_path: str
    kind: str
    size: int
    digest: str


class Parameter(Shape, frozen=True):
    """A value that a submission may set."""

    name: str
    type: str
    default_value: Any


class PublishedPipeline(Shape, frozen=True):
    """A published pipeline. `EntityStatus`: 0 active, 1 disabled."""

    id: str
    name: str
    description: str | None
    version: str | None
    status: str
    entity_status: int
    graph_id: str
    endpoint: str
    total_run_steps: int
    created_date: str


class PublishedDetails(PublishedPipeline, frozen=True):
    """A published pipeline with what can be set."""

    parameters: list[Parameter]


class EndpointVersion(Shape, frozen=True):
    """A version of an endpoint."""

    version: str
    pipeline_id: str


class PipelineEndpoint(Shape, frozen=True):
    """An endpoint and its versions."""

    id: str
    name: str
    description: str | None
    status: str
    entity_status: int
    default_version: str
    endpoint: str
    pipeline_version_list: list[EndpointVersion]
    created_date: str


class Schedule(Shape, frozen=True):
    """A schedule; `NextTime` is when it fires next, as ISO 8601 in UTC, None when that depends on data or it is disabled."""

    id: str
    name: str
    description: str | None
    status: str
    entity_status: int
    pipeline_id: str | None
    pipeline_endpoint_id: str | None
    experiment_name: str
    trigger: str
    next_time: str | None
    last_time: str | None
    problem: str | None


class Cancelled(Shape, frozen=True):
    """A run was asked to stop; `Status` is how it is at this moment."""

    id: str
    status: str


class ErrorText(msgspec.Struct, frozen=True):
    """`code` is a word for programs, `message` a sentence for people."""

    code: str
    message: str


class Error(msgspec.Struct, frozen=True):
    """The body of every answer that is not a success."""

    error: ErrorText
