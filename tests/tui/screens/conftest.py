"""Histories to look at, and copies of them to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import data_project
import msgspec
import pytest

from short_history import Seeded, seed


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> data_project.Project:
    """Data of every kind, a repository, and two runs. Nobody changes it."""
    return data_project.make(tmp_path_factory.mktemp("places") / "project")


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """Five runs, the fourth of which failed. Nobody changes them."""
    return seed(tmp_path_factory.mktemp("keys") / "project")


@pytest.fixture
def words(seeded: Seeded, tmp_path: Path) -> Seeded:
    """A copy of them that a test may change."""
    base = tmp_path / "words"
    shutil.copytree(seeded.base, base, symlinks=True)
    return msgspec.structs.replace(seeded, base=base)
