"""Metrics of runs in the shapes that v1 gives them."""

from __future__ import annotations

from typing import Any

from stepwell.sdk.step_modules import step_module
from stepwell_store.ledger import history
from stepwell_store.ledger.records import metric_value
from stepwell_store.workspace import Workspace


def metrics_of(workspace: Workspace, owner: str, name: str | None = None) -> dict[str, Any]:
    """By name: a scalar logged once as it is, logged again as a list; rows and tables as columns; pictures by the name of their file."""
    logged = history.metrics_of(workspace.database, owner, name)
    reports = [{"name": metric.name, "type": metric.type, "value": metric_value(metric)} for metric in logged]
    found: dict[str, Any] = step_module("metrics").collect(reports)
    return found
