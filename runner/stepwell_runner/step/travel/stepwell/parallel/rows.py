"""Rows as text: what one mini-batch returned, and all of them in one file in the order of the mini-batches."""

from __future__ import annotations

import os
import shutil
from typing import Any


def check(result: Any) -> int:
    """How many results `run` returned. TypeError for what is no list, array or table."""
    if result is None or isinstance(result, (str, bytes, dict)) or not hasattr(result, "__len__"):
        # Scripts that catch their own errors often return the words of one.
        said = f": {result[:300]}" if isinstance(result, str) else ""
        raise TypeError(f"run() must return a list, an array or a DataFrame, not {type(result).__name__}{said}")
    return len(result)


def write(result: Any, path: str, separator: str, header: bool) -> None:
    """The result in a file: a table row by row without its index, everything else item by item."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        if hasattr(result, "to_csv") and hasattr(result, "columns"):
            result.to_csv(file, sep=separator, header=header, index=False)
        else:
            file.writelines(f"{item}\n" for item in result)


def join(parts: list[str], target: str, header: bool) -> None:
    """All parts one after the other; with `header` the first line of each but the first is left out."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as out:
        for number, part in enumerate(parts):
            with open(part, "rb") as file:
                if header and number:
                    file.readline()
                shutil.copyfileobj(file, out)
