"""Datastores a folder at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stepwell_store.errors import UsageError
from stepwell_store.workspace import Workspace
from stepwell_tui.views.datastores import above, browse, download, file_text, stores

BLOB = "workspaceblobstore"


def test_the_datastores_with_the_default_marked(workspace: Workspace) -> None:
    found = stores(workspace)
    assert [(store.name, store.kind, store.default) for store in found] == [(BLOB, "blob", True), ("workspacefilestore", "file", False)]
    assert found[0].folder == str(workspace.root / "datastores" / BLOB)


def test_a_folder_lists_its_folders_first_with_what_is_below_them(workspace: Workspace) -> None:
    top = browse(workspace, BLOB)
    assert [(item.name, item.is_folder) for item in top.items] == [("azureml", True), ("sets", True), ("top.txt", False)]
    sets = browse(workspace, BLOB, "sets")
    assert [(item.path, item.size, item.files) for item in sets.items] == [("sets/deep", 2000, 1), ("sets/one.txt", 22, 1)]
    assert (sets.size, sets.files) == (2022, 2)
    assert browse(workspace, BLOB, "nowhere").items == ()
    assert (above("sets/deep"), above("sets")) == ("sets", "")


def test_a_file_is_shown_as_safe_text_or_not_at_all(workspace: Workspace) -> None:
    assert file_text(workspace, BLOB, "sets/one.txt").text == "first\nsecond \\x1b[31mred\n"
    binary = file_text(workspace, BLOB, "sets/deep/two.bin")
    assert (binary.text, binary.note) == (None, "not text: 2.0 kB")
    assert file_text(workspace, BLOB, "gone").text is None


def test_a_pipe_is_not_waited_for(bare: Workspace) -> None:
    os.mkfifo(bare.root / "datastores" / BLOB / "pipe")
    assert file_text(bare, BLOB, "pipe").text is None


def test_downloads_say_what_they_did(workspace: Workspace, tmp_path: Path) -> None:
    assert download(workspace, BLOB, "sets", f"{tmp_path}/got") == f"2 files copied to {tmp_path}/got"
    assert (tmp_path / "got" / "sets" / "one.txt").read_text().startswith("first")
    assert download(workspace, BLOB, "sets", f"{tmp_path}/got") == f"0 files copied to {tmp_path}/got, 2 were there already"
    with pytest.raises(UsageError):
        download(workspace, BLOB, "sets", " ")
