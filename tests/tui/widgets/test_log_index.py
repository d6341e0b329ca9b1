from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.widgets import logindex
from stepwell_tui.widgets.logindex import BLOCK, LogIndex
from stepwell_tui.widgets.logreader import LogReader, Report, Wish
from stepwell_tui.widgets.logsearch import ERRORS, Search, pattern_of
from stepwell_tui.widgets.logtext import Shown, shown_line

END = Wish(0, 3, at_end=True)


def opened(path: Path) -> LogIndex:
    index = LogIndex(str(path))
    while index.grow(1):
        pass
    return index


def settled(index: LogIndex) -> LogIndex:
    while not index.complete:
        index.settle(BLOCK)
    return index


def texts(report: Report | None) -> list[str]:
    assert report is not None
    return [line.text for line in report.lines]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "std_log.txt"


# Lines around the size of a block, many short ones, and some that never end.
pieces = (b"\n", b"short\n" * 20_000, b"x" * (BLOCK - 1) + b"\n", b"y" * 3 * BLOCK)
chunks = st.lists(st.binary(max_size=20) | st.sampled_from(pieces), max_size=8)


@given(chunks, chunks)
def test_lines_are_those_of_the_file(tmp_path_factory: pytest.TempPathFactory, first: list[bytes], second: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(b"".join(first))
    index = opened(path)
    with path.open("ab") as file:
        file.write(b"".join(second))
    while index.grow(BLOCK):
        pass
    settled(index)
    data = b"".join((*first, *second))
    lines = data.split(b"\n")
    expected = lines if lines[-1] else lines[:-1]
    assert index.count == len(expected)
    asked = [*range(min(5, len(expected))), len(expected) // 2, len(expected) - 1]
    for number in (number for number in asked if number < len(expected) and expected):
        line = index.line(max(0, number), logindex.LONGEST)
        whole = expected[max(0, number)]
        assert (line.begin, line.length) == (whole[: logindex.LONGEST].removesuffix(b"\r"), len(whole))
        assert index.number(index.begin(max(0, number))) == max(0, number)
    index.close()


def test_the_end_of_a_long_file_is_there_before_the_rest_is_counted(log: Path) -> None:
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(200_000)))
    index = opened(log)
    assert not index.complete
    assert index.lines(index.count - 1, 9)[0].begin == b"line 199999"
    known = index.count
    shift = 0
    while not index.complete:
        shift = index.settle(BLOCK)
    assert (index.count, shift) == (200_000, 200_000 - known)
    assert [line.begin for line in index.lines(123_456, 2)] == [b"line 123456", b"line 123457"]
    assert index.number(index.begin(150_000) + 3) == 150_000
    index.close()


def test_reports_while_a_log_grows(log: Path) -> None:
    reader = LogReader(str(log))
    assert reader.report(END) == Report(0, 0, (), missing=True)
    assert reader.report(END) is None
    log.write_bytes(b"one\ntw")
    report = reader.report(END)
    assert report is not None
    assert report.fresh
    assert texts(report) == ["one", "tw"]
    assert reader.report(END) is None
    with log.open("ab") as file:
        file.write(b"o\nthree\nfour\n")
    report = reader.report(END)
    assert texts(report) == ["two", "three", "four"]
    assert report is not None
    assert (report.count, report.first, report.fresh) == (4, 1, False)
    assert texts(reader.report(Wish(0, 1, at_end=False))) == ["one"]
    reader.close()


@pytest.mark.parametrize("how", ["truncated", "replaced", "written over"])
def test_a_log_that_is_not_the_same_any_more_begins_anew(log: Path, how: str) -> None:
    log.write_bytes(b"old line\n" * 1000)
    reader = LogReader(str(log))
    reader.report(END)
    if how == "replaced":
        other = log.with_name("other")
        other.write_bytes(b"new line\n" * 2000)
        other.rename(log)
    else:
        log.write_bytes(b"new line\n" * (10 if how == "truncated" else 2000))
    report = reader.report(END)
    assert report is not None
    assert report.fresh
    assert texts(report) == ["new line"] * 3
    reader.close()


