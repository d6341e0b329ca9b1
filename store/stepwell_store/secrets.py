"""Secrets of a workspace: one private file beside the database, never in it, nor in any log or backup."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stepwell_store.errors import IntegrityError
from stepwell_store.files import write_atomic
from stepwell_store.locks import FileLock

FILE = "secrets.json"


def read(root: Path) -> dict[str, str]:
    """All secrets by name; IntegrityError when the file is not what was written."""
    path = root / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError:
        raise IntegrityError("the file of secrets is damaged", where=str(path), todo="mend it, or remove it and set them anew") from None


def change(root: Path, new: Mapping[str, str], removed: tuple[str, ...] = ()) -> None:
    """Set some secrets and forget others."""
    with FileLock(root / "locks" / "secrets.lock"):
        kept = {name: value for name, value in read(root).items() if name not in removed}
        write_atomic(os.fspath(root / FILE), msgspec.json.encode({**kept, **new}, order="sorted"))
