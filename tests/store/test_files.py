"""Files are private, whole or not there, and removable however they were left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepwell_store import files
from stepwell_store.errors import UsageError


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A umask that takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.usefixtures("open_umask")
def test_folders_are_private_whatever_the_umask(tmp_path: Path) -> None:
    files.make_dir(tmp_path / "a" / "b")
    assert [mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o700, 0o700]


@pytest.mark.usefixtures("open_umask")
def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    files.write_atomic(tmp_path / "new", b"1")
    files.copy_file(tmp_path / "new", tmp_path / "copy")
    assert [mode(tmp_path / "new"), mode(tmp_path / "copy")] == [0o600, 0o600]


def test_a_strict_umask_takes_nothing_away(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        files.make_dir(tmp_path / "a" / "b")
        files.write_atomic(tmp_path / "a" / "b" / "file", b"1", mode=0o644)
    finally:
        os.umask(before)
    assert mode(tmp_path / "a" / "b") == 0o700
    assert mode(tmp_path / "a" / "b" / "file") == 0o644


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o755)
    files.make_dir(tmp_path / "mine" / "new")
    assert mode(tmp_path / "mine") & 0o755 == 0o755


def test_a_file_in_the_way_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        files.make_dir(tmp_path / "file")


def test_write_atomic_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write_atomic(path, b"old")
    files.write_atomic(path, b"new", durable=False)
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        files.write_atomic(tmp_path / "taken", b"new")
    assert os.listdir(tmp_path) == ["taken"]


WRITER = """
import sys
import threading
from stepwell_store.files import write_atomic
for number in range(1_000_000):
    write_atomic(sys.argv[1], b"%d " % number * 20_000)
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_file_that_is_as_new_as_it_said(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(20)][-1]
        writer.kill()
    numbers = path.read_bytes().split()
    assert len(numbers) == 20_000
    assert len(set(numbers)) == 1
    assert int(numbers[0]) >= said


@pytest.mark.parametrize("count", [3, 40])
def test_many_files_reach_the_disk(tmp_path: Path, count: int) -> None:
    paths = [tmp_path / f"{number}" for number in range(count)]
    for path in paths:
        path.write_bytes(b"x")
    files.sync_many(paths)
    with pytest.raises(FileNotFoundError):
        files.sync_many([*paths, tmp_path / "missing"])


@pytest.mark.parametrize("size", [0, 1, files.CHUNK + 17])
def test_a_copy_has_the_content_and_the_mode(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "source").write_bytes(data)
    files.copy_file(tmp_path / "source", tmp_path / "target", 0o700)
    assert (tmp_path / "target").read_bytes() == data
    assert mode(tmp_path / "target") == 0o700


def test_a_copy_between_file_systems_and_from_a_file_without_a_size(tmp_path: Path) -> None:
    if not os.path.exists("/proc/self/status"):
        pytest.skip("needs /proc")
    files.copy_file("/proc/self/status", tmp_path / "status")
    assert b"Name:" in (tmp_path / "status").read_bytes()


def test_a_copy_never_writes_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "target").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        files.copy_file(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"old"


def test_remove_tree_removes_read_only_folders_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("1")
    inner = tmp_path / "gone" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").write_text("1")
    (inner / "link").symlink_to(tmp_path / "kept")
    inner.chmod(0o500)
    inner.parent.chmod(0o000)
    files.remove_tree(tmp_path / "gone")
    assert sorted(os.listdir(tmp_path)) == ["kept"]
    assert (tmp_path / "kept" / "file").exists()


def test_remove_tree_takes_a_link_a_file_and_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "file").write_text("1")
    for name in ("link", "file", "missing"):
        files.remove_tree(tmp_path / name)
    assert os.listdir(tmp_path) == ["folder"]


def test_remove_tree_goes_deeper_than_any_path_is_long(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(200):
        os.mkdir("x" * 100, dir_fd=here)
        below = os.open("x" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    files.remove_tree(top)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("relative", ["/etc/passwd", "..", "a/../../b", "a//b", "", ".", "a/.", "a\0b", "a/"])
def test_a_path_that_could_lead_out_is_refused(tmp_path: Path, relative: str) -> None:
    with pytest.raises(UsageError, match="plain path"):
        files.join_inside(tmp_path, relative)


@pytest.mark.parametrize("relative", ["a", "a/b.txt", "..a/b..", "…/ü"])
def test_a_plain_path_is_joined(tmp_path: Path, relative: str) -> None:
    assert files.join_inside(tmp_path, relative) == f"{tmp_path}/{relative}"


def test_several_may_remove_the_same_tree(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / "top" / f"{number % 10}" / f"{number}").mkdir(parents=True)
    errors: list[OSError] = []

    def remove() -> None:
        try:
            files.remove_tree(tmp_path / "top")
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=remove) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert os.listdir(tmp_path) == []
