"""Tables from files, by pandas, with the reading rules that v1 datasets have.

Known differences: a quoted line break never breaks a row in two, and blanks at the end of a text are kept.
"""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd

from stepwell.columns import infer, typed
from stepwell.errors import UserErrorException
from stepwell.partitions import partition_columns

_ENCODINGS = {"utf8": "utf-8-sig", "utf8bom": "utf-8-sig", "iso88591": "iso-8859-1", "windows1252": "cp1252"}
LENGTHS = "stepwell.lengths"
"""The attribute of a table that says how many rows each of its files has."""

NO_HEADERS, ONLY_FIRST_FILE, COMBINE_ALL, ALL_THE_SAME = 0, 1, 2, 3


def read(definition: dict[str, Any], files: list[str], names: list[str]) -> Any:
    """The table of a definition, before its transforms: all files one after the other, then types, then columns from paths."""
    form = definition.get("format") or "delimited"
    reader = _READERS.get(form)
    if reader is None:
        raise UserErrorException(f"the table's format {form!r} is not one of {', '.join(sorted(_READERS))}")
    # Text that Parquet and JSON call text stays text.
    options = {"infer_column_types": form == "delimited", **definition.get("options", {})}
    frames = reader(files, options)
    return _joined([_with_path(frame, name, options) for frame, name in zip(frames, names)], options)  # noqa: B905


def _joined(frames: list[Any], options: dict[str, Any]) -> Any:
    if not frames:
        return pd.DataFrame()
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True, sort=False)
    paths = list(_path_columns("/", options))
    columns = {column: frame[column] if column in paths else _column(frame[column], column, options) for column in frame.columns}
    table = pd.DataFrame(columns, columns=list(frame.columns))
    table.attrs[LENGTHS] = [len(one) for one in frames]
    return table


def _column(column: Any, name: str, options: dict[str, Any]) -> Any:
    if column.dtype == object:
        column = column.where(column.notna(), None)  # a file without this column leaves NaN
    wanted = (options.get("set_column_types") or {}).get(name)
    if wanted is not None:
        return typed(column, wanted)
    return infer(column) if column.dtype == object and options["infer_column_types"] else column


def _with_path(frame: Any, name: str, options: dict[str, Any]) -> Any:
    """The frame with the columns that come from the file's name: `Path` first, partitions last."""
    for column, value in _path_columns(name, options).items():
        frame.insert(0 if column == "Path" else len(frame.columns), column, value)
    return frame


def _path_columns(name: str, options: dict[str, Any]) -> dict[str, Any]:
    path = {"Path": name} if options.get("include_path") else {}
    template = options.get("partition_format")
    return {**path, **partition_columns(template, name)} if template else path


# --- delimited text -------------------------------------------------------------------------------------------------


def _delimited(files: list[str], options: dict[str, Any]) -> list[Any]:
    mode = _header_mode(options.get("header", True))
    frames: list[Any] = []
    first: list[Any] = []
    for number, file in enumerate(files):
        raw = _raw(file, options)
        has_header = mode in (COMBINE_ALL, ALL_THE_SAME) or (mode == ONLY_FIRST_FILE and number == 0)
        header = list(raw.iloc[0]) if has_header and len(raw) else []
        first = header if number == 0 or mode == COMBINE_ALL else first
        body = raw.iloc[1:] if has_header else raw
        frames.append(body.set_axis(_titles(first, len(raw.columns)), axis=1).reset_index(drop=True))
    return frames


def _header_mode(header: Any) -> int:
    if isinstance(header, bool):
        return ALL_THE_SAME if header else NO_HEADERS
    return int(header)


def _raw(file: str, options: dict[str, Any]) -> Any:
    """All fields as text, the header among them; empty ones are None unless they are wanted as text."""
    encoding = options.get("encoding", "utf8")
    settings = {
        "sep": options.get("separator", ","), "header": None, "dtype": object, "keep_default_na": False,
        "na_values": [] if options.get("empty_as_string") else [""], "encoding": _ENCODINGS.get(encoding, encoding),
    }  # fmt: skip
    try:
        frame = pd.read_csv(file, **settings)
    except pd.errors.EmptyDataError:
        return pd.DataFrame(dtype=object)
    except pd.errors.ParserError:  # rows of different lengths, which pandas takes only when it knows the longest
        frame = pd.read_csv(file, names=list(range(_longest_row(file, settings))), **settings)
    missing = "" if options.get("empty_as_string") else None
    return frame.astype(object).where(frame.notna(), missing)


def _longest_row(file: str, settings: dict[str, Any]) -> int:
    with open(file, encoding=settings["encoding"], newline="") as stream:
        return max((len(row) for row in csv.reader(stream, delimiter=settings["sep"])), default=0)


def _titles(header: list[Any], width: int) -> list[str]:
    """Column names: `a, a` are `a` and `a_1`, a missing one is `Column` and its position from 1."""
    titles: list[str] = []
    for position in range(width):
        given = header[position] if position < len(header) else None
        title = str(given) if given not in (None, "") else f"Column{position + 1}"
        candidate, number = title, 0
        while candidate in titles:
            number += 1
            candidate = f"{title}_{number}"
        titles.append(candidate)
    return titles


# --- other formats --------------------------------------------------------------------------------------------------


def _parquet(files: list[str], options: dict[str, Any]) -> list[Any]:
    del options
    return [pd.read_parquet(file) for file in files]


def _json_lines(files: list[str], options: dict[str, Any]) -> list[Any]:
    return [pd.DataFrame(_objects(file, options)) for file in files]


def _objects(file: str, options: dict[str, Any]) -> list[Any]:
    import json

    found = []
    encoding = options.get("encoding", "utf8")
    with open(file, encoding=_ENCODINGS.get(encoding, encoding)) as stream:
        for number, line in enumerate(stream, 1):
            try:
                row = json.loads(line) if line.strip() else None
            except ValueError:
                if options.get("invalid_lines", "error") != "drop":
                    raise UserErrorException(f"{file}, line {number}: this is not JSON") from None
                continue
            if row is not None:
                found.append(row)
    return found


def _sql(files: list[str], options: dict[str, Any]) -> list[Any]:
    import sqlite3
    from contextlib import closing

    frames = []
    for file in files:
        try:
            with closing(sqlite3.connect(file, timeout=options.get("query_timeout", 30))) as connection:
                frames.append(pd.read_sql_query(options["query"], connection))
        except (sqlite3.Error, pd.errors.DatabaseError) as problem:
            raise UserErrorException(f"the query cannot be run on {file}: {problem}") from None
    return frames


_READERS = {"delimited": _delimited, "parquet": _parquet, "json_lines": _json_lines, "sql": _sql}
