"""What the machine refuses is told in words, with what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from stepwell_store.errors import MachineError
from stepwell_store.faults import explained, translate


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ENOSPC, "disk is full, .* bytes and .* files are free"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EMFILE, "too many open files"),
        (errno.EIO, "disk reports an error"),
    ],
)
def test_each_fault_says_what_where_and_what_to_do(tmp_path: Path, code: int, word: str) -> None:
    error = translate(OSError(code, os.strerror(code)), "storing an object", tmp_path / "not" / "there")
    assert isinstance(error, MachineError)
    with pytest.raises(MachineError, match=word):
        raise error
    assert error.where == str(tmp_path / "not" / "there")
    assert error.todo


def test_a_fault_without_a_sentence_of_its_own_keeps_the_systems() -> None:
    assert "Broken pipe" in str(translate(OSError(errno.EPIPE, "Broken pipe"), "writing", "x"))


def test_a_full_disk_as_the_system_reports_it() -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    with pytest.raises(MachineError, match="disk is full"), explained("writing", "/dev/full"):
        Path("/dev/full").write_bytes(b"x")


def test_the_file_that_failed_counts_before_the_one_that_was_named(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught, explained("reading", "other"):
        os.stat(tmp_path / "missing")
    assert caught.value.where == str(tmp_path / "missing")
