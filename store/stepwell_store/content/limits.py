"""How large a snapshot may be."""

from __future__ import annotations

import heapq
import os

import msgspec

from stepwell_store.content.trees import path_text
from stepwell_store.content.walk import Found
from stepwell_store.errors import UsageError

BYTES_VARIABLE = "STEPWELL_SNAPSHOT_MAX_BYTES"
FILES_VARIABLE = "STEPWELL_SNAPSHOT_MAX_FILES"


class Limits(msgspec.Struct, frozen=True):
    """The most bytes and files that a snapshot may have."""

    max_bytes: int = 300_000_000
    max_files: int = 100_000


def limits_from_environment() -> Limits:
    """The limits, with what the two variables say instead; UsageError when one is no number."""
    usual = Limits()
    return Limits(_number(BYTES_VARIABLE, usual.max_bytes), _number(FILES_VARIABLE, usual.max_files))


def check(found: Found, limits: Limits, folder: str) -> None:
    """UsageError that names the ten largest files when there is too much."""
    files, size = len(found.paths), sum(info[0] for info in found.stats)
    if files > limits.max_files:
        what = f"The source folder has more than {limits.max_files:,} files."
        variable = FILES_VARIABLE
    elif size > limits.max_bytes:
        what = f"The source folder has {size:,} bytes, and {limits.max_bytes:,} are allowed."
        variable = BYTES_VARIABLE
    else:
        return
    largest = heapq.nlargest(10, zip((info[0] for info in found.stats), found.paths, strict=True))
    lines = "\n".join(f"  {bytes_:>15,}  {path_text(path)!r}" for bytes_, path in largest)
    raise UsageError(
        what,
        where=folder,
        todo=f"The largest files are\n{lines}\nLeave out what no step reads by lines in .amlignore, or set {variable}.",
    )


def _number(variable: str, usual: int) -> int:
    text = os.environ.get(variable)
    if not text:
        return usual
    try:
        return int(text.replace("_", ""))
    except ValueError:
        raise UsageError(f"{variable} is {text!r}, which is not a whole number.", todo="Set a number or unset it.") from None
