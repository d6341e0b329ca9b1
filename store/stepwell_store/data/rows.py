"""All rows of a table, one after the other, as text, with nothing but the standard library (and pyarrow for Parquet)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError
from stepwell_store.files import explained

Record = Mapping[str, str]
"""Cells by column; the empty text is a missing value."""

_ENCODINGS = {"utf8": "utf-8-sig", "utf8bom": "utf-8-sig", "iso88591": "iso-8859-1", "windows1252": "cp1252"}
_NO_HEADER = (False, 0)


def rows(definition: DatasetDefinition, files: Sequence[str]) -> Iterator[Record]:
    """Every row of these files, read as the definition says, before its transforms. UsageError for what is no such table."""
    reader = _READERS.get(definition.format or "delimited")
    if reader is None:
        raise UsageError(f"tables in the format {definition.format} are not read here")
    for path in files:
        with explained("reading a table", path):
            try:
                yield from reader(path, definition.options)
            except (ValueError, LookupError, csv.Error) as error:
                raise UsageError(f"this cannot be read as {definition.format or 'delimited'}: {error}", where=path) from None


def _encoding(options: Mapping[str, Any]) -> str:
    given = str(options.get("encoding", "utf8"))
    return _ENCODINGS.get(given, given)


def _delimited(path: str, options: Mapping[str, Any]) -> Iterator[Record]:
    with open(path, encoding=_encoding(options), errors="replace", newline="") as stream:
        found = _split(stream, str(options.get("separator", ",")))
        first = next(found, None)
        if first is None:
            return
        has_header = options.get("header", True) not in _NO_HEADER
        titles = [title if has_header and title else f"Column{at + 1}" for at, title in enumerate(first)]
        if not has_header:
            yield dict(zip(titles, first, strict=True))
        for row in found:
            titles += [f"Column{at + 1}" for at in range(len(titles), len(row))]
            yield dict(zip(titles, row, strict=False))


def _split(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    if len(separator) == 1:
        yield from (row for row in csv.reader(lines, delimiter=separator) if row)
    else:
        stripped = (line.rstrip("\r\n") for line in lines)
        yield from (line.split(separator) if separator else [line] for line in stripped if line)


def _json_lines(path: str, options: Mapping[str, Any]) -> Iterator[Record]:
    with open(path, encoding=_encoding(options)) as stream:
        for line in stream:
            if line.strip():
                value = json.loads(line)
                yield {name: _text(cell) for name, cell in (value.items() if isinstance(value, dict) else (("value", value),))}


def _parquet(path: str, options: Mapping[str, Any]) -> Iterator[Record]:
    del options
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        raise UsageError("this is a Parquet file, which Stepwell itself reads with pyarrow", where=path,
                         todo="install pyarrow where Stepwell is installed") from None
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches():
            for row in batch.to_pylist():
                yield {name: _text(cell) for name, cell in row.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


_READERS = {"delimited": _delimited, "json_lines": _json_lines, "parquet": _parquet}
