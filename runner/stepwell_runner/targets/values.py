"""Settings as text, and what they mean: sizes such as `4g`, switches, numbers, choices of graphics processors."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

_SIZE = r"(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?"
_POWERS = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_MASTER = r"local(\[(\*|\d+)(,\s*\d+)?\])?|(spark|sc|k8s|yarn)(://\S+)?"
_ID = r"[A-Za-z0-9][A-Za-z0-9_:./=-]*"


def size(text: str) -> int:
    """Bytes of `512m`, `4g`, `4GiB` or `1048576`; multiples are of 1024, as Docker has them. ValueError otherwise."""
    found = re.fullmatch(_SIZE, text.strip(), re.IGNORECASE)
    if found is None:
        raise ValueError("a size such as 512m or 4g")
    return int(float(found[1]) * 1024 ** _POWERS[found[2].lower()])


def switch(text: str) -> bool:
    """`true` or `false`, also as yes and no, on and off, 1 and 0."""
    try:
        return _SWITCHES[text.strip().lower()]
    except KeyError:
        raise ValueError("true or false") from None


def integer(text: str) -> int:
    """A whole number from 0."""
    if not text.strip().isdecimal():
        raise ValueError("a whole number")
    return int(text)


def number(text: str) -> float:
    """A number from 0."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found >= 0):
        raise ValueError("a number")
    return found


def gpus(text: str) -> int | tuple[str, ...]:
    """`all` is -1, `2` is a count, anything else ids with commas between them: `id:0,1`, `GPU-1f2e…`, `nvidia.com/gpu=0`."""
    said = text.strip()
    if said == "all":
        return -1
    if said.isdecimal():
        return int(said)
    ids = tuple(one.strip() for one in said.removeprefix("id:").split(","))
    if not all(re.fullmatch(_ID, one) for one in ids):
        raise ValueError("`all`, a count, or ids such as id:0,1")
    return ids


def master(text: str) -> str:
    """Where a Spark runs, as Spark writes it."""
    if re.fullmatch(_MASTER, text) is None:
        raise ValueError("a master such as local[4], spark://host:7077 or sc://host:15002")
    return text


PARSERS: Mapping[str, Callable[[str], object]] = {
    "integer": integer, "number": number, "seconds": number, "bytes": size, "boolean": switch, "gpus": gpus, "master": master,
}  # fmt: skip
