"""Snapshots are what was really stored, whatever is edited meanwhile, and come back as private copies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell_store.content.batch import Batch
from stepwell_store.content.digest import FileChanged, digest_bytes
from stepwell_store.content.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from stepwell_store.content.snapshots import load_tree, restore, scan, store, unpacked


class EditedMeanwhile(ObjectStore):
    """A store under which somebody edits a file: between the scan of the folder and the copies, and again after them."""

    def __init__(self, root: Path, path: Path, times: int) -> None:
        super().__init__(root)
        self.path_edited, self.times = path, times

    def size(self, digest: str) -> int | None:
        self.edit()
        return super().size(digest)

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        with super().batch() as batch:
            yield batch
        self.edit()

    def edit(self) -> None:
        if self.times:
            self.times -= 1
            with open(self.path_edited, "ab") as file:
                file.write(b"edit ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    (root / "lib").mkdir(parents=True)
    (root / "train.py").write_text("train")
    (root / "lib" / "run.sh").write_text("run")
    (root / "lib" / "run.sh").chmod(0o755)
    return root


def test_a_snapshot_comes_back_as_a_private_copy(folder: Path, tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "objects")
    stored = store(scan(folder, tmp_path / "cache"), objects)
    before = os.umask(0)
    try:
        tree = restore(stored.digest, objects, tmp_path / "new" / "work")
    finally:
        os.umask(before)
    work = tmp_path / "new" / "work"
    assert tree == stored.tree == load_tree(stored.digest, objects)
    assert (work / "train.py").read_text() == "train"
    modes = {str(path.relative_to(work)): path.stat().st_mode & 0o777 for path in work.rglob("*")}
    assert modes == {"lib": 0o700, "lib/run.sh": 0o700, "train.py": 0o600}
    (work / "train.py").write_text("edited")
    assert scan(folder, tmp_path / "cache").digest == stored.digest
    assert scan(work, tmp_path / "cache").digest != stored.digest


def test_a_file_edited_meanwhile_is_stored_as_it_is_at_last(folder: Path, tmp_path: Path) -> None:
    objects = EditedMeanwhile(tmp_path / "objects", folder / "train.py", times=1)
    scanned = scan(folder, tmp_path / "cache")
    stored = store(scanned, objects)
    assert stored.digest != scanned.digest
    restore(stored.digest, objects, tmp_path / "work")
    assert (tmp_path / "work" / "train.py").read_text() == "trainedit "
    assert (folder / "train.py").read_text() == "trainedit "


def test_a_file_that_never_rests_is_an_error_that_names_it(folder: Path, tmp_path: Path) -> None:
    objects = EditedMeanwhile(tmp_path / "objects", folder / "train.py", times=1000)
    with pytest.raises(FileChanged, match=r"train\.py"):
        store(scan(folder, tmp_path / "cache"), objects)


def test_a_file_that_vanished_meanwhile_is_not_in_the_snapshot(folder: Path, tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "objects")
    scanned = scan(folder, tmp_path / "cache")
    (folder / "train.py").unlink()
    stored = store(scanned, objects)
    assert [entry.path for entry in stored.tree.entries] == ["lib/run.sh"]


def test_storing_again_mends_what_was_lost(folder: Path, tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "objects")
    stored = store(scan(folder, tmp_path / "cache"), objects)
    objects.remove(digest_bytes(b"train"))
    with pytest.raises(ObjectMissing):
        restore(stored.digest, objects, tmp_path / "one")
    assert store(scan(folder, tmp_path / "cache"), objects).digest == stored.digest
    restore(stored.digest, objects, tmp_path / "two")
    assert (tmp_path / "two" / "train.py").read_text() == "train"


def test_a_corrupt_file_of_a_snapshot_is_not_handed_out(folder: Path, tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "objects")
    stored = store(scan(folder, tmp_path / "cache"), objects)
    path = Path(objects.path(digest_bytes(b"train")))
    path.chmod(0o600)
    path.write_bytes(b"brain")
    with pytest.raises(ObjectCorrupt):
        restore(stored.digest, objects, tmp_path / "work")
    assert not (tmp_path / "work" / "train.py").exists()


def test_many_files_in_threads(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    for number in range(300):
        (folder / f"d{number % 7}").mkdir(parents=True, exist_ok=True)
        (folder / f"d{number % 7}" / str(number)).write_bytes(b"%d" % number * number)
    objects = ObjectStore(tmp_path / "objects")
    stored = store(scan(folder, tmp_path / "cache"), objects)
    restore(stored.digest, objects, tmp_path / "work")
    assert scan(tmp_path / "work", tmp_path / "cache").digest == stored.digest
    assert len(stored.tree.entries) == 300


def test_one_is_unpacked_once_whoever_asks_and_nothing_else_is_left(folder: Path, tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "objects")
    digest = store(scan(folder, tmp_path / "cache"), objects).digest
    with ThreadPoolExecutor(8) as pool:
        (place,) = set(pool.map(lambda _: unpacked(digest, objects, tmp_path / "kept"), range(8)))
    assert scan(place, tmp_path / "cache").digest == digest
    assert os.listdir(tmp_path / "kept" / "snapshots") == [digest.partition(":")[2]]
    before = os.stat(place).st_ino
    assert unpacked(digest, objects, tmp_path / "kept") == place
    assert os.stat(place).st_ino == before


def test_one_that_cannot_be_unpacked_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    objects = ObjectStore(tmp_path / "objects")
    stored = store(scan(folder, tmp_path / "cache"), objects)
    os.unlink(objects.path(stored.tree.entries[0].digest))
    with pytest.raises(ObjectMissing):
        unpacked(stored.digest, objects, tmp_path / "kept")
    assert os.listdir(tmp_path / "kept" / "snapshots") == []


names = st.binary(min_size=1, max_size=6).filter(
    lambda name: name not in (b".", b"..") and not set(name) & {0, ord("/")} and not name.endswith((b".pyc", b".pyo"))
)
contents = st.dictionaries(names, st.binary(max_size=5), max_size=4)


@settings(max_examples=25, deadline=None)
@given(files=contents)
def test_any_folder_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, files: dict[bytes, bytes]) -> None:
    base = tmp_path_factory.mktemp("any")
    (base / "source").mkdir()
    kept = {}
    for name, content in files.items():
        path = os.fsencode(base / "source") + b"/" + name
        try:
            Path(os.fsdecode(path)).write_bytes(content)
        except OSError:
            continue  # a file system with rules for names
        kept[name] = content
    objects = ObjectStore(base / "objects")
    restore(store(scan(base / "source", base / "cache"), objects).digest, objects, base / "work")
    found = {entry.name: Path(os.fsdecode(entry.path)).read_bytes() for entry in os.scandir(os.fsencode(base / "work"))}
    assert found == kept
