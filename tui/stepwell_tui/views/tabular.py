"""The first rows of a table, read from the beginning of its first file with nothing but the standard library."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import msgspec

from stepwell_store.data.profile import Kind, profile
from stepwell_tui.views.texts import read_head

ROWS = 100
BYTES = 256 << 10
COLUMNS = 60
_CELL = 200
_ENCODINGS = {"utf8": "utf-8-sig", "utf8bom": "utf-8-sig", "iso88591": "iso-8859-1", "windows1252": "cp1252"}
_NO_HEADER = (False, 0)


class Head(msgspec.Struct, frozen=True):
    """Columns and the first rows, cells as they are in the file (foreign text); `note` says what is not shown, or why nothing is.

    `kinds` are what the shown cells of each column are.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    kinds: tuple[Kind, ...] = ()


def head(path: str, form: str, options: dict[str, Any]) -> Head:
    """The first rows of one file of a table in this format."""
    if form == "parquet":
        return _parquet(path)
    if form not in ("delimited", "json_lines"):
        return Head(note=f"tables in the format {form} are not shown")
    data, size = read_head(path, BYTES)
    try:
        text = _text(data, len(data) < size, str(options.get("encoding", "utf8")))
        return _delimited(text, options) if form == "delimited" else _json_lines(text)
    except (ValueError, LookupError, csv.Error) as error:
        return Head(note=f"this cannot be read as a table: {error}")


def _text(data: bytes, is_cut: bool, encoding: str) -> str:
    """All whole lines."""
    if is_cut:
        data = data[: data.rfind(b"\n") + 1] or data
    return data.decode(_ENCODINGS.get(encoding, encoding), "replace")


# --- delimited text -------------------------------------------------------------------------------------------------


def _delimited(text: str, options: dict[str, Any]) -> Head:
    rows = list(_first(_split(text, str(options.get("separator", ",")))))
    if not rows:
        return Head(note="the file is empty")
    width = max(map(len, rows))
    if options.get("header", True) in _NO_HEADER:
        return _made([f"Column{at + 1}" for at in range(width)], rows)
    titles = [*rows[0], *[""] * (width - len(rows[0]))]
    return _made([title or f"Column{at + 1}" for at, title in enumerate(titles)], rows[1:])


def _split(text: str, separator: str) -> Iterator[list[str]]:
    if len(separator) == 1:
        yield from (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row)
    else:
        yield from (line.split(separator) if separator else [line] for line in text.splitlines() if line)


def _first(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for _, row in zip(range(ROWS + 1), rows, strict=False):
        yield row


# --- other formats --------------------------------------------------------------------------------------------------


def _json_lines(text: str) -> Head:
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        value = json.loads(line) if line.strip() else None
        if value is not None:
            found.append(value if isinstance(value, dict) else {"value": value})
        if len(found) == ROWS:
            break
    columns = list(dict.fromkeys(name for row in found for name in row))
    return _made(columns, [[_cell(row.get(name)) for name in columns] for row in found]) if found else Head(note="the file is empty")


def _parquet(path: str) -> Head:
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        return Head(note="a Parquet file: install pyarrow where Stepwell is installed, and its rows are shown here")
    try:
        with parquet.ParquetFile(path) as file:
            batch = next(file.iter_batches(batch_size=ROWS), None)
            columns = list(file.schema_arrow.names)
    except (OSError, ValueError) as error:
        return Head(note=f"this cannot be read as Parquet: {error}")
    rows = batch.to_pylist() if batch is not None else []
    return _made(columns, [[_cell(row[name]) for name in columns] for row in rows])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _made(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Head:
    shown = rows[:ROWS]
    cells = tuple(tuple(cell[:_CELL] for cell in [*row, *[""] * (len(columns) - len(row))][:COLUMNS]) for row in shown)
    left = len(columns) - COLUMNS
    return Head(tuple(column[:_CELL] for column in columns[:COLUMNS]), cells, f"{left} more columns are not shown" if left > 0 else "",
                _kinds(cells, min(len(columns), COLUMNS)))


def _kinds(rows: Sequence[Sequence[str]], width: int) -> tuple[Kind, ...]:
    """By the number of the column, for two may have one name."""
    found = profile(dict(zip(map(str, range(width)), row, strict=True)) for row in rows)
    nothing: Kind = "empty"
    return tuple(column.kind for column in found.columns) or (nothing,) * width
