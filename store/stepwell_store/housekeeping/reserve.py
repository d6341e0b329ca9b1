"""A little space that is kept back, so that on a full disk `gc` can still open the database, which needs some to be read."""

from __future__ import annotations

import os
from pathlib import Path

from stepwell_store.files import create_file, write_all

NAME = "reserve"
BYTES = 1 << 20

_ENOUGH_BYTES = 16 << 20


def keep(root: Path) -> bool:
    """Set the space aside in a workspace, unless the disk is nearly full; whether it is there. Never fails."""
    path = root / NAME
    try:
        if path.exists() and path.stat().st_blocks * 512 >= BYTES:
            return True
        if _free(root) < _ENOUGH_BYTES:
            return False
        path.unlink(missing_ok=True)
        descriptor = create_file(path)
        try:
            # Random, so that no file system stores it in less.
            write_all(descriptor, os.urandom(BYTES))
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return True


def release_when_full(root: Path) -> bool:
    """Give the space free if less than that is left on the disk; whether it was. Never fails."""
    try:
        if _free(root) >= BYTES:
            return False
        (root / NAME).unlink()
    except OSError:
        return False
    return True


def _free(root: Path) -> int:
    room = os.statvfs(root)
    return room.f_bavail * room.f_frsize
