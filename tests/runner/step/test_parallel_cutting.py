"""How input is cut, what settings say, and what is counted: laws and worked examples, without processes."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.step import TRAVEL


@pytest.fixture(scope="module")
def parts() -> Any:
    """The modules that travel, imported under their own names in the place of the tool's package."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name == "stepwell" or name.startswith("stepwell.")}
    sys.path.insert(0, TRAVEL)
    try:
        names = ("cutting", "settings", "tally", "batches", "wire", "rows")
        found = {name: importlib.import_module(f"stepwell.parallel.{name}") for name in names}
        yield type("Parts", (), {**found, "partitions": importlib.import_module("stepwell.partitions")})
    finally:
        sys.path.remove(TRAVEL)
        for name in [name for name in sys.modules if name == "stepwell" or name.startswith("stepwell.")]:
            del sys.modules[name]
        sys.modules.update(hidden)


def context(**work: Any) -> dict[str, Any]:
    return {"work": {"entry": "e.py", "split": ["files"], **work}, "outputs": {"out": "/out"}}


@given(count=st.integers(0, 500), size=st.integers(1, 50))
def test_counted_ranges_hold_every_item_once(parts: Any, count: int, size: int) -> None:
    ranges = list(parts.cutting.by_count(count, size))
    assert [item for start, stop in ranges for item in range(start, stop)] == list(range(count))
    assert all(stop - start == size for start, stop in ranges[:-1])
    assert all(0 < stop - start <= size for start, stop in ranges)


@given(lengths=st.lists(st.integers(0, 40), max_size=10), sizes=st.lists(st.integers(1, 15), min_size=10, max_size=10))
def test_no_range_crosses_the_end_of_a_part(parts: Any, lengths: list[int], sizes: list[int]) -> None:
    ranges = list(parts.cutting.within(lengths, sizes[:len(lengths)]))
    assert [item for start, stop in ranges for item in range(start, stop)] == list(range(sum(lengths)))
    ends = {sum(lengths[:number]) for number in range(len(lengths) + 1)}
    assert all(not (start < end < stop) for start, stop in ranges for end in ends)


@given(values=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=60))
def test_partitions_hold_every_item_once_and_one_value_each(parts: Any, values: list[tuple[str, int]]) -> None:
    found = parts.cutting.by_value(values)
    assert sorted(position for positions in found.values() for position in positions) == list(range(len(values)))
    assert all({values[position] for position in positions} == {value} for value, positions in found.items())
    assert list(found) == list(dict.fromkeys(values))


