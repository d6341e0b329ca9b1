"""Types of the columns of a table: found from text, or asked for. Columns are pandas Series of objects, None where empty."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd

from stepwell.errors import UserErrorException

_BOOLEANS = ({"true": True, "false": False}, {"t": True, "f": False}, {"1": True, "0": False})
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z"
_ISO = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?\Z"
_SLASHED = r"([0-9]{1,2})/([0-9]{1,2})/[0-9]{4}(?: [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?\Z"


def infer(column: Any) -> Any:
    """The column as bool, whole numbers, floats or times where all its text reads as such; else as it is."""
    filled = column[column.notna()]
    if len(filled) == 0 or not filled.map(lambda value: isinstance(value, str)).all():
        return column
    for attempt in (_booleans, _numbers, _iso_times, _slashed_times):
        found = attempt(column, filled)
        if found is not None:
            return found
    return column


def _booleans(column: Any, filled: Any) -> Any:
    distinct = {value.lower() for value in filled.unique()[:8]}
    for words in _BOOLEANS:
        if distinct <= set(words) and filled.str.lower().isin(list(words)).all():
            found = column.map(lambda value, words=words: None if value is None else words[value.lower()])
            return found.astype(bool) if len(filled) == len(column) else found.astype(object).where(column.notna(), None)
    return None


def _numbers(column: Any, filled: Any) -> Any:
    if not filled.str.match(_NUMBER).all():
        return None
    found = pd.to_numeric(filled.astype(str))
    if found.dtype not in ("int64", "float64"):
        found = filled.astype(float)  # whole numbers beyond 64 bits
    return found if len(filled) == len(column) else found.astype(float).reindex(column.index)


def _iso_times(column: Any, filled: Any) -> Any:
    return _times(column, filled, None) if filled.str.match(_ISO).all() else None


def _slashed_times(column: Any, filled: Any) -> Any:
    if not filled.str.match(_SLASHED).all():
        return None
    parts = filled.str.extract(_SLASHED)
    first, second = parts[0].astype(int).max(), parts[1].astype(int).max()
    if first > 12 and second > 12:
        return None
    if first <= 12 and second <= 12:
        warnings.warn(f"column {column.name!r}: day and month cannot be told apart; the month is taken to be first", stacklevel=2)
    return _times(column, filled, first > 12)


def _times(column: Any, filled: Any, day_first: bool | None) -> Any:
    """Times without a zone (UTC where the text has one); None when one of them does not exist in the calendar."""
    modern = int(pd.__version__.split(".")[0]) >= 2
    settings: dict[str, Any] = {} if day_first is None else {"dayfirst": day_first}
    if modern:
        settings["format"] = "ISO8601" if day_first is None else "mixed"
    try:
        found = pd.to_datetime(filled.astype(str), utc=True, **settings)
    except (ValueError, OverflowError):
        return None
    return found.dt.tz_localize(None).astype("datetime64[ns]").reindex(column.index)


def typed(column: Any, wanted: Any) -> Any:
    """The column as the type that was asked for: a name, or `{"type": name, "formats": [...], "decimal_mark": text}`.

    What does not fit is null.
    """
    options = {"type": wanted} if isinstance(wanted, str) else wanted
    kind = options.get("type")
    if kind not in _KINDS:
        raise UserErrorException(f"column {column.name!r} has the unknown type {kind!r}; known are {', '.join(sorted(_KINDS))}")
    return _KINDS[kind](column, options)


def _to_string(column: Any, _: dict[str, Any]) -> Any:
    return column.map(lambda value: None if value is None else str(value)).astype(object)


def _to_float(column: Any, options: dict[str, Any]) -> Any:
    mark = options.get("decimal_mark", ".")
    text = column if mark == "." else column.map(lambda value: value.replace(mark, ".") if isinstance(value, str) else value)
    return pd.to_numeric(text, errors="coerce").astype(float)


def _to_long(column: Any, _: dict[str, Any]) -> Any:
    found = pd.to_numeric(column, errors="coerce")
    return found if found.isna().any() else found.astype("int64")


def _to_bool(column: Any, _: dict[str, Any]) -> Any:
    words = {key: value for group in _BOOLEANS for key, value in group.items()}
    found = column.map(lambda value: words.get(str(value).lower()))
    return found.astype(bool) if found.notna().all() else found.astype(object).where(found.notna(), None)


def _to_datetime(column: Any, options: dict[str, Any]) -> Any:
    found = None
    for layout in options.get("formats") or [None]:
        settings = {} if layout is None else {"format": layout}
        parsed = pd.to_datetime(column, errors="coerce", utc=True, **settings).dt.tz_localize(None).astype("datetime64[ns]")
        found = parsed if found is None else found.fillna(parsed)
    return found


_KINDS = {"string": _to_string, "float": _to_float, "long": _to_long, "bool": _to_bool, "datetime": _to_datetime}
