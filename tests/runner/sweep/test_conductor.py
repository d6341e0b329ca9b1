"""The course of a sweep, told step by step."""

from __future__ import annotations

import math
from typing import Any

from stepwell_runner.graph.sweep import Bandit, BayesianSampling, Choice, GridSampling, Sweep, Uniform
from stepwell_runner.sweep.conductor import HOPELESS, Conductor

SPACE = (("x", Uniform(0.0, 1.0)),)


def conductor(**changes: Any) -> Conductor:
    usual: dict[str, Any] = {"space": SPACE, "metric": "m", "goal": "maximize", "total": 4}
    return Conductor(Sweep(**{**usual, **changes}), "seed")


def finish(one: Conductor, number: int, *values: float, status: Any = "Completed") -> list[str | None]:
    told = [one.logged(number, value) for value in values]
    one.ended(number, status)
    return told


def test_trials_are_made_until_there_are_enough() -> None:
    one = conductor(concurrent=2)
    assert [trial.number for trial in (one.next(), one.next()) if trial] == [0, 1]
    assert (one.next(), one.is_over) == (None, False)
    finish(one, 1, 0.5)
    assert one.next() is not None
    finish(one, 0, 0.9)
    assert one.next() is not None
    finish(one, 2, 0.1)
    assert (one.next(), one.is_over) == (None, False)
    finish(one, 3, 0.3)
    assert (one.is_over, one.best()) == (True, one.trials[0])


def test_a_grid_ends_by_itself() -> None:
    one = conductor(space=(("x", Choice((1, 2))),), sampling=GridSampling(), total=9)
    while one.next() is not None:
        pass
    assert [trial.values for trial in one.trials] == [{"x": 1}, {"x": 2}]


def test_the_best_is_a_trial_that_completed_with_a_number() -> None:
    one = conductor()
    for _ in range(4):
        one.next()
    finish(one, 0, 0.9, status="Canceled")
    finish(one, 1, 0.2, 0.7, 0.1)
    finish(one, 2, math.nan)
    finish(one, 3)
    assert one.best() is one.trials[1]
    assert one.score(one.trials[1]) == 0.7
    assert math.isnan(one.score(one.trials[3]))


def test_of_equally_good_ones_the_earlier_is_best() -> None:
    one = conductor(goal="minimize")
    for _ in range(3):
        one.next()
    for number in (2, 1, 0):
        finish(one, number, 0.5)
    assert one.best() is one.trials[0]


def test_nothing_more_is_made_when_it_is_hopeless() -> None:
    one = conductor(total=100, concurrent=1)
    for number in range(HOPELESS):
        assert one.next() is not None
        finish(one, number, status="Failed")
    assert (one.next(), one.is_over, one.best()) == (None, True, None)


def test_a_success_keeps_it_going() -> None:
    one = conductor(total=100)
    one.next()
    finish(one, 0, 0.5)
    for number in range(1, 10):
        assert one.next() is not None
        finish(one, number, status="Failed")
    assert one.next() is not None


def test_a_trial_is_ended_early_once() -> None:
    one = conductor(policy=Bandit(amount=0.1))
    for _ in range(2):
        one.next()
    assert one.logged(0, 0.9) is None
    assert "beyond the slack" in (one.logged(1, 0.5) or "")
    one.ended(1, "Canceled")
    assert one.logged(1, 0.1) is None


def test_closing_makes_no_more() -> None:
    one = conductor()
    one.next()
    one.close()
    assert (one.next(), one.is_over) == (None, False)
    one.ended(0, "Canceled")
    assert one.is_over


def test_bayesian_sampling_learns_from_the_trials() -> None:
    one = conductor(sampling=BayesianSampling(), total=40, concurrent=1)
    while (trial := one.next()) is not None:
        finish(one, trial.number, -abs(float(trial.values["x"]) - 0.25))
    best = one.best()
    assert best is not None
    assert abs(float(best.values["x"]) - 0.25) < 0.02
