"""Rows of tables and profiles of their columns."""

from __future__ import annotations

import csv
import io
import statistics
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.data.profile import MOST_DISTINCT, profile
from stepwell_store.data.rows import rows
from stepwell_store.errors import UsageError


def table(path: Path, form: str = "delimited", **options: object) -> DatasetDefinition:
    return DatasetDefinition(kind="tabular", places=(LocalPath(str(path)),), format=form, options=options)


def read(path: Path, text: str, form: str = "delimited", **options: object) -> list[dict[str, str]]:
    path.write_text(text)
    return [dict(row) for row in rows(table(path, form, **options), [str(path)])]


def test_delimited_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert read(path, 'a,b\n1,"x, y"\n2,\n') == [{"a": "1", "b": "x, y"}, {"a": "2", "b": ""}]
    assert read(path, "a,b\n1\n2,3,4\n") == [{"a": "1"}, {"a": "2", "b": "3", "Column3": "4"}]
    assert read(path, "1|2\n", separator="|", header=False) == [{"Column1": "1", "Column2": "2"}]
    assert read(path, "a::b\n1::2\n", separator="::") == [{"a": "1", "b": "2"}]
    assert read(path, "") == []


def test_json_lines_and_parquet_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert read(path, '{"a": 1, "b": null}\n\n{"a": [1]}\n', "json_lines") == [{"a": "1", "b": ""}, {"a": "[1]"}]
    with pytest.raises(UsageError, match="cannot be read as json_lines"):
        read(path, "nonsense\n", "json_lines")
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, None], "b": ["x", "y"]}), tmp_path / "a.parquet")
    found = rows(table(tmp_path / "a.parquet", "parquet"), [str(tmp_path / "a.parquet")])
    assert list(found) == [{"a": "1", "b": "x"}, {"a": "", "b": "y"}]


def test_several_files_are_one_table(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.csv").write_text(f"a\n{number}\n")
    assert list(rows(table(tmp_path), [str(tmp_path / "1.csv"), str(tmp_path / "2.csv")])) == [{"a": "1"}, {"a": "2"}]


def test_kinds_of_columns() -> None:
    found = profile([{"a": "1", "b": "1.5", "c": "true", "d": "x", "e": "", "f": "1"},
                     {"a": "-2", "b": "2", "c": "False", "d": "1", "f": "nan"}])
    assert found.rows == 2
    assert {column.name: column.kind for column in found.columns} == {
        "a": "integer", "b": "number", "c": "boolean", "d": "text", "e": "empty", "f": "text"}
    first, *_, empty, _ = found.columns
    assert (first.minimum, first.maximum, first.mean, first.distinct, first.missing) == (-2, 1, -0.5, 2, 0)
    assert (empty.count, empty.missing, empty.minimum) == (0, 2, None)


def test_very_many_different_values_are_not_counted() -> None:
    found = profile({"a": str(number)} for number in range(MOST_DISTINCT + 1))
    assert found.columns[0].distinct is None


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=50))
def test_the_figures_are_those_of_the_statistics_module(values: list[float]) -> None:
    (column,) = profile({"a": repr(value)} for value in values).columns
    assert column.mean == pytest.approx(statistics.fmean(values), abs=1e-6)
    assert column.std == pytest.approx(statistics.stdev(values), abs=1e-6)
    assert (column.minimum, column.maximum) == (min(values), max(values))


@given(st.lists(st.lists(st.text(alphabet="ab,\"' 1", max_size=4), min_size=2, max_size=2), min_size=1, max_size=10))
def test_what_csv_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b"], *cells])
    found = read(tmp_path_factory.mktemp("csv") / "a.csv", text.getvalue())
    assert [[row["a"], row["b"]] for row in found] == cells
