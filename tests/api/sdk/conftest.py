"""What the tests of the vocabulary share."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import Workspace
from stepwell_store import workspace as stored


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that is there, and its folder as the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    stored.create(tmp_path)
    return Workspace.from_config()
