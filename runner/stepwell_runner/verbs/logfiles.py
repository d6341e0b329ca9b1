"""The log of a step run as a file: where it is, its last lines, and its bytes in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from stepwell_runner.execution.folders import attempt_folder
from stepwell_store.ledger.records import StepRun
from stepwell_store.workspace import Workspace

BLOCK = 1 << 20
"""Bytes that are read at once; no line is held longer than this."""


def log_of(workspace: Workspace, step: StepRun) -> str:
    """The file that takes stdout and stderr of the newest attempt at a step that ran."""
    return os.path.join(attempt_folder(workspace, step.run, step.step, step.attempt), "logs", "std_log.txt")


def tail_start(path: str, lines: int) -> int:
    """Where the last so many lines of a file begin, in bytes from its start."""
    with open(path, "rb") as file:
        end = at = file.seek(0, os.SEEK_END)
        wanted = lines + _ends_with_newline(file, end) if lines else 0
        if not wanted:
            return end
        while at > 0:
            start = max(0, at - BLOCK)
            file.seek(start)
            block = file.read(at - start)
            wanted -= block.count(b"\n")
            if wanted <= 0:
                return start + _nth_newline(block, 1 - wanted) + 1
            at = start
    return 0


def _ends_with_newline(file: BinaryIO, end: int) -> bool:
    file.seek(max(0, end - 1))
    return file.read(1) == b"\n"


def _nth_newline(block: bytes, number: int) -> int:
    """Where the newline of this number, counted from 1 at the front, is."""
    at = -1
    for _ in range(number):
        at = block.index(b"\n", at + 1)
    return at


def last_lines(path: str, count: int) -> list[str]:
    """The last lines of a log as text, from at most its last block."""
    with open(path, "rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 65536))
        return file.read().decode("utf-8", "surrogateescape").splitlines()[-count:]


def blocks(path: str, start: int = 0) -> Iterator[bytes]:
    """The bytes of a file from there on, some at a time; none when there is no file yet."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        os.lseek(descriptor, start, os.SEEK_SET)
        while block := os.read(descriptor, BLOCK):
            yield block
    finally:
        os.close(descriptor)
