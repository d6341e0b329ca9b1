"""Whether the work of a step can be done as it is written. Pure."""

from __future__ import annotations

from stepwell_runner.graph.model import Step
from stepwell_runner.graph.parallel import Parallel
from stepwell_runner.graph.sweep import (
    Bandit,
    Choice,
    Distribution,
    GridSampling,
    Normal,
    Policy,
    RandInt,
    Sweep,
    Truncation,
    Uniform,
)
from stepwell_runner.graph.trials import refers
from stepwell_store.errors import UsageError


def check_work(step: Step) -> None:
    """UsageError for the first thing that cannot work."""
    if isinstance(step.work, Parallel):
        _check_parallel(step, step.work)
    elif isinstance(step.work, Sweep):
        _check_sweep(step, step.work)


def _check_parallel(step: Step, work: Parallel) -> None:
    inputs = {one.name for one in step.inputs}
    for name in work.split:
        if name not in inputs:
            raise _wrong(step, f"cuts the input '{name}', which it does not have")
    if not work.split and work.count is None:
        raise _wrong(step, "cuts no input into mini-batches", "Name the input that is to be cut.")
    if work.append is not None and work.append.output not in {one.name for one in step.outputs}:
        raise _wrong(step, f"appends rows to the output '{work.append.output}', which it does not have")
    if work.partition_keys and work.batch_size is not None:
        raise _wrong(step, "has partition keys and a mini-batch size", "Give one of them: there is one mini-batch per partition.")


def _check_sweep(step: Step, work: Sweep) -> None:
    if not work.space:
        raise _wrong(step, "searches nothing", "Name at least one value that is to vary.")
    if len(dict(work.space)) != len(work.space):
        raise _wrong(step, "searches two values of one name")
    for name, distribution in work.space:
        _check_distribution(step, name, distribution)
        if isinstance(work.sampling, GridSampling) and not isinstance(distribution, Choice):
            raise _wrong(step, f"takes a grid of '{name}', which is no choice", "A grid needs choices; use random sampling else.")
    if work.total < 1 or (work.concurrent is not None and work.concurrent < 1):
        raise _wrong(step, "would make no trial", "The numbers of trials, in all and at once, are 1 or more.")
    if work.metrics_output is not None and work.metrics_output not in {one.name for one in step.outputs}:
        raise _wrong(step, f"writes metrics to the output '{work.metrics_output}', which it does not have")
    if work.metrics_output is not None and any(refers(token, work.metrics_output) for token in step.command):
        raise _wrong(step, f"hands its trials the output '{work.metrics_output}', which gets the metrics of all of them")
    if work.policy is not None:
        _check_policy(step, work.policy)


def _check_distribution(step: Step, name: str, one: Distribution) -> None:
    match one:
        case Choice(values):
            wrong = "" if values else "offers nothing to choose"
        case RandInt(upper):
            wrong = "" if upper >= 1 else f"has no whole number from 0 below {upper}"
        case Uniform(low, high, unit):
            wrong = "" if low < high and _positive(unit) else f"has no numbers between {low:g} and {high:g}"
        case Normal(_, deviation, unit):
            wrong = "" if deviation > 0 and _positive(unit) else f"cannot have a deviation of {deviation:g}"
    if wrong:
        raise _wrong(step, f"searches '{name}', which {wrong}")


def _positive(unit: float | None) -> bool:
    return unit is None or unit > 0


def _check_policy(step: Step, policy: Policy) -> None:
    if policy.interval < 1 or policy.delay < 0:
        raise _wrong(step, "ends trials early at intervals that are none", "The interval is 1 or more, the delay 0 or more.")
    if isinstance(policy, Bandit):
        given = [value for value in (policy.factor, policy.amount) if value is not None]
        if len(given) != 1 or given[0] < 0:
            raise _wrong(step, "has a bandit policy with no slack or two", "Give either a factor or an amount, 0 or more.")
    elif isinstance(policy, Truncation) and not 1 <= policy.percentage <= 99:
        raise _wrong(step, f"would end {policy.percentage} % of its trials early", "The percentage is from 1 to 99.")


def _wrong(step: Step, what: str, todo: str | None = None) -> UsageError:
    return UsageError(f"step '{step.key}' {what}", todo=todo)
