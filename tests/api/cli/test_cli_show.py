"""`stepwell show`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from commandline import Result
from short_history import Seeded

Typed = Callable[..., Result]


def test_a_run_with_its_steps_and_why(typed: Typed, seeded: Seeded) -> None:
    done = typed("show", "#3")
    assert done.code == 0
    assert f"#3  {seeded.runs[2]}" in done.out
    assert "rate = 2.0" in done.out
    assert "train.py changed, extra.py added; parameter rate: 1.0 → 2.0" in done.out
    assert "its author turned reuse off" in done.out
    assert "2.0 kB" in done.out


def test_reused_steps_say_since_when(typed: Typed) -> None:
    out = typed("show", "#2").out
    assert out.count("↺ Reused") == 2
    assert "nothing it depends on changed since run #1" in out


def test_a_failed_run_shows_the_end_of_the_log_and_what_to_type(typed: Typed, seeded: Seeded) -> None:
    done = typed("show", "#4")
    assert done.code == 0
    assert "train failed: exit code 1" in done.out
    assert "the rate is too high: \\x1b]0;title\\x07" in done.out
    assert "it needs train, which failed" in done.out
    assert f"stepwell resume {seeded.runs[3][:8]}" in done.err
    assert f"stepwell logs {seeded.runs[3][:8]}/train" in done.err


@pytest.mark.parametrize("name", ["@last", "#5"])
def test_names_of_runs(typed: Typed, seeded: Seeded, name: str) -> None:
    assert seeded.runs[4] in typed("show", name).out
    assert seeded.runs[4] in typed("show", seeded.runs[4][:12]).out


@pytest.mark.parametrize(("name", "told"), [
    ("zzz", "there is no run zzz"), ("@last/onyl", "did you mean only?"), ("#3/none", "clean, train, after"),
    ("", "begins more than one run"),
])
def test_wrong_names(typed: Typed, name: str, told: str) -> None:
    done = typed("show", name)
    assert done.code == 2
    assert told in done.err


def test_a_step(typed: Typed, seeded: Seeded) -> None:
    out = typed("show", "#3/train").out
    for told in ("python train.py {input:text} {output:model} {parameter:rate}", "parameter rate: 1.0 → 2.0", "Python 3", "blake3:",
                 f"runs/{seeded.runs[2]}/train/1", "outputs/report.txt", "model  folder", "loss", "exit code", "parameter/rate  2.0"):
        assert told in out
    assert "\\x1b[31mred" in out
    assert "\x1b" not in out


def test_a_reused_step_shows_what_it_took(typed: Typed, seeded: Seeded) -> None:
    out = typed("show", "#2/train").out
    assert f"the result of run #1 {seeded.runs[0][:8]}" in out
    assert f"runs/{seeded.runs[0]}/train/1" in out


def test_a_skipped_step(typed: Typed) -> None:
    done = typed("show", "#4/after")
    assert done.code == 0
    assert "Skipped" in done.out


def test_json(typed: Typed, seeded: Seeded) -> None:
    run = typed("show", "#2", "--json").data
    assert [step["shown_status"] for step in run["steps"]] == ["Reused", "Reused", "Completed"]
    assert run["steps"][1]["outputs"][0]["name"] == "model"
    step = typed("show", "#3/train", "--json").data
    assert step["why"] == ["train.py changed, extra.py added", "parameter rate: 1.0 → 2.0"]
    assert step["reused"] is False
    assert step["folder"].endswith(f"runs/{seeded.runs[2]}/train/1")
    assert {metric["name"] for metric in step["metrics"]} == {"loss", "note", "scores", "list"}


def test_fits_a_terminal(shown: Typed) -> None:
    out = shown("show", "#3", NO_COLOR="1").out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b[32m✓ Completed\x1b[0m" in shown("show", "#3").out
    assert "\x1b]0" not in shown("show", "#4").out
