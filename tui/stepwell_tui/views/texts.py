"""The beginning of a file as text that people can read, or why it is not shown."""

from __future__ import annotations

import os
import stat

import msgspec

from stepwell_store.files import explained
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import safe_text, size_text

SHOWN_BYTES = 128 << 10
SHOWN_LINES = 3000


class Shown(msgspec.Struct, frozen=True):
    """`text` is safe for a terminal and has no tabs, None where there is none to show; `note` says what is left out or why."""

    text: str | None
    note: str = ""


def read_head(path: str, limit: int = SHOWN_BYTES) -> tuple[bytes, int]:
    """The first bytes of a regular file and the size of all of it; nothing is waited for."""
    with explained("reading a file", path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            return (file.read(limit), facts.st_size) if stat.S_ISREG(facts.st_mode) else (b"", 0)


def shown(data: bytes, size: int) -> Shown:
    """The first bytes of a file with so many bytes in all, as text."""
    if b"\0" in data[:8192]:
        return Shown(None, f"not text: {size_text(size)}")
    head = data[:SHOWN_BYTES]
    lines = safe_text(head.decode("utf-8", "surrogateescape")).expandtabs(4).split("\n")
    if len(head) == size and len(lines) <= SHOWN_LINES:
        return Shown("\n".join(lines), "" if size else "the file is empty")
    kept = lines[: min(SHOWN_LINES, max(1, len(lines) - 1))]
    return Shown("\n".join(kept), f"the first {len(kept)} lines of {size_text(size)}")


def local_text(workspace: Workspace, path: str) -> Shown:  # noqa: ARG001 - as every question to a workspace
    """How a file of this machine begins."""
    return shown(*read_head(path))
