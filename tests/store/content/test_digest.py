"""Digests name content, and a file that changes while it is read is noticed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from stepwell_store.content.digest import FileChanged, digest_bytes, digest_file, digest_parts, is_digest
from stepwell_store.files import CHUNK

parts = st.lists(st.binary(max_size=8), max_size=5)


def test_a_digest_says_how_it_was_made() -> None:
    assert digest_bytes(b"abc") == f"blake3:{blake3(b'abc').hexdigest()}"
    assert is_digest(digest_bytes(b""))
    assert not is_digest("blake3:" + "A" * 64)
    assert not is_digest(digest_bytes(b"") + "\n")


@given(parts, parts, st.sampled_from(["a", "b"]), st.sampled_from(["a", "b"]))
def test_parts_share_a_digest_only_when_they_and_their_tag_are_the_same(
    one: list[bytes], other: list[bytes], tag: str, other_tag: str
) -> None:
    same = (tag, one) == (other_tag, other)
    assert (digest_parts(tag, one) == digest_parts(other_tag, other)) is same


@pytest.mark.parametrize("size", [0, 1, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5])
def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    digest, info = digest_file(tmp_path / "file")
    assert digest == digest_bytes(data)
    assert info.st_size == size


def test_links_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("1")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "link", tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(OSError, match=path.name):
            digest_file(path)



class Editor:
    """Reads like os.read and appends to the file after the first reads."""

    def __init__(self, path: Path, times: int) -> None:
        self.path, self.times = path, times

    def __call__(self, descriptor: int, size: int) -> bytes:
        data = os.read(descriptor, size)
        if self.times:
            self.times -= 1
            with open(self.path, "ab") as file:
                file.write(b"more")
        return data


def test_a_file_edited_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"begin")
    digest, info = digest_file(path, read=Editor(path, 1))
    assert digest == digest_bytes(path.read_bytes()) == digest_bytes(b"beginmore")
    assert info.st_size == 9


def test_a_file_that_never_rests_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"begin")
    with pytest.raises(FileChanged, match=r"Changed while being read: .*file"):
        digest_file(path, read=Editor(path, 1000))
