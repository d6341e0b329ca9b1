"""What the tests of YAML pipelines share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from stepwell.jobs.loading import Loaded, load_job
from stepwell_runner.graph.check import check

Load = Callable[..., Loaded]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """`load(text, **files)`: writes `pipeline.yml` and other files (`a__b` is `a/b.yml`), and loads the pipeline."""

    def loaded(text: str, edits: tuple[str, ...] = (), lax: bool = False, **files: str) -> Loaded:
        for name, content in {"pipeline": text, **files}.items():
            path = tmp_path / f"{name.replace('__', '/')}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(content), encoding="utf-8")
        found = load_job(str(tmp_path / "pipeline.yml"), None, edits=edits, lax=lax)
        check(found.graph)
        return found

    return loaded
