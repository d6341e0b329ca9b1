"""What the dashboard remembers from one time to the next: the theme that was chosen last. It never writes the person's own settings."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from stepwell_store.files import make_dir, write_atomic


class Memory(msgspec.Struct, frozen=True):
    """`theme` is empty until one was chosen."""

    theme: str = ""


def memory_path() -> Path:
    """Where it is kept."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(base) / "stepwell" / "dashboard.json"


def recall(path: Path) -> Memory:
    """What was remembered; nothing when it cannot be read, for it is of no great matter."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError):
        return Memory()


def remember(path: Path, memory: Memory) -> None:
    """Keep it for the next time. OSError where that cannot be written."""
    make_dir(path.parent)
    write_atomic(path, msgspec.json.encode(memory), durable=False)
