"""The first rows of tables as they are in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.views.tabular import BYTES, COLUMNS, ROWS, head


@pytest.fixture
def table(tmp_path: Path) -> Any:
    def write(data: str | bytes, form: str = "delimited", **options: object) -> Any:
        path = tmp_path / "table"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return head(str(path), form, options)

    return write


def test_delimited_text_with_a_header_and_rows_of_different_lengths(table: Any) -> None:
    found = table('name,,age\nAda,x,36,more\n"a, b"\n\n')
    assert found.columns == ("name", "Column2", "age", "Column4")
    assert found.rows == (("Ada", "x", "36", "more"), ("a, b", "", "", ""))


@pytest.mark.parametrize(("text", "options", "columns", "rows"), [
    ("1;2\n", {"separator": ";", "header": False}, ("Column1", "Column2"), (("1", "2"),)),
    ("1\t2\n", {"separator": "\t", "header": 0}, ("Column1", "Column2"), (("1", "2"),)),
    ("a||b\n1||2\n", {"separator": "||"}, ("a", "b"), (("1", "2"),)),
    ("\ufeffa,b\n1,2\n", {}, ("a", "b"), (("1", "2"),)),
])
def test_delimited_text_by_its_options(table: Any, text: str, options: dict[str, Any], columns: object, rows: object) -> None:
    found = table(text, **options)
    assert (found.columns, found.rows) == (columns, rows)


def test_other_encodings(table: Any) -> None:
    assert table("a\né\n".encode("latin-1"), encoding="iso88591").rows == (("é",),)
    assert "cannot be read" in table("a\n", encoding="nonsense").note


def test_only_the_first_rows_of_a_large_file_and_only_whole_ones(table: Any) -> None:
    lines = "".join(f"{number},{'x' * 3000}\n" for number in range(200))
    assert len(lines) > BYTES
    found = table("n,text\n" + lines)
    assert len(found.rows) < ROWS
    assert {len(row[1]) for row in found.rows} == {200}
    assert len(table("a\n" + "1\n" * 500).rows) == ROWS


def test_very_wide_tables_say_what_is_missing(table: Any) -> None:
    found = table(",".join(f"c{number}" for number in range(COLUMNS + 7)) + "\n")
    assert len(found.columns) == COLUMNS
    assert found.note == "7 more columns are not shown"


def test_json_lines_have_the_columns_of_all_rows(table: Any) -> None:
    found = table('{"a": 1, "b": [1, "é"]}\n\n{"a": null, "c": "x"}\n5\n', "json_lines")
    assert found.columns == ("a", "b", "c", "value")
    assert found.rows == (("1", '[1, "é"]', "", ""), ("", "", "x", ""), ("", "", "", "5"))
    assert "cannot be read as a table" in table("{\n", "json_lines").note


def test_what_is_not_shown_is_said(table: Any) -> None:
    assert "pyarrow" in table(b"PAR1", "parquet").note or "Parquet" in table(b"PAR1", "parquet").note
    assert "avro" in table("", "avro").note
    assert table("").note == "the file is empty"
    assert table("", "json_lines").note == "the file is empty"


@given(data=st.binary(max_size=400), form=st.sampled_from(["delimited", "json_lines"]))
def test_whatever_is_in_it_rows_are_as_wide_as_the_columns(tmp_path_factory: pytest.TempPathFactory, data: bytes, form: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    found = head(str(path), form, {})
    assert all(len(row) == len(found.columns) for row in found.rows)
    assert found.rows or found.columns or found.note
