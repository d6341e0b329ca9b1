"""Mini-batches and searches as nodes of Azure ML v2."""

from __future__ import annotations

from typing import Any

from stepwell.jobs.exported_words import pasted, port_of
from stepwell_runner.graph.parallel import Parallel
from stepwell_runner.graph.sweep import (
    Bandit,
    BayesianSampling,
    Choice,
    Distribution,
    GridSampling,
    MedianStopping,
    Normal,
    Policy,
    RandInt,
    RandomSampling,
    Sampling,
    Sweep,
    Uniform,
)

Node = dict[str, Any]

_NUMBERS = {"batch_size": "mini_batch_size", "workers": "max_concurrency_per_instance", "failed_items": "error_threshold",
            "failed_batches": "mini_batch_error_threshold", "logging": "logging_level"}  # fmt: skip


def parallel_node(work: Parallel, common: Node, environment: Node, arguments: str) -> Node:
    """A parallel node. `common` is its code."""
    task: Node = {"type": "run_function", **common, "entry_script": work.entry, "environment": environment}
    task |= {"program_arguments": arguments} if arguments else {}
    task |= {"append_row_to": f"${{{{outputs.{port_of(work.append.output)}}}}}"} if work.append is not None else {}
    node: Node = {"type": "parallel", "task": task}
    node |= {"input_data": f"${{{{inputs.{port_of(work.split[0])}}}}}"} if work.split else {}
    for field, key in _NUMBERS.items():
        token = getattr(work, field)
        if token is not None:
            text = pasted(token)
            node[key] = int(text) if text.lstrip("-").isdigit() and key != "mini_batch_size" else text
    if isinstance(work.partition_keys, tuple) and work.partition_keys:
        node["partition_keys"] = list(work.partition_keys)
    retry = {key: int(pasted(token)) - lower for key, token, lower in (("max_retries", work.tries, 1), ("timeout", work.timeout_s, 0))
             if token is not None and pasted(token).isdigit()}  # fmt: skip
    node |= {"retry_settings": retry} if retry else {}
    return node | (
        {"resources": {"instance_count": int(pasted(work.nodes))}} if work.nodes is not None and pasted(work.nodes).isdigit() else {}
    )


def sweep_node(work: Sweep, trial: Node) -> Node:
    """A sweep node over an inline trial."""
    limits: Node = {"max_total_trials": work.total}
    limits |= {"max_concurrent_trials": work.concurrent} if work.concurrent else {}
    limits |= {"timeout": int(work.timeout_s)} if work.timeout_s else {}
    names = {name for name, _ in work.space}
    trial = {**trial, "inputs": {**trial["inputs"], **{name: {"type": "string"} for name in names}}}
    trial["command"] = trial["command"].replace("${{search_space.", "${{inputs.")
    node: Node = {
        "type": "sweep",
        "trial": trial,
        "search_space": {name: _space(one) for name, one in work.space},
        "sampling_algorithm": _sampling(work.sampling),
        "objective": {"goal": work.goal, "primary_metric": work.metric},
        "limits": limits,
    }
    return node | ({"early_termination": _policy(work.policy)} if work.policy is not None else {})


def _space(one: Distribution) -> Node:
    match one:
        case Choice(values):
            return {"type": "choice", "values": list(values)}
        case RandInt(upper):
            return {"type": "randint", "upper": upper}
        case Uniform(low, high, step, log):
            return {"type": _kind("uniform", step, log), "min_value": low, "max_value": high} | ({"q": step} if step is not None else {})
        case Normal(mean, deviation, step, log):
            return {"type": _kind("normal", step, log), "mu": mean, "sigma": deviation} | ({"q": step} if step is not None else {})


def _kind(name: str, step: float | None, log: bool) -> str:
    return ("q" if step is not None else "") + ("log" if log else "") + name


def _sampling(one: Sampling) -> Any:
    match one:
        case GridSampling():
            return "grid"
        case BayesianSampling():
            return "bayesian"
        case RandomSampling(seed, rule):
            return {"type": "random", "rule": rule} | ({"seed": seed} if seed is not None else {})


def _policy(one: Policy) -> Node:
    times = {"evaluation_interval": one.interval, "delay_evaluation": one.delay}
    match one:
        case Bandit():
            return {"type": "bandit", **times} | ({"slack_factor": one.factor} if one.factor is not None else {"slack_amount": one.amount})
        case MedianStopping():
            return {"type": "median_stopping", **times}
    return {"type": "truncation_selection", "truncation_percentage": one.percentage, **times}
