"""The trials of a sweep as steps: the sweep's own command and data, with the values of one trial in their places."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from stepwell_runner.graph.model import Output, Step
from stepwell_runner.graph.sweep import Option, Sweep
from stepwell_runner.graph.tokens import Joined, OutputRef, Quoted, Sampled, Text, Token

MARK = "@"
"""Stands between the key of a sweep and the number of a trial; no step's own key holds it."""


def family(key: str) -> str:
    """The key of the step in the graph that a step belongs to: of the sweep for a trial, its own for every other."""
    return key.partition(MARK)[0]


def trial_step(step: Step, number: int, values: Mapping[str, Option]) -> Step:
    """Trial `number` of a sweep. Its outputs lie at places of their own and are not registered: only those of the best are."""
    assert isinstance(step.work, Sweep)
    metrics = step.work.metrics_output
    return msgspec.structs.replace(
        step, key=f"{step.key}{MARK}{number}", name=f"{step.name} trial {number}", work=None, after=(),
        command=tuple(_filled(token, values) for token in step.command),
        variables=tuple((name, _filled(token, values)) for name, token in step.variables if not refers(token, metrics)),
        outputs=tuple(_private(output) for output in step.outputs if output.name != metrics))


def _private(output: Output) -> Output:
    return msgspec.structs.replace(output, path=None, register=None)


def refers(token: Token, output: str | None) -> bool:
    """Whether a token stands for an output, or holds one that does."""
    match token:
        case OutputRef(name):
            return name == output
        case Joined(parts):
            return any(refers(part, output) for part in parts)
        case Quoted(part):
            return refers(part, output)
        case _:
            return False


def _filled(token: Token, values: Mapping[str, Option]) -> Token:
    match token:
        case Sampled(name):
            return Text(str(values[name]))
        case Joined(parts):
            return Joined(tuple(_filled(part, values) for part in parts))
        case Quoted(part):
            return msgspec.structs.replace(token, part=_filled(part, values))
        case _:
            return token
