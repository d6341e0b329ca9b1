"""The file between a step and its runner: what goes in comes out, whoever else writes, whatever else is in it."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.step import TRAVEL
from stepwell_runner.step.reports import MAX_LINE, MetricReport, ReportReader, TagReport, plain

TAG = b'{"kind":"tag","scope":"step","key":"k","value":"v"}\n'


def _travelling(name: str) -> ModuleType:
    """A module of the travelling package that needs no other one, under a name that hides nothing."""
    spec = importlib.util.spec_from_file_location(f"travelling_{name}", os.path.join(TRAVEL, "stepwell", f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


wire = _travelling("wire")

SPECIAL = ["NaN", "Infinity", "-Infinity", "\\NaN", "\\\\-Infinity"]

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(SPECIAL)
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)


def _same(left: object, right: object) -> bool:
    return repr(left) == repr(right) and type(left) is type(right)


@given(values)
def test_values_come_back_as_they_were_sent(value):
    line = json.dumps(wire.encode(value), allow_nan=False)
    assert _same(plain(json.loads(line)), value)
    assert _same(wire.decode(json.loads(line)), value)


@given(st.lists(st.tuples(texts, scalars, st.none() | st.integers(0, 2**31))))
def test_metrics_come_back_typed(tmp_path_factory, metrics):
    path = tmp_path_factory.mktemp("reports") / "reports.jsonl"
    fixed = {"kind": "metric", "scope": "run", "type": "scalar", "at": 1.5}
    lines = [json.dumps({**fixed, "name": name, "value": wire.encode(value), "step": step}) for name, value, step in metrics]
    path.write_text("".join(f"{line}\n" for line in lines))
    found = ReportReader(str(path)).finish()
    assert all(isinstance(report, MetricReport) and report.scope == "run" and report.at == 1.5 for report in found)
    assert _same([(report.name, report.value, report.step) for report in found], metrics)


@given(st.lists(st.integers(0, 60), max_size=12))
def test_it_makes_no_difference_how_the_bytes_arrive(tmp_path_factory, cuts):
    path = tmp_path_factory.mktemp("reports") / "reports.jsonl"
    reader = ReportReader(str(path))
    content = TAG + b"garbage\n" + b"\xff\xfe\n" + b"\n" + TAG * 3
    found = []
    with path.open("ab", buffering=0) as file:
        for cut in cuts:
            file.write(content[:cut])
            content = content[cut:]
            found += reader.poll()
        file.write(content)
    found += reader.finish()
    assert found == [TagReport(scope="step", key="k", value="v")] * 4
    assert reader.rejected == 2


def test_nothing_is_there_before_the_step_begins(tmp_path):
    reader = ReportReader(str(tmp_path / "reports.jsonl"))
    assert (reader.poll(), reader.finish(), reader.problems) == ([], [], [])


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"{}", b'{"kind":"other"}', b'{"kind":"tag","scope":"step","key":1,"value":"v"}', b"[" * 100_000, b"\0" * 50,
        b'{"kind":"metric","scope":"step","name":"a","type":"scalar","value":[1]}',
        b'{"kind":"tag","scope":"moon","key":"k","value":"v"}',
        b'{"kind":"metric","scope":"step","name":"a","type":"scalar","value":NaN}',
        b'{"kind":"metric","scope":"step","name":"\xff"}',
        b'{"kind":"metric","scope":"step","name":"a","type":"list","value":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)  # fmt: skip
def test_a_bad_line_costs_only_itself(tmp_path, line):
    path = tmp_path / "reports.jsonl"
    path.write_bytes(TAG + line + b"\n" + TAG)
    reader = ReportReader(str(path))
    found = reader.finish()
    assert [report for report in found if isinstance(report, TagReport)] == [TagReport(scope="step", key="k", value="v")] * 2
    assert reader.rejected == 3 - len(found)
    assert all(problem.isprintable() and len(problem) < 300 for problem in reader.problems)


def test_a_line_without_end_is_dropped_and_the_next_one_read(tmp_path):
    path = tmp_path / "reports.jsonl"
    path.write_bytes(TAG + b"x" * (2 * MAX_LINE + 5))
    reader = ReportReader(str(path))
    assert len(reader.finish()) == 1
    with path.open("ab") as file:
        file.write(b"end of it\n" + TAG)
    assert len(reader.finish()) == 1
    assert (reader.rejected, len(reader.problems)) == (1, 1)


def test_a_torn_last_line_waits_and_is_counted_at_the_end(tmp_path):
    path = tmp_path / "reports.jsonl"
    path.write_bytes(TAG + TAG[:-9])
    reader = ReportReader(str(path))
    assert (len(reader.poll()), reader.poll(), reader.rejected) == (1, [], 0)
    assert (reader.finish(), reader.rejected) == ([], 1)
    assert "end is missing" in reader.problems[0]


def test_a_file_that_is_not_one_is_told_and_harms_nothing(tmp_path):
    link, fifo = tmp_path / "link", tmp_path / "fifo"
    link.symlink_to("/dev/zero")
    os.mkfifo(fifo)
    for path in (link, fifo, tmp_path):
        reader = ReportReader(str(path))
        assert (reader.poll(), reader.finish(), len(reader.problems)) == ([], [], 1)


def test_a_file_that_became_shorter_is_told(tmp_path):
    path = tmp_path / "reports.jsonl"
    path.write_bytes(TAG * 2)
    reader = ReportReader(str(path))
    assert len(reader.poll()) == 2
    path.write_bytes(TAG)
    assert reader.poll() == []
    path.write_bytes(TAG * 3)
    assert len(reader.poll()) == 2
    assert "shorter" in reader.problems[0]


def test_the_number_of_kept_problems_is_bounded(tmp_path):
    path = tmp_path / "reports.jsonl"
    path.write_bytes(b"garbage\n" * 1000)
    reader = ReportReader(str(path))
    reader.finish()
    assert (reader.rejected, len(reader.problems)) == (1000, 20)


def test_threads_and_forked_processes_never_mix_their_lines(attempt):
    attempt.ok(
        """
import os, threading
from stepwell import Run
run = Run.get_context()
def many(who):
    for number in range(100): run.log(who, "x" * number * 37, step=number)
def both(who):
    threads = [threading.Thread(target=many, args=(f"{who}{n}",)) for n in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
children = []
for who in "abc":
    child = os.fork()
    if not child:
        both(who); os._exit(0)
    children.append(child)
both("parent")
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
"""
    )
    steps: dict[str, list[int | None]] = {}
    for report in attempt.read():
        assert isinstance(report, MetricReport)
        steps.setdefault(report.name, []).append(report.step)
    assert len(steps) == 12
    assert all(found == list(range(100)) for found in steps.values())


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is there on Linux only")
def test_a_full_disk_is_an_error_in_the_script(attempt):
    attempt.reports.symlink_to("/dev/full")
    assert "No space left" in attempt.python("from stepwell import Run\nRun.get_context().log('a', 1)").stderr
