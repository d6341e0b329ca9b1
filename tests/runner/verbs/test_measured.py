"""What was logged under one name, summed up."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.verbs.measured import Measured, measured_by
from stepwell_store import workspace as workspaces
from stepwell_store.ledger import events
from stepwell_store.ledger.records import Metric, StepRun
from stepwell_store.workspace import Workspace

STEP = StepRun(id="s", run="r", position=0, step="train", name="train", kind="k", status="Completed")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    base: Path = tmp_path_factory.mktemp("measured")
    return workspaces.open_workspace(workspaces.create(base))


def measured(workspace: Workspace, kind: str, values: list[Any], places: list[int] | None = None) -> Measured:
    """The one summary of what was logged as `kind` under one name."""
    with workspace.database.write() as connection:
        connection.execute("DELETE FROM metrics")
        events.append(connection, [events.MetricsLogged(at=0.0, run="r", metrics=[
            Metric(owner="s", name="m", type=kind, value=json.dumps(value), at=0.0, step=places[at] if places else None)
            for at, value in enumerate(values)])])
    (found,) = measured_by(workspace, STEP)
    return found


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=20))
def test_a_series(workspace: Workspace, values: list[float]) -> None:
    found = measured(workspace, "scalar", values)
    known = [value for value in values if not math.isnan(value)]
    assert found.count == len(values) == len(found.values)
    assert (found.minimum, found.maximum) == ((min(known), max(known)) if known else (None, None))
    assert repr(found.latest) == repr(values[-1])


def test_texts_are_no_series(workspace: Workspace) -> None:
    found = measured(workspace, "scalar", ["a", 1.0, True])
    assert (found.values, found.minimum, found.latest, found.count) == ([], None, True, 3)


def test_lists_follow_each_other(workspace: Workspace) -> None:
    found = measured(workspace, "list", [[1, 2], [3]])
    assert (found.values, found.latest, found.count) == ([1.0, 2.0, 3.0], 3, 3)
    assert measured(workspace, "list", [[]]).latest is None


def test_places_count_when_all_are_given(workspace: Workspace) -> None:
    assert measured(workspace, "scalar", [1.0, 2.0], [10, 20]).at == [10, 20]
    assert measured(workspace, "scalar", [1.0, 2.0]).at is None


def test_tables(workspace: Workspace) -> None:
    assert measured(workspace, "row", [{"a": 1}, {"b": 2}]).rows == [{"a": 1}, {"b": 2}]
    table = measured(workspace, "table", [{"a": [1, 2], "b": [3], "c": 4}])
    assert table.rows == [{"a": 1, "b": 3, "c": 4}, {"a": 2, "b": None, "c": None}]
