"""An empty workspace, and a story to fill it with."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from house_story import Story

from stepwell_store import workspace as workspaces
from stepwell_store.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    opened = workspaces.open_workspace(workspaces.create(tmp_path / "here"))
    yield opened
    opened.close()


@pytest.fixture
def story(workspace: Workspace) -> Story:
    """Writes history into the workspace."""
    return Story(workspace)


@pytest.fixture
def age() -> Callable[[Workspace, float], None]:
    """`age(workspace, seconds)` makes every file look as if it had been written so long ago."""
    return _age


def _age(workspace: Workspace, seconds: float) -> None:
    moment = time.time() - seconds
    for parent, folders, names in os.walk(workspace.root):
        for name in (*folders, *names):
            os.utime(os.path.join(parent, name), (moment, moment))
