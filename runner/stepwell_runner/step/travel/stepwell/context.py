"""What the runner tells a step about itself: the JSON file that the environment variable STEPWELL_STEP names.

    {"format": 1, "run": id, "step_run": id, "step": key, "name": text, "experiment": text, "pipeline": text,
     "workspace": {"name": text, "root": path}, "folder": path of the attempt, "reports": path, "artifacts": path,
     "door": [word of a command, or nothing],
     "parameters": {name: value}, "outputs": {name: path}, "tags": {key: value},
     "inputs": {name: {"mode": "mount" | "download" | "direct", "path": path or null, "id": text or null,
                       "definition": {...} or null, "files": [path] or null, "names": [text] or null}},
     "work": {...} or null, as `stepwell.parallel.settings` reads it}

`names` are those of `files` as a dataset shows them, with a leading `/`; without it they are taken from the paths.

Paths are as this process sees them.
"""

from __future__ import annotations

import json
import os
from typing import Any

from stepwell.errors import RunEnvironmentException

VARIABLE = "STEPWELL_STEP"
FORMAT = 1


def read() -> dict[str, Any] | None:
    """The context, or None outside a step. RunEnvironmentException when there should be one that cannot be read."""
    path = os.environ.get(VARIABLE)
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            context = json.load(file)
        found = context["format"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise RunEnvironmentException(f"{VARIABLE} names {path!r}, which is no readable context of a step: {problem}") from None
    if found != FORMAT:
        raise RunEnvironmentException(f"the context of this step has format {found}; this package reads format {FORMAT}")
    return context  # type: ignore[no-any-return]
