"""Digests of data files that are remembered as long as their files are untouched."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from stepwell_store.content.digest import digest_bytes
from stepwell_store.content.filecache import YOUNG_NS, FileDigests


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_bytes(b"one")
    return path


def later() -> int:
    """The clock, when every file that exists now has become old."""
    return time.time_ns() + 2 * YOUNG_NS


def digest(cache: Path, file: Path, now: int | None = None) -> str:
    with FileDigests(cache, b"group", now_ns=lambda: now or later()) as digests:
        return digests.digest(str(file))


def kept(cache: Path) -> list[bytes]:
    return [path.read_bytes() for path in (cache / "data").glob("*")] if (cache / "data").exists() else []


def test_an_old_file_is_read_once(tmp_path: Path, file: Path) -> None:
    assert digest(tmp_path, file) == digest_bytes(b"one")
    (path,) = (tmp_path / "data").iterdir()
    path.write_bytes(path.read_bytes().replace(digest_bytes(b"one").encode(), b"blake3:" + b"0" * 64))
    assert digest(tmp_path, file) == "blake3:" + "0" * 64


def test_a_young_file_is_read_each_time(tmp_path: Path, file: Path) -> None:
    assert digest(tmp_path, file, time.time_ns()) == digest_bytes(b"one")
    assert all(str(file).encode() not in data for data in kept(tmp_path))


def test_a_touched_file_is_read_again(tmp_path: Path, file: Path) -> None:
    digest(tmp_path, file)
    before = os.stat(file)
    file.write_bytes(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert digest(tmp_path, file) == digest_bytes(b"two")


def test_a_link_is_followed_and_told_by_what_it_leads_to(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    assert digest(tmp_path, link) == digest_bytes(b"one")
    other = tmp_path / "other"
    other.write_bytes(b"two")
    link.unlink()
    link.symlink_to(other)
    assert digest(tmp_path, link) == digest_bytes(b"two")


def test_groups_do_not_share_what_they_know(tmp_path: Path, file: Path) -> None:
    for group in (b"a", b"b"):
        with FileDigests(tmp_path, group, now_ns=later) as digests:
            digests.digest(str(file))
    assert len(kept(tmp_path)) == 2


@pytest.mark.parametrize("damage", [b"", b"\x81", b"\xff" * 100, b"{}"])
def test_a_damaged_cache_costs_only_time(tmp_path: Path, file: Path, damage: bytes) -> None:
    digest(tmp_path, file)
    next((tmp_path / "data").iterdir()).write_bytes(damage)
    assert digest(tmp_path, file) == digest_bytes(b"one")


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, file: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    assert digest(tmp_path, file) == digest_bytes(b"one")


def test_an_error_in_the_block_keeps_nothing(tmp_path: Path, file: Path) -> None:
    def fail() -> None:
        with FileDigests(tmp_path, b"group", now_ns=later) as digests:
            digests.digest(str(file))
            digests.digest(str(tmp_path / "missing"))

    with pytest.raises(FileNotFoundError):
        fail()
    assert kept(tmp_path) == []


def test_a_file_that_is_no_longer_asked_for_is_forgotten(tmp_path: Path, file: Path) -> None:
    digest(tmp_path, file)
    other = tmp_path / "other.csv"
    other.write_bytes(b"two")
    digest(tmp_path, other)
    assert [str(file).encode() in data for data in kept(tmp_path)] == [False]
