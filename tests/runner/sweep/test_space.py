"""Distributions as functions of a position, and what samplers draw: laws, not examples."""

from __future__ import annotations

import math
import random
from statistics import mean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.graph.sweep import (
    BayesianSampling,
    Choice,
    Distribution,
    GridSampling,
    Normal,
    RandInt,
    RandomSampling,
    Sampling,
    Sweep,
    Uniform,
)
from stepwell_runner.sweep.sampling import Sampler
from stepwell_runner.sweep.sobol import Sobol
from stepwell_runner.sweep.space import Values, key_of, limit_of, position_of, size, value_at

POSITIONS = st.floats(0, 1, exclude_max=True)
CHOICES = st.builds(Choice, st.lists(st.one_of(st.integers(-5, 5), st.text(max_size=3), st.booleans()), min_size=1, max_size=6).map(tuple))
NUMBERS: st.SearchStrategy[Distribution] = st.one_of(
    st.builds(RandInt, st.integers(1, 50)),
    st.builds(lambda low, width, log: Uniform(low, low + width, None, log), st.floats(-5, 5), st.floats(0.1, 5), st.booleans()),
    st.builds(lambda middle, width, log: Normal(middle, width, None, log), st.floats(-3, 3), st.floats(0.1, 2), st.booleans()),
)
SPACES = st.dictionaries(st.sampled_from("abcdef"), st.one_of(CHOICES, NUMBERS), min_size=1, max_size=4).map(
    lambda made: tuple(made.items()))


def sweep(space: tuple[tuple[str, Distribution], ...], sampling: Sampling, total: int = 50) -> Sweep:
    return Sweep(space=space, metric="m", goal="maximize", total=total, sampling=sampling)


def drawn(one: Sweep, count: int, seed: str = "seed") -> list[Values]:
    """As many as there are, all of them ended in the order in which they were drawn."""
    sampler, found = Sampler(one, seed), list[Values]()
    while len(found) < count and (values := sampler.next(found, [])) is not None:
        found.append(values)
    return found


@given(low=st.floats(-10, 10), width=st.floats(0.01, 10), position=POSITIONS, log=st.booleans())
def test_uniform_stays_in_its_bounds(low: float, width: float, position: float, log: bool) -> None:
    value = float(value_at(Uniform(low, low + width, None, log), position))
    lowest, highest = (math.exp(low), math.exp(low + width)) if log else (low, low + width)
    slack = 1e-12 * max(1.0, abs(lowest), abs(highest))
    assert lowest - slack <= value <= highest + slack


@given(low=st.integers(-10, 10), width=st.integers(1, 10), step=st.integers(1, 4), position=POSITIONS)
def test_whole_steps_give_whole_numbers(low: int, width: int, step: int, position: float) -> None:
    value = value_at(Uniform(low, low + width, step), position)
    assert isinstance(value, int)
    assert value % step == 0
    assert low - step / 2 <= value <= low + width + step / 2


@given(upper=st.integers(1, 100), position=POSITIONS)
def test_randint_is_below_its_bound(upper: int, position: float) -> None:
    assert value_at(RandInt(upper), position) in range(upper)


@given(one=st.one_of(CHOICES, NUMBERS), position=POSITIONS)
def test_a_value_has_a_position_that_gives_it(one: Distribution, position: float) -> None:
    value = value_at(one, position)
    back = value_at(one, position_of(one, value))
    if isinstance(one, Choice | RandInt):
        assert back == value
    else:
        assert float(back) == pytest.approx(float(value), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("one", "middle", "spread"), [
    (Uniform(2, 6), 4.0, 4 / math.sqrt(12)), (Normal(3, 0.5), 3.0, 0.5), (RandInt(7), 3.0, 2.0),
])  # fmt: skip
def test_moments_are_those_of_the_distribution(one: Distribution, middle: float, spread: float) -> None:
    chance = random.Random(1)
    values = [float(value_at(one, chance.random())) for _ in range(4000)]
    assert mean(values) == pytest.approx(middle, abs=0.1)
    assert pstdev(values) == pytest.approx(spread, rel=0.05)


def test_logarithms_are_of_base_e() -> None:
    chance = random.Random(1)
    values = [math.log(float(value_at(Uniform(-6, -1, None, True), chance.random()))) for _ in range(2000)]
    assert mean(values) == pytest.approx(-3.5, abs=0.1)
    assert float(value_at(Uniform(0, 3, 2, True), 0.5)) == round(math.exp(1.5) / 2) * 2


@given(space=SPACES, seed=st.text(max_size=4), kind=st.sampled_from([RandomSampling(), RandomSampling(rule="sobol"), BayesianSampling()]))
def test_a_seed_decides_everything(space: tuple[tuple[str, Distribution], ...], seed: str, kind: Sampling) -> None:
    one = sweep(space, kind)
    assert drawn(one, 14, seed) == drawn(one, 14, seed)
    assert all(list(values) == [name for name, _ in space] for values in drawn(one, 3, seed))


