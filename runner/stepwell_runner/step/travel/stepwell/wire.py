"""Values on the wire: what a script hands in becomes plain JSON, and back.

Numbers of other libraries become Python numbers through their `item()`, whole numbers beyond 64 bits become floats, types
that JSON does not know become their repr. JSON has no NaN and no infinity: they travel as the strings `NaN`, `Infinity` and
`-Infinity`; a real string that reads like one of these, with or without leading backslashes, gets one more backslash in
front, which the reader takes off. So every value comes back as it was sent.
"""

from __future__ import annotations

import math
import re
from typing import Any

_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LOOKS_SPECIAL = re.compile(r"\\*(NaN|-?Infinity)\Z")


def scalar(value: Any) -> Any:
    """The value as None, bool, int, float or str."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**63 else _as_float(value)
    if isinstance(value, float):
        return float(value)
    inner = _item(value)
    return repr(value) if inner is value else scalar(inner)


def _item(value: Any) -> Any:
    """What a number of another library holds, or the value itself."""
    item = getattr(value, "item", None)
    if not callable(item) or isinstance(value, type):
        return value
    try:
        inner = item()
    except Exception:  # an array of several numbers, or a method that only shares the name
        return value
    return inner if isinstance(inner, (bool, int, float, str)) else value


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def encode(value: Any) -> Any:
    """The value, nested or not, as JSON that every reader takes."""
    if isinstance(value, dict):
        return {text(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    value = scalar(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str):
        return _escape(text(value))
    return value


def _escape(value: str) -> str:
    return "\\" + value if _LOOKS_SPECIAL.match(value) else value


def decode(value: Any) -> Any:
    """The value as it was before `encode`."""
    if isinstance(value, dict):
        return {key: decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, str) and _LOOKS_SPECIAL.match(value):
        return _SPECIAL[value] if value in _SPECIAL else value[1:]
    return value


def text(value: Any) -> str:
    """The value as text that UTF-8 can carry: half a surrogate pair becomes a question mark."""
    return str(value).encode("utf-8", "replace").decode("utf-8")
