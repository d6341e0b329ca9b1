"""`stepwell diff`."""

from __future__ import annotations

from collections.abc import Callable

from commandline import Result

Typed = Callable[..., Result]


def cells(out: str) -> list[list[str]]:
    return [line.split() for line in out.splitlines()]


def test_only_what_differs(typed: Typed) -> None:
    done = typed("diff", "#1", "#3")
    assert done.code == 0
    told = cells(done.out)
    assert ["rate", "1.0", "2.0"] in told
    assert ["loss", "0.2", "0.1", "train"] in told
    assert any(row[:2] == ["extra.py", "-"] and row[3:] == ["clean,", "train"] for row in told)
    assert any(row[:1] == ["train.py"] for row in told)
    assert not any(row[:1] == ["clean.py"] for row in told)
    assert "old: run #1" in done.err


def test_all(typed: Typed) -> None:
    told = cells(typed("diff", "#1", "#3", "--all").out)
    assert ["pipeline", "words", "words"] in told
    assert any(row[:1] == ["clean.py"] for row in told)
    assert any(row[:1] == ["environment"] for row in told)


def test_how_steps_went(typed: Typed) -> None:
    told = cells(typed("diff", "#3", "#4").out)
    assert ["status", "Completed", "Failed"] in told
    assert ["error", "-", "train", "failed"] in told
    assert any(row[0] == "after" and row[-1] == "Skipped" for row in told if row)


def test_a_run_and_itself(typed: Typed) -> None:
    done = typed("diff", "#3", "#3")
    assert (done.code, done.out) == (0, "")
    assert "nothing differs" in done.err


def test_runs_of_different_pipelines(typed: Typed) -> None:
    told = cells(typed("diff", "#1", "#5").out)
    assert ["pipeline", "words", "alone"] in told
    assert ["rate", "1.0", "-"] in told


def test_json_is_a_flat_list(typed: Typed) -> None:
    lines = typed("diff", "#1", "#3", "--json").data
    assert {"part": "parameter", "name": "rate", "old": "1.0", "new": "2.0", "step": None, "same": False} in lines
    assert not any(line["same"] for line in lines)
    assert any(line["same"] for line in typed("diff", "#1", "#3", "--json", "--all").data)


def test_takes_whole_runs(typed: Typed) -> None:
    assert "whole runs" in typed("diff", "#1/train", "#3").err
    assert typed("diff", "#1").code == 2


def test_fits_a_terminal(shown: Typed) -> None:
    assert max(map(len, shown("diff", "#1", "#3", NO_COLOR="1").out.splitlines())) <= 80
