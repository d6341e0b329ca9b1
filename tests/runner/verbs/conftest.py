"""A workspace with a short history."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from short_history import Seeded, seed
from stepwell_store.workspace import Workspace, require


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """A workspace that nobody changes, with five runs."""
    return seed(tmp_path_factory.mktemp("seeded") / "project")


@pytest.fixture
def workspace(seeded: Seeded) -> Iterator[Workspace]:
    """The workspace, open."""
    found = require(seeded.base)
    yield found
    found.close()
