"""Objects are whole or not there, verified when read, and private copies of them are private."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stepwell_store.content.digest import digest_bytes
from stepwell_store.content.objects import ObjectCorrupt, ObjectMissing, ObjectStore
from stepwell_store.errors import IntegrityError, MachineError, UsageError
from stepwell_store.files import CHUNK


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def damage(objects: ObjectStore, digest: str, data: bytes) -> None:
    """What a failing disk does to an object."""
    path = Path(objects.path(digest))
    path.chmod(0o600)
    path.write_bytes(data)
    path.chmod(0o444)


def leftovers(objects: ObjectStore) -> list[str]:
    return os.listdir(f"{objects.root}/incoming")


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
def test_what_is_put_is_read(objects: ObjectStore, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    digest = objects.put_file(tmp_path / "file")
    assert digest == objects.put_bytes(data) == digest_bytes(data)
    assert (objects.has(digest), objects.size(digest), objects.read(digest)) == (True, size, data)
    assert list(objects.digests()) == [digest]
    assert leftovers(objects) == []


def test_an_object_is_read_only_and_its_folders_are_private(objects: ObjectStore) -> None:
    before = os.umask(0)
    try:
        path = Path(objects.path(objects.put_bytes(b"x")))
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o444
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


def test_a_missing_object_is_told(objects: ObjectStore, tmp_path: Path) -> None:
    digest = digest_bytes(b"never put")
    assert not objects.has(digest)
    assert objects.size(digest) is None
    assert list(objects.digests()) == []
    with pytest.raises(ObjectMissing, match="missing"):
        objects.read(digest)
    with pytest.raises(ObjectMissing):
        objects.materialise(digest, tmp_path / "copy")
    objects.remove(digest)


@pytest.mark.parametrize("text", ["", "blake3:abc", "../../etc/passwd", "sha256:" + "0" * 64, "blake3:" + "0" * 64 + "/.."])
def test_text_that_is_no_digest_never_becomes_a_path(objects: ObjectStore, text: str) -> None:
    with pytest.raises(UsageError, match="not a digest"):
        objects.path(text)


@pytest.mark.parametrize("data", [b"", b"hallo", b"hello, more"])
def test_a_corrupt_object_is_never_served_and_set_aside(objects: ObjectStore, tmp_path: Path, data: bytes) -> None:
    digest = objects.put_bytes(b"hello")
    for use in (objects.read, objects.verify, lambda name: objects.materialise(name, tmp_path / "copy")):
        damage(objects, digest, data)
        with pytest.raises(ObjectCorrupt, match="corrupt"):
            use(digest)
        assert not objects.has(digest)
        assert not (tmp_path / "copy").exists()
        objects.put_bytes(b"hello")
    assert len(os.listdir(f"{objects.root}/quarantine")) == 3
    assert objects.read(digest) == b"hello"
    assert list(objects.digests()) == [digest]


def test_an_object_of_the_wrong_size_is_replaced_when_put_again(objects: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello")
    digest = objects.put_bytes(b"hello")
    damage(objects, digest, b"hell")
    assert objects.put_bytes(b"hello") == digest
    assert objects.read(digest) == b"hello"
    damage(objects, digest, b"")
    assert objects.put_file(tmp_path / "file") == digest
    assert objects.read(digest) == b"hello"


def test_a_copy_is_private_writable_and_never_written_over_another_file(objects: ObjectStore, tmp_path: Path) -> None:
    digest = objects.put_bytes(b"hello")
    objects.materialise(digest, tmp_path / "copy")
    objects.materialise(digest, tmp_path / "program", executable=True)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("copy", "program")] == [0o600, 0o700]
    (tmp_path / "copy").write_bytes(b"edited")
    assert objects.read(digest) == b"hello"
    with pytest.raises(MachineError, match="exists already"):
        objects.materialise(digest, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"edited"


def test_nothing_of_a_batch_is_there_before_its_end(objects: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"two")
    with objects.batch() as batch:
        digests = [batch.put_bytes(b"one"), batch.put_file(tmp_path / "file"), batch.put_bytes(b"two")]
        assert not any(map(objects.has, digests))
    assert all(map(objects.has, digests))
    assert leftovers(objects) == []


def test_nothing_of_a_batch_is_there_after_an_error(objects: ObjectStore) -> None:
    digests = []

    def fail() -> None:
        with objects.batch() as batch:
            digests.append(batch.put_bytes(b"one"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not objects.has(digests[0])
    assert leftovers(objects) == []


def test_a_source_that_cannot_be_read_leaves_nothing(objects: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="does not exist"):
        objects.put_file(tmp_path / "missing")
    with pytest.raises(MachineError, match="not a file"):
        objects.put_file(tmp_path)
    assert leftovers(objects) == []


def test_a_large_batch_from_several_threads(objects: ObjectStore) -> None:
    with objects.batch() as batch:
        threads = [threading.Thread(target=lambda: [batch.put_bytes(b"%d" % number) for number in range(300)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(objects.digests()) == {digest_bytes(b"%d" % number) for number in range(300)}
    assert leftovers(objects) == []


PUTTER = """
import sys
from stepwell_store.content.objects import ObjectStore
objects = ObjectStore(sys.argv[1])
for number in range(1_000_000):
    print(objects.put_bytes(b"%d " % number * 50_000), flush=True)
"""


def test_a_killed_process_loses_nothing_that_it_acknowledged(objects: ObjectStore) -> None:
    with subprocess.Popen([sys.executable, "-c", PUTTER, objects.root], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(10)]
        process.kill()
    assert set(said) <= set(objects.digests())
    for digest in objects.digests():
        objects.verify(digest)


def test_sweep_removes_what_a_crash_left_and_nothing_younger(objects: ObjectStore) -> None:
    assert objects.sweep(before=10.0**12) == 0
    digest = objects.put_bytes(b"kept")
    for name, time in (("old", 1000), ("young", 5000)):
        path = Path(objects.root, "incoming", name)
        path.write_bytes(b"half")
        os.utime(path, (time, time))
    assert objects.sweep(before=2000) == 1
    assert leftovers(objects) == ["young"]
    assert objects.read(digest) == b"kept"


def test_remove_and_the_class_of_errors(objects: ObjectStore) -> None:
    digest = objects.put_bytes(b"x")
    objects.remove(digest)
    with pytest.raises(IntegrityError):
        objects.verify(digest)
