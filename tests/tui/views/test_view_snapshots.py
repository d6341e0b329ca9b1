"""Snapshots and what differs between them."""

from __future__ import annotations

import pytest

from stepwell_store.workspace import Workspace
from stepwell_tui.views.snapshots import Difference, contents, difference, file_text, kept, patch


@pytest.fixture
def differences(workspace: Workspace) -> dict[str, Difference]:
    new, old = kept(workspace)
    return {one.path: one for one in difference(workspace, old.digest, new.digest)}


def test_the_snapshot_used_last_comes_first(workspace: Workspace) -> None:
    assert [(one.number, one.uses) for one in kept(workspace)] == [(2, 2), (1, 2)]


def test_the_files_of_a_snapshot_and_their_text(workspace: Workspace) -> None:
    tree = contents(workspace, kept(workspace)[0].digest).tree
    assert [entry.path for entry in tree.entries] == ["blob.bin", "clean.py", "extra.py", "train.py"]
    assert file_text(workspace, tree.entries[2]).text == "X = 1\n"
    assert file_text(workspace, tree.entries[0]).note == "not text: 256 B"


def test_what_differs_between_two_snapshots(workspace: Workspace, differences: dict[str, Difference]) -> None:
    assert {path: one.what for path, one in differences.items()} == {"blob.bin": "added", "clean.py": "changed", "extra.py": "added"}
    text = patch(workspace, differences["clean.py"]).text
    assert text is not None
    assert text.splitlines()[:2] == ["--- clean.py", "+++ clean.py"]
    assert text.splitlines()[-1] == "+# better"
    assert patch(workspace, differences["extra.py"]).text == "--- nothing\n+++ extra.py\n@@ -0,0 +1 @@\n+X = 1"
    assert patch(workspace, differences["blob.bin"]).note == "not text: 256 B"


def test_a_snapshot_does_not_differ_from_itself(workspace: Workspace) -> None:
    digest = kept(workspace)[0].digest
    assert difference(workspace, digest, digest) == []
