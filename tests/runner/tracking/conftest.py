"""A project for the tests that run whole commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A new project without a workspace."""
    return Project(tmp_path / "project")
