"""`stepwell metrics`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from commandline import Result

Typed = Callable[..., Result]


def test_latest_extremes_and_curve(typed: Typed) -> None:
    done = typed("metrics", "#1/train")
    assert done.code == 0
    rows = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if line.strip()}
    assert rows["loss"] == ["0.2", "0.2", "1", "5", "█▄▂▁▁"]
    assert rows["list"] == ["3", "1", "3", "3", "▁▅█"]
    assert rows["MODEL"] == ["SCORE"]
    assert rows["b"] == ["2.5"]
    assert "first \\x1b[31mred" in done.out


def test_of_a_whole_run_names_the_steps(typed: Typed) -> None:
    out = typed("metrics", "#1").out
    assert out.split()[:2] == ["STEP", "METRIC"]
    assert "clean  characters" in out


def test_a_reused_step_has_those_of_the_result_that_it_took(typed: Typed) -> None:
    assert typed("metrics", "#2/train").out == typed("metrics", "#1/train").out


def test_json(typed: Typed) -> None:
    found = {metric["name"]: metric for metric in typed("metrics", "#1", "--json").data}
    assert found["loss"]["values"] == [1.0, 0.5, 1 / 3, 0.25, 0.2]
    assert (found["loss"]["minimum"], found["loss"]["maximum"], found["loss"]["latest"], found["loss"]["step"]) == (0.2, 1.0, 0.2, "train")
    assert found["scores"]["rows"] == [{"model": "a", "score": 1.5}, {"model": "b", "score": 2.5}]
    assert found["note"]["latest"] == "first \x1b[31mred"


def test_plot(typed: Typed, shown: Typed) -> None:
    done = typed("metrics", "#1", "--plot", "--name", "loss")
    assert done.code == 0
    assert "⠉" in done.out
    assert max(map(len, shown("metrics", "#1", "--plot", NO_COLOR="1").out.splitlines())) <= 80


@pytest.mark.parametrize(("words", "told"), [(["--name", "lose"], "there are: characters, loss, note, scores, list"),
                                             (["--plot", "--name", "note"], "no numbers to plot")])
def test_wrong_names(typed: Typed, words: list[str], told: str) -> None:
    done = typed("metrics", "#1", *words)
    assert done.code == 2
    assert told in done.err


def test_says_how_to_log_when_there_are_none(typed: Typed) -> None:
    done = typed("metrics", "@last")
    assert (done.code, done.out) == (0, "")
    assert "log(name, value)" in done.err
