"""A project for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commandline import Meeting, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A new project without a workspace."""
    return Project(tmp_path / "project")


@pytest.fixture
def meeting(tmp_path: Path) -> Iterator[Meeting]:
    """Where a step says that it runs."""
    made = Meeting(tmp_path / "meeting")
    yield made
    made.close()


@pytest.fixture
def go(tmp_path: Path) -> Iterator[Meeting]:
    """Where a step waits for leave to go on."""
    made = Meeting(tmp_path / "go")
    yield made
    made.close()
