"""The short history that the commands look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commandline import Result
from short_history import Seeded, on_terminal, seed, stepwell
from stepwell_store import workspace as workspaces


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """A workspace that nobody changes, with five runs."""
    return seed(tmp_path_factory.mktemp("seeded") / "project")


@pytest.fixture
def typed(seeded: Seeded) -> Callable[..., Result]:
    """`typed("runs", "--json")` runs the command in the seeded workspace."""
    return lambda *words, **changes: stepwell(*words, cwd=seeded.base, **changes)


@pytest.fixture
def shown(seeded: Seeded) -> Callable[..., Result]:
    """The same on a terminal of 80 columns."""
    return lambda *words, **changes: on_terminal(*words, cwd=seeded.base, **changes)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with a workspace in which nothing has happened."""
    workspaces.create(tmp_path)
    return tmp_path
