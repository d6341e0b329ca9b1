"""Rows as values. Each record's fields are the columns of its table, in any order; a test holds the two together."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, TypeVar, get_type_hints

import msgspec

RunStatus = Literal["Queued", "Running", "Completed", "Failed", "Canceled"]
StepStatus = Literal["Queued", "Running", "Completed", "Failed", "Canceled", "Skipped"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the rows. Times are seconds since 1970 in UTC."""


class Run(Record, frozen=True, kw_only=True):
    """One submission of a pipeline. `graph` is the digest of the graph's object; `number` counts runs of the workspace."""

    number: int
    id: str
    experiment: str
    pipeline: str
    status: RunStatus
    graph: str
    parameters: dict[str, Any]
    options: dict[str, Any]
    created_at: float
    source: str | None = None
    rerun_of: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    error: str | None = None
    git: dict[str, Any] | None = None
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}


class StepRun(Record, frozen=True, kw_only=True):
    """One step of a run. A reused one is Completed, ran nothing, and names the step run whose result it took.

    `ingredients` maps a named part of the fingerprint to its digest or value; `reasons` says why it ran, as
    encoded by the planner; `position` is its place in the graph. A trial of a sweep has the step run of the sweep as its
    `parent`, and a position behind those of the graph.
    """

    id: str
    run: str
    position: int
    step: str
    name: str
    kind: str
    status: StepStatus
    target: str = "local"
    attempt: int = 0
    reused_from: str | None = None
    fingerprint: str | None = None
    ingredients: dict[str, str] = {}
    reasons: list[dict[str, Any]] = []
    snapshot: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    duration_s: float | None = None
    exit_code: int | None = None
    error: str | None = None
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    parent: str | None = None


class OutputRecord(Record, frozen=True, kw_only=True):
    """What a step left: files on a datastore, their content digest, and the seal of their stat identity. `size` in bytes."""

    step_run: str
    name: str
    kind: Literal["file", "folder"]
    datastore: str
    path: str
    digest: str
    seal: str
    size: int
    files: int


class Artifact(Record, frozen=True, kw_only=True):
    """A small file kept with a run: `path` is relative to the workspace, `owner` a run or step run."""

    owner: str
    name: str
    path: str
    digest: str
    size: int


class Metric(Record, frozen=True, kw_only=True):
    """One logged value. `value` is JSON text in which NaN and Infinity may stand: a number for scalars, nested data for
    lists, rows and tables, the artifact's name for pictures."""

    owner: str
    name: str
    type: str
    value: str
    at: float
    step: int | None = None
    description: str | None = None


def metric_value(metric: Metric) -> Any:
    """What was logged, as Python data."""
    import json

    return json.loads(metric.value)


class Dataset(Record, frozen=True, kw_only=True):
    """One version of a registered dataset. `definition` is a DatasetDefinition as JSON-like data."""

    name: str
    version: int
    id: str
    definition: dict[str, Any]
    created_at: float
    description: str | None = None
    tags: dict[str, str] = {}


class Asset(Record, frozen=True, kw_only=True):
    """One version of something registered. `version` is text; numbers are given out as `1`, `2`, ... `status` is free text."""

    kind: str
    name: str
    version: str
    id: str
    body: dict[str, Any]
    created_at: float
    modified_at: float
    description: str | None = None
    status: str = "Active"
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}


R = TypeVar("R", bound=Record)


def new_id() -> str:
    """A random identifier in the form of a UUID version 4, for what people define."""
    import uuid

    return str(uuid.uuid4())


@cache
def columns(record: type[Record]) -> tuple[str, ...]:
    """The column names of a record's table."""
    return record.__struct_fields__


@cache
def _json_columns(record: type[Record]) -> frozenset[str]:
    hints = get_type_hints(record)
    return frozenset(name for name in columns(record) if "dict" in str(hints[name]) or "list" in str(hints[name]))


def to_row(value: Record) -> list[Any]:
    """The record as values for its columns; nested data as JSON text."""
    nested = _json_columns(type(value))
    return [_to_column(getattr(value, name), name in nested) for name in columns(type(value))]


def _to_column(value: Any, nested: bool) -> Any:
    return msgspec.json.encode(value).decode() if nested and value is not None else value


def from_row(record: type[R], row: tuple[Any, ...]) -> R:
    """The record from a row that was selected with `columns(record)`."""
    nested = _json_columns(record)
    return record(**{name: msgspec.json.decode(value) if name in nested and value is not None else value
                     for name, value in zip(columns(record), row, strict=True)})


def select(record: type[Record], table: str, rest: str = "") -> str:
    """`SELECT <columns> FROM <table> <rest>`."""
    return f"SELECT {', '.join(columns(record))} FROM {table} {rest}"  # noqa: S608 - names come from this module only


def insert(record: type[Record], table: str) -> str:
    """`INSERT INTO <table> ...` with one placeholder a column."""
    names = columns(record)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
