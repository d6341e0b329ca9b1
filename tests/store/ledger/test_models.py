"""Models: their files are objects that a collection keeps as long as somebody registered them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell_store import models
from stepwell_store.errors import UsageError
from stepwell_store.housekeeping.references import named, needed
from stepwell_store.workspace import Workspace


def test_the_files_of_a_model_are_needed_while_it_is_registered(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "m" / "deep").mkdir(parents=True)
    (tmp_path / "m" / "a").write_bytes(b"a")
    (tmp_path / "m" / "deep" / "b").write_bytes(b"b")
    kept = models.register(workspace, "model", models.files_of(str(tmp_path / "m")), {"framework": "x"}, tags={"k": "v"})
    found = needed(workspace.objects, named(workspace.database.connection), ())
    assert set(workspace.objects.digests()) <= found.digests
    path = models.restore(workspace, kept, str(tmp_path / "out"))
    assert (Path(path).name, (Path(path) / "deep" / "b").read_bytes()) == ("m", b"b")
    with pytest.raises(UsageError, match="no file or folder"):
        models.files_of(str(tmp_path / "nothing"))
    with pytest.raises(UsageError, match="has no files"):
        models.register(workspace, "empty", [], {})