@pytest.mark.parametrize("sampling", [RandomSampling(seed=5), RandomSampling(seed=5, rule="sobol")])
def test_an_authors_seed_wins_and_history_does_not_matter(sampling: Sampling) -> None:
    one = sweep((("x", Uniform(0.0, 1.0)),), sampling)
    assert drawn(one, 5, "a") == drawn(one, 5, "b")
    sampler = Sampler(one, "c")
    assert [sampler.next([], [{"x": 0.5}] * at) for at in range(5)] == drawn(one, 5)


def test_another_seed_gives_other_values() -> None:
    one = sweep((("x", Uniform(0.0, 1.0)),), RandomSampling())
    assert drawn(one, 5, "a") != drawn(one, 5, "b")


@given(values=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True), min_size=1, max_size=3))
def test_a_grid_is_every_combination_once_in_order(values: list[list[int]]) -> None:
    import itertools

    space = tuple((f"n{at}", Choice(tuple(options))) for at, options in enumerate(values))
    found = drawn(sweep(space, GridSampling()), 1000)
    assert [tuple(one.values()) for one in found] == list(itertools.product(*values))


@given(values=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True), min_size=1, max_size=3), upper=st.integers(1, 3),
       kind=st.sampled_from([RandomSampling(), RandomSampling(rule="sobol"), BayesianSampling()]))  # fmt: skip
def test_a_finite_space_is_tried_whole_and_nothing_twice(values: list[list[int]], upper: int, kind: Sampling) -> None:
    space = (*((f"n{at}", Choice(tuple(options))) for at, options in enumerate(values)), ("whole", RandInt(upper)))
    one = sweep(space, kind, total=1000)
    found = drawn(one, 1000)
    assert len(found) == len(set(map(key_of, found))) == size(space) == limit_of(one)


def test_one_and_true_are_two_choices() -> None:
    assert size((("x", Choice((1, True, 1.0, "1", 1))),)) == 4
    assert limit_of(sweep((("x", Uniform(0, 1)),), RandomSampling(), total=7)) == 7


@given(dimensions=st.integers(1, 20), power=st.integers(0, 6), seed=st.text(max_size=3))
def test_sobol_points_lie_one_in_each_slice(dimensions: int, power: int, seed: str) -> None:
    count = 2**power
    points = [Sobol(dimensions, seed).point(number) for number in range(count)]
    for axis in range(dimensions):
        assert sorted(int(point[axis] * count) for point in points) == list(range(count))


def score(values: Values) -> float:
    """A hill at x=0.3, y=2, on the better of two levels."""
    bonus = {"low": 0.0, "high": 0.5}[str(values["level"])]
    return bonus - abs(float(values["x"]) - 0.3) - 0.2 * abs(math.log(float(values["y"])) - math.log(2.0))


def best_by(sampling: Sampling, seed: str, count: int = 60) -> float:
    space: tuple[tuple[str, Distribution], ...] = (
        ("x", Uniform(-2.0, 2.0)), ("y", Uniform(-5.0, 5.0, None, True)), ("level", Choice(("low", "high"))))  # fmt: skip
    sampler, tried = Sampler(sweep(space, sampling, count), seed), list[Values]()
    for _ in range(count):
        values = sampler.next(sorted(tried, key=score, reverse=True), [])
        assert values is not None
        tried.append(values)
    return max(map(score, tried))


def test_bayesian_sampling_comes_nearer_than_chance() -> None:
    learned = [best_by(BayesianSampling(), str(seed)) for seed in range(15)]
    by_chance = [best_by(RandomSampling(), str(seed)) for seed in range(15)]
    assert sum(one > other for one, other in zip(learned, by_chance, strict=True)) >= 11
    assert 0.5 - mean(learned) < 0.6 * (0.5 - mean(by_chance))


def test_bayesian_sampling_does_not_try_again_what_runs() -> None:
    space: tuple[tuple[str, Distribution], ...] = (("x", Uniform(0.0, 1.0)),)
    ended: list[Values] = [{"x": (at + 0.5) / 20} for at in range(20)]
    ended.sort(key=lambda values: abs(float(values["x"]) - 0.5))
    free = Sampler(sweep(space, BayesianSampling()), "s").next(ended, [])
    crowd: list[Values] = [{"x": 0.5 + at / 1000} for at in range(-20, 20)]
    crowded = [Sampler(sweep(space, BayesianSampling()), str(seed)).next(ended, crowd) for seed in range(20)]
    assert free is not None
    near = sum(abs(float(values["x"]) - 0.5) < 0.03 for values in crowded if values is not None)
    assert near < 5
