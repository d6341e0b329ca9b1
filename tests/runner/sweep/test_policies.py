"""Early termination against worked examples, and the laws that hold for all of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.graph.sweep import Bandit, Goal, MedianStopping, Policy, Truncation
from stepwell_runner.sweep.policies import Series, best_of, better, why_end


def series(*values: float, ended: bool = False) -> Series:
    return Series(values, ended)


@pytest.mark.parametrize(("mine", "ended"), [(0.66, True), (0.67, False), (0.8, False), (0.1, True)])
def test_a_slack_factor_divides_the_best(mine: float, ended: bool) -> None:
    """The documented example: the best is 0.8, the factor 0.2, so that whoever is below 0.8 / 1.2 = 0.6667 is ended."""
    assert (why_end(Bandit(factor=0.2), "maximize", series(mine), [series(0.8)]) is not None) == ended


@pytest.mark.parametrize(("goal", "best", "mine", "ended"), [
    ("maximize", 0.8, 0.59, True), ("maximize", 0.8, 0.6000001, False), ("minimize", 0.2, 0.41, True), ("minimize", 0.2, 0.39, False),
    ("minimize", 0.2, math.nan, True),
])  # fmt: skip
def test_a_slack_amount_is_taken_from_the_best(goal: Goal, best: float, mine: float, ended: bool) -> None:
    assert (why_end(Bandit(amount=0.2), goal, series(mine), [series(best)]) is not None) == ended


@pytest.mark.parametrize(("goal", "best", "mine", "ended"), [
    ("minimize", 1.0, 1.19, False), ("minimize", 1.0, 1.21, True), ("maximize", -1.0, -1.19, False), ("maximize", -1.0, -1.21, True),
    ("minimize", -1.2, -1.01, False), ("minimize", -1.2, -0.99, True),
])  # fmt: skip
def test_a_ratio_makes_room_on_both_sides_of_zero(goal: Goal, best: float, mine: float, ended: bool) -> None:
    assert (why_end(Bandit(factor=0.2), goal, series(mine), [series(best)]) is not None) == ended


def test_a_bandit_compares_the_best_so_far_with_the_best_at_the_same_interval() -> None:
    later = series(0.5, 0.6, 0.99)
    assert why_end(Bandit(amount=0.1), "maximize", series(0.55, 0.2), [later]) is None
    assert why_end(Bandit(amount=0.1), "maximize", series(0.55, 0.2, 0.3), [later]) is not None


def test_intervals_and_delay() -> None:
    policy = Bandit(amount=0.0, interval=2, delay=5)
    told = [why_end(policy, "maximize", series(*[0.0] * count), [series(*[1.0] * 9)]) is not None for count in range(9)]
    assert told == [False] * 6 + [True, False, True]


def test_median_compares_the_best_with_running_averages() -> None:
    others = [series(0.1, 0.3), series(0.5, 0.7), series(0.9, 0.9)]
    assert why_end(MedianStopping(), "maximize", series(0.1, 0.39), others) is not None
    assert why_end(MedianStopping(), "maximize", series(0.61, 0.0), others) is None
    assert why_end(MedianStopping(), "minimize", series(0.8, 0.95), others) is not None
    assert why_end(MedianStopping(), "maximize", series(0.1), [series(0.9)] * 3) is not None


def test_truncation_ends_the_worst_share() -> None:
    others = [series(float(value)) for value in range(1, 10)]
    assert why_end(Truncation(percentage=20), "maximize", series(0.5), others) is not None
    assert why_end(Truncation(percentage=20), "maximize", series(1.5), others) is not None
    assert why_end(Truncation(percentage=20), "maximize", series(2.5), others) is None
    assert why_end(Truncation(percentage=20), "minimize", series(8.5), others) is not None
    assert why_end(Truncation(percentage=20), "maximize", series(0.5), others[:3]) is None


def test_truncation_may_leave_out_those_that_have_ended() -> None:
    others = [series(float(value), ended=value < 6) for value in range(1, 10)]
    assert why_end(Truncation(percentage=50), "maximize", series(5.5), others) is None
    assert why_end(Truncation(percentage=50, exclude_finished=True), "maximize", series(5.5), others) is not None


POLICIES: st.SearchStrategy[Policy] = st.one_of(
    st.builds(Bandit, factor=st.floats(0, 2), interval=st.integers(1, 3), delay=st.integers(0, 4)),
    st.builds(Bandit, amount=st.floats(0, 2), interval=st.integers(1, 3)),
    st.builds(MedianStopping, interval=st.integers(1, 3), delay=st.integers(0, 4)),
    st.builds(Truncation, percentage=st.integers(1, 99)),
)
VALUES = st.lists(st.floats(-100, 100, allow_nan=False), min_size=1, max_size=6)
GOALS = st.sampled_from(["maximize", "minimize"])


@given(policy=POLICIES, goal=GOALS, mine=VALUES, others=st.lists(VALUES, max_size=6))
def test_the_best_of_all_is_never_ended(policy: Policy, goal: Goal, mine: list[float], others: list[list[float]]) -> None:
    top = max(value for values in (mine, *others) for value in values) if goal == "maximize" else min(
        value for values in (mine, *others) for value in values)  # fmt: skip
    assert why_end(policy, goal, series(*mine[:-1], top), [series(*values) for values in others]) is None


@given(policy=POLICIES, goal=GOALS, mine=VALUES)
def test_equal_trials_and_a_trial_alone_go_on(policy: Policy, goal: Goal, mine: list[float]) -> None:
    assert why_end(policy, goal, series(*[mine[0]] * len(mine)), [series(*[mine[0]] * len(mine))] * 3) is None
    assert why_end(policy, goal, series(mine[0]), []) is None


@given(goal=GOALS, values=st.lists(st.floats()))
def test_the_best_of_values_is_beaten_by_none(goal: Goal, values: list[float]) -> None:
    best = best_of(goal, values)
    assert not any(better(goal, value, best) for value in values)


def test_no_policy_ends_nothing() -> None:
    assert why_end(None, "maximize", series(0.0), [series(1.0)]) is None