@given(sizes=st.lists(st.integers(0, 300), max_size=30), limit=st.integers(1, 400))
def test_files_are_gathered_by_bytes(parts: Any, sizes: list[int], limit: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    files = []
    for number, size in enumerate(sizes):
        (folder / f"{number:03d}").write_bytes(b"x" * size)
        files.append(str(folder / f"{number:03d}"))
    found = parts.batches._of_bytes(files, limit)
    assert [item for part in found for item in part] == list(range(len(sizes)))
    assert all(len(part) == 1 or sum(sizes[item] for item in part) <= limit for part in found)


@pytest.mark.parametrize(("size", "rows", "volume", "expected"), [(1024, 150, 4550, 33), (1, 150, 4550, 1), (10**9, 3, 10, 3 * 10**8),
                                                                   (10, 0, 0, 1)])  # fmt: skip
def test_rows_for_a_number_of_bytes(parts: Any, size: int, rows: int, volume: int, expected: int) -> None:
    assert parts.cutting.rows_for(size, rows, volume) == expected


@pytest.mark.parametrize(("text", "size"), [("7", 7), ("1kb", 1024), ("10KB", 10240), (" 2 MB ", 2 * 1024**2), ("1G", 1024**3), ("", None)])
def test_sizes_of_mini_batches(parts: Any, text: str, size: int | None) -> None:
    assert parts.settings.settings_of(context(batch_size=text)).batch_size == size


def test_what_is_not_said_is_as_usual(parts: Any) -> None:
    found = parts.settings.settings_of(context(), cores=8)
    assert (found.workers, found.tries, found.timeout_s, found.failed_items, found.append, found.level) == (8, 3, None, None, None, 20)
    assert parts.settings.settings_of(context(append={"output": "out", "file": ""})).append.path == "/out/parallel_run_step.txt"
    assert parts.settings.settings_of(context(append={"output": "out"})).append.path == "/out"


@pytest.mark.parametrize(("nodes", "per_node", "cores", "gpus", "workers"), [
    ("1", "3", 2, 0, 3), ("2", "2", 8, 0, 4), ("20", "8", 4, 0, 8), ("20", "1", 4, 0, 4), ("4", "", 8, 0, 8), ("1", "", 8, 2, 2),
])  # fmt: skip
def test_a_laptop_is_one_node(parts: Any, nodes: str, per_node: str, cores: int, gpus: int, workers: int) -> None:
    assert parts.settings.settings_of(context(nodes=nodes, workers=per_node), cores=cores, gpus=gpus).workers == workers


WRONG = {
    "batch_size": ("ten", "-1", "0", "1TB"), "workers": ("0", "x", "1.5"), "nodes": ("-1",), "tries": ("0",), "timeout_s": ("soon", "-2"),
    "failed_items": ("-2", "many"), "failed_batches": ("x",), "failed_percent": ("101", "x", "-1"), "logging": ("LOUD",),
    "partition_keys": ("year", "{}", "[1]"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_wrong_setting_is_named(parts: Any, name: str, text: str) -> None:
    with pytest.raises(parts.settings.SettingsError, match=name):
        parts.settings.settings_of(context(**{name: text}))


def test_minus_one_and_a_hundred_percent_tolerate_everything(parts: Any) -> None:
    found = parts.settings.settings_of(context(failed_items="-1", failed_batches="-1", failed_percent="100"))
    assert (found.failed_items, found.failed_batches, found.failed_percent) == (None, None, None)


def counted(parts: Any, total: int, good: int, bad: int, results: int = 10) -> Any:
    counts = parts.tally.Counts(total)
    for _ in range(good):
        counts = counts.succeeded(10, results)
    for _ in range(bad):
        counts = counts.lost(10)
    return counts


@pytest.mark.parametrize(("allowed", "counts", "failed"), [
    ({"failed_items": "10"}, (5, 4, 1, 10), False),
    ({"failed_items": "10"}, (5, 3, 2, 10), True),
    ({"failed_items": "9"}, (5, 2, 1, 10), True),
    ({"failed_items": "4"}, (5, 2, 0, 8), False),
    ({"failed_items": "4"}, (5, 3, 0, 8), True),
    ({"failed_items": "0"}, (5, 5, 0, 12), False),
    ({"failed_batches": "1"}, (5, 0, 1, 10), False),
    ({"failed_batches": "1"}, (5, 0, 2, 10), True),
    ({"failed_percent": "40"}, (5, 0, 2, 10), False),
    ({"failed_percent": "40"}, (5, 0, 3, 10), True),
    ({}, (5, 0, 5, 10), False),
    ({"append": {"output": "out"}}, (5, 0, 5, 10), True),
    ({"append": {"output": "out"}}, (5, 0, 4, 10), False),
])  # fmt: skip
def test_what_may_fail(parts: Any, allowed: dict[str, Any], counts: tuple[int, int, int, int], failed: bool) -> None:
    settings = parts.settings.settings_of(context(**allowed))
    assert (parts.tally.verdict(counted(parts, *counts), settings) is not None) == failed


def test_tries_are_counted_by_mini_batch(parts: Any) -> None:
    tries = parts.tally.Tries(2)
    assert (tries.begin(1), tries.may_again(1), tries.begin(1), tries.may_again(1), tries.may_again(2)) == (1, True, 2, False, True)


@given(messages=st.lists(st.dictionaries(st.text(), st.integers())), cuts=st.lists(st.integers(1, 20)))
def test_lines_arrive_whole_however_they_are_cut(parts: Any, messages: list[dict[str, int]], cuts: list[int]) -> None:
    import json

    data = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
    lines, heard = parts.wire.Lines(), []
    for cut in [*cuts, max(1, len(data))]:
        heard += lines.feed(data[:cut])
        data = data[cut:]
    assert heard == messages


@pytest.mark.parametrize("result", [None, "text", b"bytes", {"a": 1}, 5, iter([1])])
def test_what_run_may_not_return(parts: Any, result: Any) -> None:
    with pytest.raises(TypeError, match="must return a list"):
        parts.rows.check(result)


def test_a_star_in_a_partition_format_stays_within_its_folder(parts: Any) -> None:
    columns = parts.partitions.partition_columns
    assert columns("{model}/*.csv", "/stores/data/model1/a.csv") == {"model": "model1"}
    assert columns("{model}/*/*.csv", "/stores/data/model1/b/a.csv") == {"model": "model1"}
    assert columns("{model}/x/**.csv", "/data/model1/x/y/z/a.csv") == {"model": "model1"}
    assert columns("{model}/*.csv", "/data/model1/a.txt") == {"model": None}


def test_words_that_come_back_instead_of_rows_are_told(parts: Any) -> None:
    with pytest.raises(TypeError, match="not str: no such column"):
        parts.rows.check("no such column")
