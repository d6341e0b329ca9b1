"""Conditions on rows or files, built by writing them down: `dataset["price"] > 3`, joined with `&`, `|` and `~`.

As data, which is what a definition keeps:

    {"column": name}   {"file": "Size" | "LastModifiedTime" | "CreationTime" | "Name" | "Extension"}   {"value": plain}
    {"time": ISO text}   {"op": name, "of": [data, ...]}
"""

from __future__ import annotations

from typing import Any


class Expression:
    """A value or a condition that is worked out when the data is read."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def contains(self, text: str) -> Expression:
        """Whether it holds a piece of text."""
        return _made("contains", self, text)

    def startswith(self, text: str) -> Expression:
        """Whether it begins with a piece of text."""
        return _made("startswith", self, text)

    def endswith(self, text: str) -> Expression:
        """Whether it ends with a piece of text."""
        return _made("endswith", self, text)

    def is_null(self) -> Expression:
        """Whether there is no value."""
        return _made("is_null", self)

    def isin(self, values: Any) -> Expression:
        """Whether it is one of several values."""
        return Expression({"op": "isin", "of": [self.data, {"value": [_plain(value)["value"] for value in values]}]})

    def __bool__(self) -> bool:
        raise TypeError("a condition on a dataset has no truth of its own; join conditions with &, | and ~ instead of and, or and not")

    __hash__ = None  # type: ignore[assignment]  # == makes a condition

    def __repr__(self) -> str:
        return f"Expression({self.data!r})"


def _method(name: str) -> Any:
    def method(self: Expression, other: Any) -> Expression:
        return _made(name, self, other)

    return method


def _reversed(name: str) -> Any:
    def method(self: Expression, other: Any) -> Expression:
        return _made(name, other, self)

    return method


for _name in ("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "add", "sub", "mul", "truediv", "mod"):
    setattr(Expression, f"__{_name}__", _method(_name))
for _name in ("add", "sub", "mul", "truediv", "and", "or"):
    setattr(Expression, f"__r{_name}__", _reversed(_name))
Expression.__invert__ = lambda self: _made("not", self)  # type: ignore[attr-defined]


def column(name: str) -> Expression:
    """The value of a column."""
    return Expression({"column": name})


def file_fact(name: str) -> Expression:
    """A fact about a file."""
    return Expression({"file": name})


def _made(name: str, *operands: Any) -> Expression:
    return Expression({"op": name, "of": [_plain(one) for one in operands]})


def _plain(value: Any) -> dict[str, Any]:
    if isinstance(value, Expression):
        return value.data
    if hasattr(value, "isoformat"):
        return {"time": value.isoformat()}
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"value": value}
    raise TypeError(f"a condition on a dataset cannot compare with a {type(value).__name__}")
