"""Which things a few typed letters mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.palette.entries import Entry, ranked, subject

THINGS = [
    Entry(kind="place", key="runs", name="Runs", keys=("3",)),
    Entry(kind="place", key="datasets", name="Datasets", keys=("4",)),
    Entry(kind="action", key="runs.rerun", name="Rerun", keys=("r",)),
    Entry(kind="action", key="run.rerun.from", name="From here", keys=("R",)),
    Entry(kind="action", key="quit", name="Quit", keys=("q",)),
    Entry(kind="run", key="a", name="#42 churn-train", detail="Failed, 3 min ago", also="4f00aa"),
    Entry(kind="run", key="b", name="#4 score-daily", detail="Completed, 1 h ago", also="b0b0b0"),
    Entry(kind="run", key="c", name="#142 score-daily", detail="Completed, 2 h ago", also="c0c0c0"),
    Entry(kind="dataset", key="churn", name="churn", detail="who left"),
    Entry(kind="dataset", key="holdout", name="holdout", detail="customers of churn-train"),
    Entry(kind="theme", key="stepwell-light", name="stepwell-light"),
]


def names(text: str) -> list[str]:
    """What is found, best first."""
    return [one.key for one in ranked(THINGS, text)]


@pytest.mark.parametrize(("text", "best"), [
    ("run 42", "a"), ("run 4", "b"), ("42", "a"), ("churn", "churn"), ("#42", "a"),
    ("4f00", "a"), ("ds churn", "churn"), ("dataset hold", "holdout"),
    ("q", "quit"), ("r", "runs.rerun"), ("R", "run.rerun.from"), ("3", "runs"), ("rerun", "runs.rerun"), ("light", "stepwell-light"),
    ("theme light", "stepwell-light"), ("daily comp", "b"), ("RUN 142", "c"), ("dtst", "datasets"), ("from", "run.rerun.from"),
])
def test_the_best_is_what_is_meant(text: str, best: str) -> None:
    assert names(text)[0] == best


def test_a_kind_before_the_name_leaves_only_its_things() -> None:
    assert names("run churn") == ["a"]
    assert names("ds ") == ["churn", "holdout"]
    assert names("run 999") == []


def test_letters_that_are_anywhere_count_only_where_nothing_fits_better() -> None:
    assert "stepwell-light" not in names("hold")
    assert names("swlt") == ["stepwell-light"]


def test_nothing_typed_finds_everything_in_its_own_order() -> None:
    assert ranked(THINGS, "  ") == THINGS


@pytest.mark.parametrize(("text", "word"), [("run 42", "42"), ("churn train", "churn"), ("ds", ""), ("", ""), ("RUN churn x", "churn")])
def test_the_subject_is_what_is_looked_for(text: str, word: str) -> None:
    assert subject(text) == word


@given(st.text("runs chd4#-", max_size=12))
def test_what_is_found_is_of_what_there_is_and_nothing_twice(text: str) -> None:
    found = names(text)
    assert len(set(found)) == len(found)
    assert set(found) <= {one.key for one in THINGS}


@given(st.sampled_from(THINGS))
def test_a_whole_name_finds_its_thing(one: Entry) -> None:
    assert one in ranked(THINGS, one.name)
    assert one in ranked(THINGS, f"{one.kind} {one.name}")
