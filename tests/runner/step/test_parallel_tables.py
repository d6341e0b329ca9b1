"""Tables cut into mini-batches: by bytes, rows and columns, and how tables are written. Skipped without pandas, which steps bring."""

from __future__ import annotations

from pathlib import Path

import pytest
from parallel_bench import Bench

pd = pytest.importorskip("pandas", reason="tables need pandas in the step's interpreter")

HEAD = "name,size,when\n"
ENTRY = """
def run(frame, context):
    print(context.minibatch_index, len(frame), list(map(str, frame.dtypes)))
    return frame
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "attempt").entry(ENTRY)


def lines(*rows: int, prefix: str = "a") -> str:
    return HEAD + "".join(f"{prefix}{row},{row},2026-01-{row % 28 + 1:02d}\n" for row in rows)


def test_no_mini_batch_crosses_the_end_of_a_file(bench: Bench) -> None:
    rows = bench.table(lines(*range(10)), lines(*range(5), prefix="b")).ok(batch_size="4", batch_unit="rows", workers="1")
    assert [row.split()[0] for row in rows] == [f"a{number}" for number in range(10)] + [f"b{number}" for number in range(5)]
    sizes = [line.split()[1] for line in bench.log_of().splitlines()]
    assert sizes == ["4", "4", "2", "4", "1"]


def test_bytes_are_those_of_the_files(bench: Bench) -> None:
    text = lines(*range(40))
    bench.table(text).ok(batch_size=str(-(-len(text) // 4)), workers="1")
    assert [int(line.split()[1]) for line in bench.log_of().splitlines()] == [10, 10, 10, 10]


def test_a_megabyte_is_the_usual_size(bench: Bench) -> None:
    bench.table(lines(*range(40))).ok(workers="1")
    assert len(bench.log_of().splitlines()) == 1


def test_types_are_those_of_the_whole_table(bench: Bench) -> None:
    bench.table(HEAD + "a,1,2026-01-01\n", HEAD + "b,1.5,2026-01-02\n").ok(batch_size="1", batch_unit="rows", workers="1")
    told = [line.split(" ", 2)[2] for line in bench.log_of().splitlines()]
    assert len(told) == 2
    assert set(told) == {str(["object", "float64", "datetime64[ns]"])}


def test_rows_are_written_with_blanks_and_without_a_header(bench: Bench) -> None:
    bench.table("name,size\nred wine,1\n,2\nplain,3\n")
    assert bench.ok() == ['"red wine" 1', '"" 2' if bench.rows()[1].startswith('"') else " 2", "plain 3"]


def test_a_header_comes_once(bench: Bench) -> None:
    rows = bench.table("name,size\na,5\nb,6\nc,7\n").ok(batch_size="1", batch_unit="rows", header=True, workers="1")
    assert rows == ["name size", "a 5", "b 6", "c 7"]


def test_one_mini_batch_for_each_combination_of_keys(bench: Bench) -> None:
    bench.entry("""
def run(frame, context):
    key = context.partition_key_value
    assert context.dataset.to_pandas_dataframe().equals(frame)
    assert set(frame["store"]) == {key["store"]} and set(frame["brand"]) == {key["brand"]}
    frame["total"] = frame["income"].sum()
    return frame
""")
    bench.table("store,brand,income\n2,x,5\n3,x,6\n2,x,7\n2,y,8\n")
    assert bench.ok(partition_keys=("store", "brand"), failed_items="0", workers="1") == ["2 x 5 12", "2 x 7 12", "3 x 6 6", "2 y 8 8"]
    assert bench.reports()[0]["mini_batches"] == 3


def test_an_unknown_key_is_told(bench: Bench) -> None:
    code, log = bench.table("store,income\n1,2\n").run(partition_keys=("brand",))
    assert code == 2
    assert "has no column brand to cut it by; it has store, income" in log


def test_a_choice_of_rows_is_cut_as_one(bench: Bench) -> None:
    bench.table(lines(*range(10)), lines(*range(5), prefix="b"), transforms=[{"name": "skip", "options": {"count": 8}}])
    bench.ok(batch_size="4", batch_unit="rows", workers="1")
    assert [line.split()[1] for line in bench.log_of().splitlines()] == ["4", "3"]


def test_parquet_is_cut_too(bench: Bench) -> None:
    pytest.importorskip("pyarrow", reason="pandas reads Parquet with pyarrow")
    path = bench.folder / "input" / "t.parquet"
    pd.DataFrame({"a": range(9)}).to_parquet(path)
    bench.table(format="parquet")
    given = bench.inputs["files"]
    bench.inputs["files"] = type(given)(mode="direct", id="x", definition=given.definition, files=(str(path),), names=("/t.parquet",))
    assert bench.ok(batch_size="24", workers="1") == [str(number) for number in range(9)]
    assert [line.split()[1] for line in bench.log_of().splitlines()] == ["3", "3", "3"]


def test_lists_and_arrays_are_written_item_by_item(bench: Bench) -> None:
    bench.entry("""
import numpy
def run(frame, context):
    return [numpy.arange(3) + frame["n"][0], ("x", 1), frame["n"]][context.minibatch_index]
""")
    assert bench.table("n\n5\n6\n7\n").ok(batch_size="1", batch_unit="rows") == ["5", "6", "7", "x", "1", "7"]
