"""Tags and properties as v1 takes them: any values, kept as text; asked for by keys, or by keys with their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Labels = str | Sequence[Any] | Mapping[str, Any] | None
"""A key, keys, pairs of key and value, or a mapping."""


def as_words(values: Mapping[str, Any]) -> dict[str, str]:
    """Keys and values as text; None is the empty one."""
    return {str(key): _word(value) for key, value in values.items()}


def holds(known: Mapping[str, str], wanted: Labels) -> bool:
    """Whether everything that is wanted is among the known."""
    if isinstance(wanted, str):
        return wanted in known
    pairs = wanted.items() if isinstance(wanted, Mapping) else wanted or ()
    return all(one in known if isinstance(one, str) else known.get(str(one[0])) == _word(one[1]) for one in pairs)


def _word(value: Any) -> str:
    return "" if value is None else str(value)
