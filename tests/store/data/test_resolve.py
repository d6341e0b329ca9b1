from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell_store.data.datastores import Datastore
from stepwell_store.data.definition import DatastorePath, LocalPath, Place
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.data.resolve import Resolved, resolve
from stepwell_store.errors import UsageError

sys.path.insert(0, str(Path(__file__).parents[2] / "contract"))
from datastore_contract import write

FILES = {"a/2019/01/f1.csv": "1", "a/2019/02/f2.csv": "2", "a/notes.txt": "n", "b/f1.csv": "b"}


class Case:
    """A datastore `blob` and a local folder that hold the same files."""

    def __init__(self, tmp_path: Path) -> None:
        self.local = write(tmp_path / "local", FILES)
        self.store = FolderDatastore("blob", "blob", str(tmp_path / "store"))
        self.store.upload(str(self.local))
        self.downloads = str(tmp_path / "downloads")

    def find(self, name: str) -> Datastore:
        assert name == "blob"
        return self.store

    def resolve(self, *places: Place) -> Resolved:
        return resolve(places, self.find, self.downloads)

    def on_store(self, path: str) -> Place:
        return DatastorePath("blob", path)

    def on_machine(self, path: str) -> Place:
        return LocalPath(f"{self.local}/{path}")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


MAKERS: list[Callable[[Case, str], Place]] = [Case.on_store, Case.on_machine]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("path", "below", "names"),
    [
        ("a", "a", ("/2019/01/f1.csv", "/2019/02/f2.csv", "/notes.txt")),
        ("a/", "a", ("/2019/01/f1.csv", "/2019/02/f2.csv", "/notes.txt")),
        ("a/2019/*/*.csv", "a/2019", ("/01/f1.csv", "/02/f2.csv")),
        ("a/**/*.csv", "a", ("/2019/01/f1.csv", "/2019/02/f2.csv")),
        ("b/*", "b", ("/f1.csv",)),
        ("a/2019/01/f1.csv", "a/2019/01", ("/f1.csv",)),
    ],
)
def test_names_are_relative_to_the_fixed_part(
    case: Case, make: Callable[[Case, str], Place], path: str, below: str, names: tuple[str, ...]
) -> None:
    place = make(case, path)
    root = os.path.join(case.store.root if isinstance(place, DatastorePath) else case.local, below)
    expected = Resolved(tuple(root + name for name in names), names, root, path.endswith("01/f1.csv"))
    assert case.resolve(place) == expected


def test_a_folder_that_holds_one_file_is_no_single_file(case: Case) -> None:
    assert not case.resolve(case.on_store("b")).is_single_file
    assert not case.resolve(case.on_machine("b")).is_single_file


def test_several_places_keep_whole_paths(case: Case) -> None:
    found = case.resolve(case.on_store("a/2019/01"), case.on_store("b/f1.csv"))
    assert found.names == ("/a/2019/01/f1.csv", "/b/f1.csv")
    assert found.root == case.store.root
    assert not found.is_single_file


def test_overlapping_places_give_each_file_once(case: Case) -> None:
    found = case.resolve(case.on_store("a/2019/*/*.csv"), case.on_store("a/2019/01/f1.csv"))
    assert found.names == ("/a/2019/01/f1.csv", "/a/2019/02/f2.csv")


def test_the_same_name_in_two_datastores(case: Case, tmp_path: Path) -> None:
    other = FolderDatastore("other", "blob", str(tmp_path / "other"))
    other.upload(str(case.local))
    stores = {"blob": case.store, "other": other}
    found = resolve([DatastorePath("blob", "b"), DatastorePath("other", "b")], stores.__getitem__, case.downloads)
    assert found.names == ("/b/f1.csv", "/2/b/f1.csv")
    assert found.root is None
    assert [Path(file).read_text() for file in found.files] == ["b", "b"]


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("a/2091", "'a/2019'"),
        ("a/2019/01/f.csv", "'a/2019/01/f1.csv'"),
        ("A", "'a', 'b'"),
        ("a/2019/*/*.parquet", "'a/2019/01', 'a/2019/02'"),
        ("b/x/y/z", "'b/f1.csv'"),
    ],
)
def test_what_is_missing_is_named_with_its_neighbours(case: Case, path: str, advice: str) -> None:
    with pytest.raises(UsageError) as caught:
        case.resolve(case.on_store("b"), case.on_store(path))
    assert f"'{path}'" in caught.value.what
    assert "datastore 'blob'" in caught.value.what
    assert advice in str(caught.value.todo)


def test_nothing_there_at_all(case: Case) -> None:
    case.store.remove("")
    with pytest.raises(UsageError, match="upload the data first"):
        case.resolve(case.on_store("a"))


def test_missing_local_data(case: Case) -> None:
    with pytest.raises(UsageError, match=r"Nearest names that exist: '/.*local/a/notes\.txt'"):
        case.resolve(case.on_machine("a/note.txt"))
    with pytest.raises(UsageError, match="must be absolute"):
        case.resolve(LocalPath("a/notes.txt"))


def test_no_places_is_no_files(case: Case) -> None:
    assert case.resolve() == Resolved((), (), None, False)
