from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from stepwell_store.data.datastores import DEFAULT_DATASTORE, FILE_DATASTORE, Datastore, embedded
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.errors import MachineError, UsageError

sys.path.insert(0, str(Path(__file__).parents[2] / "contract"))
from datastore_contract import DatastoreContract, paths, read, write


class TestBlobDatastore(DatastoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Datastore:
        return embedded(str(tmp_path / "datastores"))


class TestFileDatastore(DatastoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Datastore:
        return embedded(str(tmp_path / "datastores"), FILE_DATASTORE)


@pytest.fixture
def store(tmp_path: Path) -> FolderDatastore:
    return FolderDatastore("mine", "blob", str(tmp_path / "store"))


def test_the_embedded_two(tmp_path: Path) -> None:
    blob, file = embedded(str(tmp_path)), embedded(str(tmp_path), FILE_DATASTORE)
    assert (blob.name, blob.kind, file.name, file.kind) == (DEFAULT_DATASTORE, "blob", FILE_DATASTORE, "file")
    with pytest.raises(UsageError, match="no datastore 'other'"):
        embedded(str(tmp_path), "other")


def test_everything_is_private_whatever_the_umask(store: FolderDatastore, tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"a/b/c.csv": "1"})
    before = os.umask(0)
    try:
        store.upload(str(source))
    finally:
        os.umask(before)
    for place in [Path(store.root), *Path(store.root).rglob("*")]:
        assert stat.S_IMODE(place.stat().st_mode) == (0o700 if place.is_dir() else 0o600), place


GLOBS = {
    "2019/01/a.csv": ["2019/01/a.csv"],
    "2019": ["2019/01/a.csv", "2019/01/b.txt", "2019/02/a.csv"],
    "/2019/": ["2019/01/a.csv", "2019/01/b.txt", "2019/02/a.csv"],
    "2019/*/*.csv": ["2019/01/a.csv", "2019/02/a.csv"],
    "2019/*.csv": [],
    "**/*.csv": ["2019/01/a.csv", "2019/02/a.csv", "top.csv"],
    "2019/**": ["2019/01/a.csv", "2019/01/b.txt", "2019/02/a.csv"],
    "**/01/*": ["2019/01/a.csv", "2019/01/b.txt"],
    "*/0*/a.*": ["2019/01/a.csv", "2019/02/a.csv"],
    "*": ["top.csv"],
    "absent/*": [],
    "absent": [],
}


@pytest.mark.parametrize(("pattern", "expected"), GLOBS.items())
def test_resolve(store: FolderDatastore, tmp_path: Path, pattern: str, expected: list[str]) -> None:
    names = ["2019/01/a.csv", "2019/01/b.txt", "2019/02/a.csv", "top.csv"]
    store.upload(str(write(tmp_path / "source", dict.fromkeys(names, "x"))))
    assert store.resolve(pattern) == [os.path.join(store.root, path) for path in expected]


def test_brackets_in_a_name_are_no_pattern(store: FolderDatastore, tmp_path: Path) -> None:
    store.upload(str(write(tmp_path / "source", {"[1]/a?.csv": "x", "1/ab.csv": "y"})))
    assert store.resolve("[1]/*.csv") == [os.path.join(store.root, "[1]/a?.csv")]


class TestLinks:
    """A link inside a datastore never leads out of it, whether to read, write or remove."""

    @pytest.fixture
    def outside(self, store: FolderDatastore, tmp_path: Path) -> Path:
        folder = write(tmp_path / "outside", {"secret": "s"})
        store.upload(str(write(tmp_path / "source", {"in/a": "1"})))
        os.symlink(folder, os.path.join(store.root, "folder"))
        os.symlink(folder / "secret", os.path.join(store.root, "file"))
        os.symlink("in/a", os.path.join(store.root, "inward"))
        os.symlink(store.root, os.path.join(store.root, "in", "loop"))
        os.symlink("nowhere", os.path.join(store.root, "dangling"))
        return folder

    def test_reading(self, store: FolderDatastore, outside: Path, tmp_path: Path) -> None:
        assert paths(store.ls()) == ["in/a", "inward"]
        assert store.ls("folder") == store.ls("file") == store.ls("folder/secret") == []
        assert store.resolve("**/secret") == store.resolve("folder/*") == store.resolve("folder/secret") == []
        assert store.download(str(tmp_path / "back"), "folder") == 0

    def test_writing(self, store: FolderDatastore, outside: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="leads out"):
            store.upload(str(tmp_path / "source"), "folder")
        store.upload_files([str(write(tmp_path / "new", {"file": "n"}) / "file")], overwrite=True)
        assert read(outside) == {"secret": "s"}
        assert not os.path.islink(os.path.join(store.root, "file"))

    def test_removing(self, store: FolderDatastore, outside: Path) -> None:
        assert store.remove("folder") == store.remove("folder/secret") == 0
        assert store.remove("") == 2
        assert read(outside) == {"secret": "s"}


def test_special_files_are_left_out(store: FolderDatastore, tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"a": "1"})
    os.mkfifo(source / "pipe")
    os.symlink("nowhere", source / "dangling")
    os.symlink("a", source / "link")
    assert store.upload(str(source)).uploaded == ("a", "link")
    assert not os.path.islink(os.path.join(store.root, "link"))
    with pytest.raises(UsageError, match="no such file"):
        store.upload_files([str(source / "pipe")])


def test_removing_a_folder_leaves_no_empty_folders(store: FolderDatastore, tmp_path: Path) -> None:
    store.upload(str(write(tmp_path / "source", {"x/y/z/f": "1", "x/g": "1"})))
    store.remove("x/y")
    assert sorted(os.listdir(os.path.join(store.root, "x"))) == ["g"]


def test_what_the_machine_refuses_says_where(store: FolderDatastore, tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"a/b": "1"})
    Path(store.root, "a").write_text("a file where a folder is needed")
    with pytest.raises(MachineError, match="store/a"):
        store.upload(str(source))


def test_a_nul_is_refused(store: FolderDatastore) -> None:
    with pytest.raises(UsageError, match="NUL"):
        store.resolve("a\0b")
