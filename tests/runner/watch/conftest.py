"""A pipeline to be watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from watch_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A pipeline of two steps that has run."""
    made = World(tmp_path)
    made.run()
    yield made
    made.workspace.close()
