"""`stepwell datastore`."""

from __future__ import annotations

from pathlib import Path

import pytest

from short_history import on_terminal, stepwell


@pytest.fixture
def folder(empty: Path) -> Path:
    """A workspace beside a folder with two files."""
    (empty / "data" / "deep").mkdir(parents=True)
    (empty / "data" / "a.txt").write_text("a")
    (empty / "data" / "deep" / "b.txt").write_text("bb")
    return empty


def test_ls(folder: Path) -> None:
    found = stepwell("datastore", "ls", "--json", cwd=folder).data
    assert [(store["name"], store["kind"], store["default"]) for store in found] == [
        ("workspaceblobstore", "blob", True), ("workspacefilestore", "file", False)]
    assert stepwell("datastore", "ls", cwd=folder).out.splitlines()[1].split()[:3] == ["workspaceblobstore", "default", "blob"]


def test_upload_list_download(folder: Path) -> None:
    assert "nothing in workspaceblobstore" in stepwell("datastore", "ls", "workspaceblobstore", cwd=folder).err
    done = stepwell("datastore", "upload", "workspaceblobstore", "data", "here", "--json", cwd=folder)
    assert done.data == {"uploaded": ["here/a.txt", "here/deep/b.txt"], "skipped": []}
    again = stepwell("datastore", "upload", "workspaceblobstore", "data", "here", cwd=folder)
    assert "2 were there already (--overwrite replaces them)" in again.err
    entries = stepwell("datastore", "ls", "workspaceblobstore", "here/deep", "--json", cwd=folder).data
    assert [(entry["path"], entry["size"]) for entry in entries] == [("here/deep/b.txt", 2)]
    got = stepwell("datastore", "download", "workspaceblobstore", "here/deep", "got", cwd=folder)
    assert "1 file copied to got" in got.err
    assert (folder / "got" / "here" / "deep" / "b.txt").read_text() == "bb"
    assert stepwell("datastore", "download", "workspaceblobstore", "all", cwd=folder).code == 0
    assert (folder / "all" / "here" / "a.txt").read_text() == "a"


def test_progress_is_on_a_terminal_only(folder: Path) -> None:
    done = on_terminal("datastore", "upload", "workspaceblobstore", "data", cwd=folder)
    assert done.out == ""
    assert done.err == "2 files copied to workspaceblobstore\n"


def test_add_default_and_rm(folder: Path) -> None:
    assert stepwell("datastore", "add", "mine", "data", cwd=folder).code == 0
    assert [entry["path"] for entry in stepwell("datastore", "ls", "mine", "--json", cwd=folder).data] == ["a.txt", "deep/b.txt"]
    assert stepwell("datastore", "default", "mine", cwd=folder).out == "mine\n"
    assert stepwell("datastore", "default", cwd=folder).out == "mine\n"
    assert "first make another one the default" in stepwell("datastore", "rm", "mine", cwd=folder).err
    stepwell("datastore", "default", "workspaceblobstore", cwd=folder)
    assert stepwell("datastore", "rm", "mine", cwd=folder).code == 0
    assert (folder / "data" / "a.txt").read_text() == "a"
    assert len(stepwell("datastore", "ls", "--json", cwd=folder).data) == 2


@pytest.mark.parametrize(("words", "told"), [
    (["rm", "workspaceblobstore"], "part of the workspace"), (["ls", "workspaceblobstor"], "did you mean workspaceblobstore?"),
    (["default", "nothing"], "there is no datastore nothing"), (["add", "x", "nowhere"], "there is no folder"),
    (["add", "workspaceblobstore", "data"], "there is a datastore"), (["upload", "workspaceblobstore", "gone"], "no such file"),
    (["download", "workspaceblobstore", "gone", "x"], "there is nothing at gone"), (["ls", "workspaceblobstore", "../x"], "'..'"),
    ([], "ACTION"),
])
def test_what_is_wrong(folder: Path, words: list[str], told: str) -> None:
    done = stepwell("datastore", *words, cwd=folder)
    assert done.code == 2
    assert told in done.err
