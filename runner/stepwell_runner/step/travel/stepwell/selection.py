"""Which rows or files the operations of a dataset leave. Needs nothing but the standard library, and no other module of this package.

Which belong to a part of `random_split` and to `take_sample`: `random.Random(seed)` draws one number per row, in order; a row is
taken, or is in the first part, when its number is below the share.
"""

from __future__ import annotations

import operator
import os
import random
from collections.abc import Callable, Sequence
from typing import Any, Optional


def positions(count: int, name: str, options: dict[str, Any]) -> Optional[Sequence[int]]:  # noqa: UP045  (Python 3.8)
    """Positions of the rows that an operation leaves; None for one that does not choose by position."""
    if name == "take":
        return range(min(count, options["count"]))
    if name == "skip":
        return range(min(count, options["count"]), count)
    if name == "take_sample":
        return _drawn(count, options["probability"], options["seed"], 0)
    if name == "random_split":
        return _drawn(count, options["percentage"], options["seed"], options["part"])
    return None


def _drawn(count: int, share: float, seed: int, part: int) -> list[int]:
    draw = random.Random(seed).random  # noqa: S311  (no secret)
    return [position for position in range(count) if (draw() < share) == (part == 0)]


def files(named: list[tuple[str, str]], transforms: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """The (name, path) pairs that the operations of a file dataset leave; ValueError for an operation on files that there is not."""
    for transform in transforms:
        name, options = transform["name"], transform.get("options", {})
        chosen = positions(len(named), name, options)
        if chosen is not None:
            named = [named[position] for position in chosen]
        elif name == "filter":
            named = [one for one in named if evaluate(options["condition"], _facts_of(*one))]
        else:
            raise ValueError(f"this dataset is made with {name!r}, which files do not have")
    return named


def _facts_of(name: str, path: str) -> Callable[[str, str], Any]:
    def fact(kind: str, wanted: str) -> Any:
        if kind != "file":
            raise ValueError(f"files have no column {wanted!r}; file_metadata('Size') and the like are what they have")
        found = _FILE_FACTS.get(wanted)
        if found is None:
            raise ValueError(f"files have no {wanted!r}; they have {', '.join(_FILE_FACTS)}")
        return found(name, os.stat(path))

    return fact


def _time(seconds: float) -> Any:
    from datetime import datetime, timezone

    return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)  # noqa: UP017  (Python 3.8)


_FILE_FACTS: dict[str, Callable[[str, os.stat_result], Any]] = {
    "Size": lambda _, found: found.st_size,
    "LastModifiedTime": lambda _, found: _time(found.st_mtime),
    "CreationTime": lambda _, found: _time(found.st_ctime),
    "Name": lambda name, _: name.rpartition("/")[2],
    "Extension": lambda name, _: os.path.splitext(name)[1],
}


def evaluate(data: dict[str, Any], value_of: Callable[[str, str], Any]) -> Any:
    """What an expression comes to. `value_of("column" or "file", name)` gives values of the data, one or a whole column of them."""
    if "op" in data:
        return _OPERATIONS[data["op"]](*(evaluate(one, value_of) for one in data["of"]))
    if "time" in data:
        from datetime import datetime

        return datetime.fromisoformat(data["time"])
    ((kind, held),) = data.items()
    return held if kind == "value" else value_of(kind, held)


def _texts(name: str) -> Callable[[Any, str], Any]:
    def apply(value: Any, text: str) -> Any:
        if hasattr(value, "str"):  # a column
            options = {"regex": False, "na": False} if name == "contains" else {"na": False}
            return getattr(value.astype(object).map(lambda one: one if isinstance(one, str) else None).str, name)(text, **options)
        return isinstance(value, str) and (text in value if name == "contains" else getattr(value, name)(text))

    return apply


def _not(value: Any) -> Any:
    return not value if isinstance(value, bool) else ~value.astype(bool)


def _null(value: Any) -> Any:
    return value.isna() if hasattr(value, "isna") else value is None


def _one_of(value: Any, values: list[Any]) -> Any:
    return value.isin(values) if hasattr(value, "isin") else value in values


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq, "ne": operator.ne,
    "and": operator.and_, "or": operator.or_, "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "truediv": operator.truediv, "mod": operator.mod, "not": _not, "is_null": _null, "isin": _one_of,
    "contains": _texts("contains"), "startswith": _texts("startswith"), "endswith": _texts("endswith"),
}  # fmt: skip
