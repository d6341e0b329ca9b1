"""Notebooks, scripts and jars that Databricks knows by a path of its own, on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from stepwell.sdk.exceptions import PipelineError

_ENDINGS = ("", ".py", ".ipynb")


def here(step: str, path: str, folder: Any) -> str:
    """The absolute path of the notebook or script on this machine; PipelineError, with where it was looked for, when it is not here."""
    places = list(_places(path, folder))
    for place in places:
        for ending in _ENDINGS:
            if os.path.isfile(place + ending):
                return os.path.abspath(place + ending)
    raise PipelineError(f"step '{step}' runs {path}, which is in Databricks and not on this machine",
                        todo=f"Export it (as .py source or .ipynb) to {places[-1]}.py, or name the file that you have.")


def jar_here(step: str, path: str | None) -> str:
    """The same for a jar."""
    for place in _places(path or "", None):
        if os.path.isfile(place):
            return os.path.abspath(place)
    raise PipelineError(f"step '{step}' needs the jar {path}, which is not on this machine",
                        todo="Copy it next to the pipeline, or name the file that you have.")


def _places(path: str, folder: Any) -> Iterator[str]:
    """Where it may be: as it is, below /dbfs, and by its last names in the step's folder and the current one."""
    plain = path.removeprefix("dbfs:")
    if os.path.isabs(plain):
        yield plain
        yield os.path.join("/dbfs", plain.lstrip("/"))
    parts = [part for part in plain.split("/") if part not in ("", ".", "..")]
    for base in filter(None, (None if folder is None else os.fspath(folder), ".")):
        yield os.path.join(base, plain.lstrip("/"))
        yield os.path.join(base, parts[-1] if parts else plain)
