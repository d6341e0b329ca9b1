"""What runs and steps measured, one value a name: the latest, the smallest and largest, and the curve."""

from __future__ import annotations

from typing import Any

import msgspec

from stepwell_store.ledger import history
from stepwell_store.ledger.records import Metric, Run, StepRun, metric_value
from stepwell_store.workspace import Workspace


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All that was logged under one name. `step` is the key of the step, None for the run itself.

    `values` are the numbers of a series in order, `at` their places on the x axis where they were given; `rows` those of a table;
    `latest` the last thing that was logged, whatever it is.
    """

    owner: str
    step: str | None
    name: str
    type: str
    count: int
    latest: Any
    minimum: float | None = None
    maximum: float | None = None
    values: list[float] = []
    at: list[int] | None = None
    rows: list[dict[str, Any]] = []


def measured_in(workspace: Workspace, run: Run, steps: list[StepRun]) -> list[Measured]:
    """The metrics of a run itself and of these steps of it; a step that took a result has the metrics of that."""
    return [*_grouped(workspace, run.id, None), *(one for step in steps for one in measured_by(workspace, step))]


def measured_by(workspace: Workspace, step: StepRun) -> list[Measured]:
    """The metrics of one step, or of the step whose result it took."""
    owner = step.reused_from or step.id
    return _grouped(workspace, owner, step.step) if owner else []


def _grouped(workspace: Workspace, owner: str, step: str | None) -> list[Measured]:
    groups: dict[tuple[str, str], list[Metric]] = {}
    for metric in history.metrics_of(workspace.database, owner):
        groups.setdefault((metric.name, metric.type), []).append(metric)
    return [_measured(owner, step, group) for group in groups.values()]


def _measured(owner: str, step: str | None, group: list[Metric]) -> Measured:
    logged = [metric_value(metric) for metric in group]
    items = [item for value in logged for item in value] if group[0].type == "list" else logged
    values = [float(item) for item in items if _is_number(item)]
    places = [metric.step for metric in group]
    is_series = bool(values) and len(values) == len(items)
    # NaN compares as neither less nor more; it is no extreme.
    known = [value for value in values if value == value]
    return Measured(
        owner=owner, step=step, name=group[0].name, type=group[0].type, count=len(items), latest=items[-1] if items else None,
        minimum=min(known) if is_series and known else None, maximum=max(known) if is_series and known else None,
        values=values if is_series else [], at=_places(places) if is_series and len(places) == len(values) else None,
        rows=_rows(group[0].type, logged))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _places(places: list[int | None]) -> list[int] | None:
    known = [place for place in places if place is not None]
    return known if len(known) == len(places) else None


def _rows(kind: str, logged: list[Any]) -> list[dict[str, Any]]:
    """Rows of a table: those that were logged one by one, or of the columns that were logged at once."""
    if kind == "row":
        return [dict(value) for value in logged if isinstance(value, dict)]
    if kind != "table":
        return []
    found: list[dict[str, Any]] = []
    for value in logged:
        columns = {name: cells if isinstance(cells, list) else [cells] for name, cells in value.items()}
        length = max(map(len, columns.values()), default=0)
        found += [{name: cells[at] if at < len(cells) else None for name, cells in columns.items()} for at in range(length)]
    return found
