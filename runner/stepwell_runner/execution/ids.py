"""Identifiers of runs and step runs."""

from __future__ import annotations

import os
import time


def new_run_id() -> str:
    """A random identifier in the form of a UUID version 4: its first characters tell runs apart, which is what people type."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    return _uuid(raw)


def new_step_run_id() -> str:
    """An identifier in the form of a UUID version 7, which begins with the time: rows that are made together lie together,
    so that recording thousands of reused steps touches few pages of the database."""
    raw = bytearray((time.time_ns() // 1_000_000).to_bytes(6) + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    return _uuid(raw)


def _uuid(raw: bytearray) -> str:
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
