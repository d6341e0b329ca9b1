"""YAML files that v1 reads."""

from __future__ import annotations

import os
from typing import Any

from stepwell_store.errors import StepwellError


def read(path: str | os.PathLike[str], what: str, raises: type[StepwellError]) -> Any:
    """The document in a file; `raises`, which says `what` it should be, when it cannot be read or is no YAML."""
    import yaml

    place = os.fspath(path)
    try:
        with open(place, encoding="utf-8") as file:
            return yaml.safe_load(file)
    except OSError as error:
        raise raises(f"there is no {what} {place}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise raises(f"this is no YAML: {error}", where=place) from None
