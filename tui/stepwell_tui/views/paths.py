"""Paths as people read them in a narrow column."""

from __future__ import annotations

import os

from stepwell_store.files import StrPath


def near(path: str, base: StrPath) -> str:
    """A path as seen from the project's folder if it is below it, else with `~` for the home folder; anything else as it is."""
    for top, begins in ((os.fspath(base), ""), (os.path.expanduser("~"), "~/")):
        if path == top:
            return begins.rstrip("/") or "."
        if path.startswith(top.rstrip("/") + "/"):
            return begins + path[len(top.rstrip("/")) + 1 :]
    return path
