"""A project with data, runs and a repository, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from data_project import Project, make

from stepwell_store.workspace import Workspace, create, open_workspace, require


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Nobody changes it."""
    return make(tmp_path_factory.mktemp("data") / "project")


@pytest.fixture
def workspace(project: Project) -> Iterator[Workspace]:
    """Its workspace, open."""
    found = require(project.base)
    yield found
    found.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace in which nothing has happened."""
    found = open_workspace(create(tmp_path))
    yield found
    found.close()
