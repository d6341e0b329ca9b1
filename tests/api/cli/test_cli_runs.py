"""`stepwell runs`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from commandline import Result
from short_history import Seeded, stepwell
from stepwell_store import workspace as workspaces
from stepwell_store.ledger.records import Run, insert, to_row

Typed = Callable[..., Result]


def test_lists_runs_newest_first_with_how_far_they_are(typed: Typed, seeded: Seeded) -> None:
    done = typed("runs")
    assert (done.code, done.err) == (0, "")
    head, *rows = done.out.splitlines()
    assert head.split() == ["#", "RUN", "STATUS", "PIPELINE", "EXPERIMENT", "STEPS", "REUSED", "STARTED", "TOOK"]
    assert [row.split()[:7] for row in rows] == [
        ["5", seeded.runs[4][:8], "✓", "Completed", "alone", "alone", "1/1"],
        ["4", seeded.runs[3][:8], "✗", "Failed", "words", "first", "1/3"],
        ["3", seeded.runs[2][:8], "✓", "Completed", "words", "first", "3/3"],
        ["2", seeded.runs[1][:8], "✓", "Completed", "words", "first", "3/3"],
        ["1", seeded.runs[0][:8], "✓", "Completed", "words", "first", "3/3"],
    ]
    assert "\x1b" not in done.out


def test_json_has_the_fields_of_the_record_and_counts(typed: Typed, seeded: Seeded) -> None:
    newest, failed, *_ = typed("runs", "--json").data
    assert newest["number"] == 5
    assert failed["id"] == seeded.runs[3]
    assert failed["steps"] == {"total": 3, "done": 1, "reused": 1, "failed": 1}
    assert failed["parameters"] == {"rate": 9.0}
    assert failed["duration_s"] > 0


@pytest.mark.parametrize(("words", "numbers"), [
    (["--status", "failed"], [4]), (["-n", "2"], [5, 4]), (["--pipeline", "alone"], [5]), (["--experiment", "first", "-n", "1"], [4]),
    (["--pipeline", "nothing"], []),
])
def test_filters(typed: Typed, words: list[str], numbers: list[int]) -> None:
    assert [run["number"] for run in typed("runs", "--json", *words).data] == numbers


def test_says_what_to_type_when_there_are_none(empty: Path, typed: Typed) -> None:
    done = stepwell("runs", cwd=empty)
    assert (done.code, done.out) == (0, "")
    assert "no runs yet: stepwell run pipeline.py" in done.err
    assert stepwell("runs", "--json", cwd=empty).data == []
    assert "`stepwell runs` lists them all" in typed("runs", "--pipeline", "nothing").err


def test_without_a_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    done = stepwell("runs", cwd=tmp_path)
    assert done.code == 2
    assert "stepwell init" in done.err


@pytest.mark.parametrize("words", [["--status", "gone"], ["-n", "0"], ["-n", "x"], ["--experimant", "x"]])
def test_refuses_wrong_arguments(typed: Typed, words: list[str]) -> None:
    done = typed("runs", *words)
    assert done.code == 2
    assert "--help" in done.err


def test_fits_a_terminal_and_has_colours_there(shown: Typed) -> None:
    done = shown("runs")
    assert "\x1b[32m✓ Completed\x1b[0m" in done.out
    assert "\x1b[31m✗ Failed   \x1b[0m" in done.out
    assert "\x1b" not in shown("runs", NO_COLOR="1").out
    assert max(map(len, shown("runs", NO_COLOR="1").out.splitlines())) <= 80
    assert "+ Completed" in shown("runs", NO_COLOR="1", STEPWELL_ASCII="1").out


def test_every_verb_has_examples(typed: Typed) -> None:
    for verb in ("runs", "show", "logs", "metrics", "outputs", "why", "diff", "graph", "snapshot", "datastore"):
        done = typed(verb, "--help")
        assert done.code == 0
        assert f"examples:\n  stepwell {verb} " in done.out + " " or f"examples:\n  stepwell {verb}\n" in done.out


def test_ten_thousand_runs_take_no_longer(empty: Path) -> None:
    workspace = workspaces.require(empty)
    with workspace.database.write() as connection:
        connection.executemany(insert(Run, "runs"), (to_row(Run(
            number=number, id=f"{number:032x}", experiment="e", pipeline="p", status="Completed", graph="blake3:" + "0" * 64, parameters={},
            options={}, created_at=float(number), started_at=float(number), ended_at=number + 1.0)) for number in range(1, 10_001)))
    workspace.close()
    few = _fastest("--version", cwd=empty)
    assert _fastest("runs", cwd=empty) - few < 0.5
    assert len(stepwell("runs", cwd=empty).out.splitlines()) == 21


def _fastest(*words: str, cwd: Path) -> float:
    def once() -> float:
        begun = time.perf_counter()
        assert stepwell(*words, cwd=cwd).code == 0
        return time.perf_counter() - begun

    return min(once() for _ in range(3))
