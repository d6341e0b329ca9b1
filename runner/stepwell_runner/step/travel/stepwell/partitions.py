"""Columns whose values stand in the path of a file: `partition_format` such as `/{state}/{when:yyyy/MM}/data.csv`."""

from __future__ import annotations

import re
from typing import Any

_FIELD = re.compile(r"\{(\w+)(?::([^}]*))?\}|(\*+)")
_TIME = {"yyyy": ("%Y", r"\d{4}"), "MM": ("%m", r"\d{2}"), "dd": ("%d", r"\d{2}"), "HH": ("%H", r"\d{2}"), "mm": ("%M", r"\d{2}"),
         "ss": ("%S", r"\d{2}")}  # fmt: skip
_TIME_PART = re.compile("|".join(_TIME))


def partition_columns(template: str, name: str) -> dict[str, Any]:
    """Column → value for one path, matched at its end: text, or a time where the field has a layout; None without a match."""
    pattern, layouts = _compiled(template)
    match = re.search(pattern + r"\Z", name)
    return {column: None if match is None else _value(match.group(column), layout) for column, layout in layouts.items()}


def keys(template: str | None) -> list[str]:
    """The columns of a template, in order."""
    return list(_compiled(template)[1]) if template else []


def _compiled(template: str) -> tuple[str, dict[str, str | None]]:
    pattern, position = "", 0
    layouts: dict[str, str | None] = {}
    for field in _FIELD.finditer(template):
        pattern += re.escape(template[position : field.start()])
        position = field.end()
        column, layout, stars = field.groups()
        if column is None:
            pattern += "[^/]*" if stars == "*" else ".*"
            continue
        layouts[column] = None if layout is None else _TIME_PART.sub(lambda part: _TIME[part.group()][0], layout)
        pattern += f"(?P<{column}>{'[^/]+' if layout is None else _layout_pattern(layout)})"
    return pattern + re.escape(template[position:]), layouts


def _layout_pattern(layout: str) -> str:
    return "".join(_TIME[part][1] if part in _TIME else re.escape(part) for part in re.split(f"({_TIME_PART.pattern})", layout))


def _value(text: str, layout: str | None) -> Any:
    if layout is None:
        return text
    from datetime import datetime

    return datetime.strptime(text, layout)  # noqa: DTZ007  (paths name no zone)
