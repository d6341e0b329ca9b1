"""The digest of data is its content's; its seal tells whether anything was touched."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell_store.content.digest import digest_bytes
from stepwell_store.content.sealed import current_seal, measure
from stepwell_store.errors import MachineError, UsageError


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"a,b\n")
    found = measure(path)
    assert (found.kind, found.digest, found.size, found.files, found.tree) == ("file", digest_bytes(b"a,b\n"), 4, 1, None)
    assert current_seal(path) == found.seal


def test_a_folder_with_everything_in_it(tmp_path: Path) -> None:
    (tmp_path / "data" / ".git").mkdir(parents=True)
    (tmp_path / "data" / ".git" / "x.pyc").write_bytes(b"12")
    (tmp_path / "data" / ".env").write_bytes(b"345")
    found = measure(tmp_path / "data")
    assert (found.kind, found.size, found.files) == ("folder", 5, 2)
    assert found.tree is not None
    assert [entry.path for entry in found.tree.entries] == [".env", ".git/x.pyc"]
    assert found.digest == found.tree.digest
    assert current_seal(tmp_path / "data") == found.seal


def test_an_empty_folder_is_data_too(tmp_path: Path) -> None:
    found = measure(tmp_path)
    assert (found.kind, found.files, found.size) == ("folder", 0, 0)
    assert current_seal(tmp_path) == found.seal


def test_nothing_there(tmp_path: Path) -> None:
    assert current_seal(tmp_path / "missing") is None
    with pytest.raises(MachineError, match="does not exist"):
        measure(tmp_path / "missing")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        measure(tmp_path / "pipe")


def test_links_are_read_through_wherever_they_lead(tmp_path: Path) -> None:
    (tmp_path / "far").write_bytes(b"far")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link").symlink_to(tmp_path / "far")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    seal = measure(tmp_path / "link").seal
    assert measure(tmp_path / "link").digest == measure(tmp_path / "data").digest
    assert current_seal(tmp_path / "link") == seal
    (tmp_path / "far").write_bytes(b"changed")
    assert current_seal(tmp_path / "link") != seal


def test_moved_data_keeps_its_digest(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_bytes(b"1")
    before = measure(tmp_path / "data")
    (tmp_path / "data").rename(tmp_path / "moved")
    assert measure(tmp_path / "moved").digest == before.digest


names = st.sampled_from(["a", "b", "c/d", "c/e"])
changes = st.one_of(
    st.tuples(st.just("write"), names, st.binary(max_size=3)),
    st.tuples(st.just("remove"), names, st.just(b"")),
    st.tuples(st.just("touch"), names, st.just(b"")),
)


def apply(root: Path, change: tuple[str, str, bytes], number: int) -> bool:
    """Make a change of its own time; whether there was anything to change."""
    kind, name, data = change
    path = root / name
    if kind == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    elif not path.exists():
        return False
    elif kind == "remove":
        path.unlink()
        return True
    os.utime(path, (number, number))
    return True


@settings(max_examples=50, deadline=None)
@given(st.lists(changes, min_size=1, max_size=6))
def test_every_touch_changes_the_seal_and_only_content_the_digest(steps: list[tuple[str, str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number, change in enumerate(steps, start=1):
            before, content = measure(root), contents(root)
            assert current_seal(root) == before.seal
            touched = apply(root, change, number)
            assert (current_seal(root) != before.seal) is touched
            assert (measure(root).digest == before.digest) is (contents(root) == content)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
