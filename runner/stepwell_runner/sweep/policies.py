"""Which trials are ended early. The value of a trial at an interval is the metric that it logged as its so-manyth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from stepwell_runner.graph.sweep import Bandit, Goal, MedianStopping, Policy, Truncation


class Series(msgspec.Struct, frozen=True):
    """The values that one trial logged so far, and whether it has ended."""

    values: tuple[float, ...]
    ended: bool = False


def better(goal: Goal, one: float, other: float) -> bool:
    """Whether the first is better; a value that is no number is worse than any."""
    if math.isnan(one) or math.isnan(other):
        return not math.isnan(one)
    return one > other if goal == "maximize" else one < other


def best_of(goal: Goal, values: Sequence[float]) -> float:
    """The best of them; not a number when there is none."""
    found = math.nan
    for value in values:
        if better(goal, value, found):
            found = value
    return found


def why_end(policy: Policy | None, goal: Goal, mine: Series, others: Sequence[Series]) -> str | None:
    """Why a trial that has just logged its last value is to be ended; None when it may go on."""
    at = len(mine.values)
    if policy is None or at == 0 or at % policy.interval or at < policy.delay:
        return None
    match policy:
        case Bandit():
            return _bandit(policy, goal, mine, others)
        case MedianStopping():
            return _median(goal, mine, others)
        case Truncation():
            return _truncation(policy, goal, mine, others)


def _bandit(policy: Bandit, goal: Goal, mine: Series, others: Sequence[Series]) -> str | None:
    at = len(mine.values)
    own = best_of(goal, mine.values)
    best = best_of(goal, [value for one in (mine, *others) for value in one.values[:at]])
    limit = _slack(policy, goal, best)
    if math.isnan(limit) or not better(goal, limit, own):
        return None
    return f"at interval {at} its best value {own:g} is beyond the slack of the best of all, {best:g} (limit {limit:g})"


def _slack(policy: Bandit, goal: Goal, best: float) -> float:
    """The worst value that may go on."""
    sign = -1.0 if goal == "maximize" else 1.0
    if policy.amount is not None:
        return best + sign * policy.amount
    ratio = 1.0 + (policy.factor or 0.0)
    # A ratio makes room away from the goal, on whichever side of zero the values lie.
    return best / ratio if (best > 0) == (goal == "maximize") else best * ratio


def _median(goal: Goal, mine: Series, others: Sequence[Series]) -> str | None:
    at = len(mine.values)
    averages = [sum(one.values[:at]) / at for one in (mine, *others) if len(one.values) >= at]
    known = sorted(average for average in averages if not math.isnan(average))
    if not known:
        return None
    half = len(known) // 2
    median = known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
    own = best_of(goal, mine.values)
    if not better(goal, median, own):
        return None
    return f"at interval {at} its best value {own:g} is worse than the median of the running averages, {median:g}"


def _truncation(policy: Truncation, goal: Goal, mine: Series, others: Sequence[Series]) -> str | None:
    at = len(mine.values)
    compared = [one for one in others if len(one.values) >= at and not (policy.exclude_finished and one.ended)]
    own = mine.values[-1]
    behind = sum(not better(goal, one.values[at - 1], own) for one in compared)
    if behind >= (len(compared) + 1) * policy.percentage // 100:
        return None
    return f"at interval {at} its value {own:g} is among the worst {policy.percentage} % of {len(compared) + 1} trials"
