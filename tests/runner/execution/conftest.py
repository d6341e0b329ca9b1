"""A place for trial runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from trial_runs import Trials


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Trials]:
    made = Trials(tmp_path)
    yield made
    made.workspace.close()
