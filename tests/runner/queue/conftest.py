"""A world whose steps are let go at the end of the test, whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from queue_world import World

from stepwell_store.ledger import history


@pytest.fixture
def world(tmp_path: Path, eventually: Callable[..., None]) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.go()
    eventually(lambda: not history.begun_runs(made.workspace.database), timeout=60)
    made.workspace.close()
