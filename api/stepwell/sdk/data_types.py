"""Types of columns, and what the first rows of delimited files are."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from stepwell.sdk.exceptions import UserErrorException


class PromoteHeadersBehavior(IntEnum):
    """Which files of a table have a row of column names."""

    NO_HEADERS = 0
    ONLY_FIRST_FILE_HAS_HEADERS = 1
    COMBINE_ALL_FILES_HEADERS = 2
    ALL_FILES_HAVE_SAME_HEADERS = 3


class DataType:
    """The type of a column, for `set_column_types`. Make one by its `to_...` methods. `facts` is how a definition holds it."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    @staticmethod
    def to_string() -> DataType:
        """Text."""
        return DataType({"type": "string"})

    @staticmethod
    def to_long() -> DataType:
        """Whole numbers."""
        return DataType({"type": "long"})

    @staticmethod
    def to_float(decimal_mark: str = ".") -> DataType:
        """Numbers."""
        return DataType({"type": "float", "decimal_mark": decimal_mark})

    @staticmethod
    def to_bool() -> DataType:
        """True or false."""
        return DataType({"type": "bool"})

    @staticmethod
    def to_datetime(formats: str | list[str] | None = None) -> DataType:
        """Times, in these formats of `strptime`, or in any common one."""
        listed = [formats] if isinstance(formats, str) else list(formats or ())
        return DataType({"type": "datetime", **({"formats": listed} if listed else {})})

    @staticmethod
    def to_stream(workspace: object = None, escaped: bool = False) -> DataType:  # noqa: ARG004
        """Paths of files: text."""
        return DataType.to_string()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataType) and self.facts == other.facts

    def __hash__(self) -> int:
        return hash(repr(self.facts))

    def __repr__(self) -> str:
        return f"DataType({self.facts!r})"


def column_types(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """`set_column_types` as a definition holds it. UserErrorException for what is no DataType."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise UserErrorException("set_column_types is a dictionary of column to DataType", todo="Write {'n': DataType.to_long()}.")
    return {str(column): _facts(column, wanted) for column, wanted in given.items()}


def _facts(column: str, wanted: Any) -> dict[str, Any]:
    if isinstance(wanted, dict) and "type" in wanted:  # as it came from a definition
        return wanted
    if not isinstance(wanted, DataType):
        raise UserErrorException(
            f"the type of column {column!r} is a {type(wanted).__name__}", todo="It is a DataType, such as DataType.to_string()."
        )
    return wanted.facts