def test_a_log_whose_name_is_gone_is_still_shown(log: Path) -> None:
    log.write_bytes(b"here\n")
    reader = LogReader(str(log))
    reader.report(END)
    log.unlink()
    assert reader.report(END) is None
    assert texts(reader.report(Wish(0, 5, at_end=False))) == ["here"]
    reader.close()


def test_huge_lines_are_cut(log: Path) -> None:
    log.write_bytes(b"a\n" + b"x" * 10_000_000)
    reader = LogReader(str(log))
    reader.report(END)
    while reader.behind:
        reader.report(END)
    first, second = texts(reader.report(Wish(0, 2, at_end=False)))
    assert first == "a"
    assert second.endswith("x… (10.0 MB)")
    assert len(second) < 2100
    assert len(reader.text(1)[0]) == 1 << 20
    reader.close()


@pytest.mark.parametrize(("raw", "shown"), [
    (b"plain", Shown("plain")),
    (b"\x1b[31mred\x07", Shown("\\x1b[31mred\\x07")),
    (b"caf\xe9 \xff", Shown("caf\\xe9 \\xff")),
    (b"a\tb", Shown("a       b")),
    ("größe".encode(), Shown("größe")),
    (b"12:00 ERROR no", Shown("12:00 ERROR no", "error")),
    (b"ValueError: no", Shown("ValueError: no", "error")),
    (b"a.b.OddError: no", Shown("a.b.OddError: no", "error")),
    (b"x.py:3: UserWarning: old", Shown("x.py:3: UserWarning: old", "warning")),
    (b"epoch 3 mean error 0.3 error=0.2", Shown("epoch 3 mean error 0.3 error=0.2")),
    (b"0 errors", Shown("0 errors")),
    (b"Traceback (most recent call last):", Shown("Traceback (most recent call last):", "error")),
])
def test_lines_as_they_are_shown(raw: bytes, shown: Shown) -> None:
    assert shown_line(logindex.Line(raw, len(raw))) == shown


def found(path: Path, words: str, line: int, forward: bool) -> int | None:
    index = settled(opened(path))
    search = Search(pattern_of(words) if words else ERRORS, line, forward)
    hit = None
    while not search.done:
        hit = search.step(index, 1)
    index.close()
    return hit


def test_search(log: Path) -> None:
    lines = [f"line {number}" for number in range(50_000)]
    lines[40_000] = "The Needle"
    lines[100] = "a needle at 100"
    lines[49_999] = "ERROR at the end"
    log.write_text("\n".join(lines))
    assert found(log, "needle", 0, True) == 100
    assert found(log, "needle", 101, True) == 40_000
    assert found(log, "Needle", 0, True) == 40_000
    assert found(log, "needle", 49_000, False) == 40_000
    assert found(log, "needle", 40_000, False) == 100
    assert found(log, "needle", 40_001, True) is None
    assert found(log, "needle", 100, False) is None
    assert found(log, "", 0, True) == 49_999
    assert found(log, "", 50_000, False) == 49_999
    assert found(log, "line 49998", 50_000, False) == 49_998


@given(st.integers(0, 3 * BLOCK))
def test_a_match_is_found_wherever_blocks_end(tmp_path_factory: pytest.TempPathFactory, offset: int) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(b"." * offset + b"needle" + b"." * (3 * BLOCK))
    assert found(path, "needle", 0, True) == 0
    assert found(path, "needle", 1, False) == 0


def test_descriptors_are_given_back(log: Path) -> None:
    log.write_bytes(b"x\n")
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        reader = LogReader(str(log))
        reader.report(END)
        reader.close()
    assert len(os.listdir("/dev/fd")) == before
