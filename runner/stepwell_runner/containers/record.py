"""Which container an attempt ran in, as a file in its folder: enough to find it again without its runner."""

from __future__ import annotations

import os

import msgspec

from stepwell_runner.targets.protocol import Outcome
from stepwell_store.files import write_atomic

RECORD = "container.json"
"""The name of the file."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The container of an attempt. `settings` find its engine; `outcome` is there once it has ended."""

    name: str
    target: str
    settings: dict[str, str]
    started_at: float
    timeout_s: float | None = None
    memory: int | None = None
    outcome: Outcome | None = None


def read_record(folder: str) -> Record | None:
    """The record in the folder of an attempt; None when it ran in no container, or was cut off before it could."""
    try:
        with open(os.path.join(folder, RECORD), "rb") as file:
            return msgspec.json.decode(file.read(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None


def write_record(folder: str, record: Record) -> None:
    """Put it in the folder, durable when this returns."""
    write_atomic(os.path.join(folder, RECORD), msgspec.json.encode(record))
