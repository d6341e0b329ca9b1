"""A Python version that a file asks for, and what serves where this machine does not have it and cannot fetch it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from glob import glob
from pathlib import Path

_PATIENCE_S = 120.0
_REMEMBERED_S = 6 * 3600.0
_EXACT = re.compile(r"(\d+)\.(\d+)(?:\.\d+)?\Z")
_FOUND = re.compile(r"cpython-(\d+)\.(\d+)")
_LOWEST = (3, 8)


def serving_python(wanted: str, cache: Path | None) -> str:
    """The version itself when it is here or uv can fetch it, else the nearest that is here; ranges are left to uv.

    Steps need 3.8; for an older one the nearest serves in any case. That a version could not be fetched is remembered in `cache` for
    some hours.
    """
    match = _EXACT.match(wanted)
    if match is None:
        return wanted
    version = (int(match[1]), int(match[2]))
    here = installed()
    if version in here or (version >= _LOWEST and not _is_remembered(wanted, cache) and _fetched(wanted, cache)):
        return wanted
    later = sorted(one for one in here if one > version)
    nearest = later[0] if later else max(here)
    return f"{nearest[0]}.{nearest[1]}"


def installed() -> set[tuple[int, int]]:
    """The versions of Python that are on this machine, as far as uv would find them, from 3.8 on."""
    found = {sys.version_info[:2]}
    names = [f"python3.{minor}" for minor in range(_LOWEST[1], 20)]
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        found.update((3, int(name[9:])) for name in names if os.access(os.path.join(folder, name), os.X_OK) and "shims" not in folder)
    managed = os.environ.get("UV_PYTHON_INSTALL_DIR") or os.path.expanduser("~/.local/share/uv/python")
    for path in glob(os.path.join(managed, "cpython-*")):
        match = _FOUND.search(os.path.basename(path))
        if match:
            found.add((int(match[1]), int(match[2])))
    return found


def _note(wanted: str, cache: Path | None) -> Path | None:
    return None if cache is None else cache / f"no-python-{wanted}"


def _is_remembered(wanted: str, cache: Path | None) -> bool:
    note = _note(wanted, cache)
    try:
        return note is not None and time.time() - note.stat().st_mtime < _REMEMBERED_S
    except OSError:
        return False


def _fetched(wanted: str, cache: Path | None) -> bool:
    from uv import find_uv_bin

    try:
        done = subprocess.run([find_uv_bin(), "python", "install", "--quiet", wanted], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=_PATIENCE_S, env={**os.environ, "UV_HTTP_RETRIES": "0"}, cwd="/", check=False)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    note = _note(wanted, cache)
    if done.returncode != 0 and note is not None:
        note.touch(0o600)
    return done.returncode == 0
