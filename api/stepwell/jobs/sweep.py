"""Sweep nodes."""

from __future__ import annotations

import json
from collections.abc import Callable

from stepwell.jobs.checking import as_number, as_truth
from stepwell.jobs.command import command_step
from stepwell.jobs.document import Node
from stepwell.jobs.scope import Member
from stepwell_runner.graph.model import Sampled, Step
from stepwell_runner.graph.sweep import (
    Bandit,
    BayesianSampling,
    Choice,
    Distribution,
    GridSampling,
    MedianStopping,
    Normal,
    Option,
    Policy,
    RandInt,
    RandomSampling,
    Sampling,
    Sweep,
    Truncation,
    Uniform,
)
from stepwell_store.errors import UsageError

_USUAL_TRIALS = 1000


def sweep_step(member: Member, default_datastore: str | None, target: str) -> Step:
    """The step of a sweep node: its command is that of a trial."""
    import msgspec

    trial = command_step(member, default_datastore, target)
    sampled = tuple((f"AZUREML_SWEEP_{name}", Sampled(name)) for name in member.searched)
    limits = member.node.below("limits")
    return msgspec.structs.replace(
        trial,
        kind="sweep",
        variables=(*trial.variables, *sampled),
        work=_work(member, limits),
        timeout_s=as_number(limits.text("trial_timeout")) or trial.timeout_s,
    )


def _work(member: Member, limits: Node) -> Sweep | None:
    objective = member.node.get("objective")
    findings = member.pipe.context.findings
    space = tuple(
        (name, found) for name, node in member.node.below("search_space").items() if (found := _distribution(node, member)) is not None
    )
    if objective is None or not space:
        findings.error(f"sweep node '{member.name}' needs a `{'search_space' if objective else 'objective'}`", member.node.where)
        return None
    total = as_number(limits.text("max_total_trials"))
    if total is None:
        findings.strict(f"sweep node '{member.name}' needs `limits.max_total_trials`", (member.node.get("limits") or member.node).where)
    concurrent = as_number(limits.text("max_concurrent_trials"))
    return Sweep(
        space=space,
        metric=objective.text("primary_metric") or "",
        goal="minimize" if (objective.text("goal") or "").lower() == "minimize" else "maximize",
        total=int(total or _USUAL_TRIALS),
        sampling=_sampling(member),
        concurrent=int(concurrent) if concurrent else None,
        policy=_policy(member.node.get("early_termination")),
        timeout_s=as_number(limits.text("timeout")),
    )


def _numbers(node: Node, *keys: str) -> list[float]:
    found = [as_number(node.text(key)) for key in keys]
    if None in found:
        raise UsageError(f"{' and '.join(keys)} must be numbers")
    return [int(one) if one == int(one) and isinstance(node.value[key].value, int) else one
            for key, one in zip(keys, found, strict=True) if one is not None]  # fmt: skip


def _distribution(node: Node, member: Member) -> Distribution | None:
    kind = (node.text("type") or "").lower()
    make = _KINDS.get(kind.removeprefix("q").removeprefix("log"), _KINDS.get(kind))
    try:
        return make(node, kind) if make is not None else None  # the check has said that there is no such kind
    except UsageError as error:
        member.pipe.context.findings.error(error.what, node.where)
        return None


def _choice(node: Node, _: str) -> Distribution:
    values = node.get("values")
    return Choice(tuple(_option(one) for one in (values.elements() if values is not None else ())))


def _option(node: Node) -> Option:
    plain: Option = node.plain() if not isinstance(node.value, dict | list) else json.dumps(node.plain())
    return plain


def _randint(node: Node, _: str) -> Distribution:
    return RandInt(int(_numbers(node, "upper")[0]))


def _uniform(node: Node, kind: str) -> Distribution:
    low, high = _numbers(node, "min_value", "max_value")
    return Uniform(low, high, step=as_number(node.text("q")) if kind.startswith("q") else None, log="log" in kind)


def _normal(node: Node, kind: str) -> Distribution:
    mean, deviation = _numbers(node, "mu", "sigma")
    return Normal(mean, deviation, step=as_number(node.text("q")) if kind.startswith("q") else None, log="log" in kind)


_KINDS: dict[str, Callable[[Node, str], Distribution]] = {"choice": _choice, "randint": _randint, "uniform": _uniform, "normal": _normal}


def _sampling(member: Member) -> Sampling:
    node = member.node.get("sampling_algorithm")
    if node is None:
        return RandomSampling()
    kind = (node.text("type") or "random" if isinstance(node.value, dict) else str(node.value)).lower()
    seed = as_number(node.text("seed"))
    if kind == "grid":
        return GridSampling()
    if kind == "bayesian":
        return BayesianSampling(int(seed) if seed is not None else None)
    return RandomSampling(int(seed) if seed is not None else None, "sobol" if (node.text("rule") or "").lower() == "sobol" else "random")


def _policy(node: Node | None) -> Policy | None:
    if node is None:
        return None
    interval, delay = (int(as_number(node.text(key)) or usual) for key, usual in (("evaluation_interval", 1), ("delay_evaluation", 0)))
    match (node.text("type") or "").lower():
        case "bandit":
            return Bandit(
                factor=as_number(node.text("slack_factor")), amount=as_number(node.text("slack_amount")), interval=interval, delay=delay
            )
        case "median_stopping":
            return MedianStopping(interval=interval, delay=delay)
        case "truncation_selection":
            left_out = node.get("exclude_finished_jobs")
            return Truncation(
                percentage=int(as_number(node.text("truncation_percentage")) or 10),
                interval=interval,
                delay=delay,
                exclude_finished=left_out is not None and as_truth(left_out.value),
            )
    return None
