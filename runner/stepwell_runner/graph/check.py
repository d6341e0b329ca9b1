"""Whether a graph holds together, checked once before anything else is done with it. Pure, and linear in the number of steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from stepwell_runner.graph.checkwork import check_work
from stepwell_runner.graph.model import (
    Fact,
    FromParameter,
    FromStep,
    Graph,
    InputRef,
    Joined,
    Output,
    OutputRef,
    Parameter,
    ParameterRef,
    PythonRef,
    Quoted,
    Sampled,
    Step,
    Text,
    Token,
)
from stepwell_runner.graph.order import predecessors
from stepwell_runner.graph.parallel import Parallel
from stepwell_runner.graph.parameters import check_default
from stepwell_runner.graph.sweep import Sweep
from stepwell_runner.graph.trials import MARK
from stepwell_store.errors import UsageError


def check(graph: Graph) -> None:
    """UsageError for the first thing in the graph that cannot work: names, references, cycles, places, defaults."""
    _by_name("step key", ((step.key, step) for step in graph.steps))
    parameters = _by_name("parameter", ((parameter.name, parameter) for parameter in graph.parameters))
    for parameter in graph.parameters:
        check_default(parameter)
    offered = {step.key: {output.name: output for output in step.outputs} for step in graph.steps}
    for step in graph.steps:
        _check_step(step, offered, parameters)
    for promoted in graph.outputs:
        _check_source(f"pipeline output '{promoted.name}'", promoted.step, promoted.output, offered)
    _check_places(graph.steps)
    _check_cycles(predecessors(graph))


T = TypeVar("T")

_PLAIN = frozenset((Text, Fact, PythonRef))


def _by_name(kind: str, pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for name, value in pairs:
        if name in found:
            raise UsageError(f"the {kind} '{name}' is there twice")
        found[name] = value
    return found


def _check_step(step: Step, offered: dict[str, dict[str, Output]], parameters: dict[str, Parameter]) -> None:
    inputs = {given.name for given in step.inputs}
    outputs = offered[step.key]
    if len(inputs) != len(step.inputs) or len(outputs) != len(step.outputs):
        raise UsageError(f"step '{step.key}' has two inputs or two outputs of one name")
    for given in step.inputs:
        binding = given.binding
        if type(binding) is FromStep:
            _check_source(f"input '{given.name}' of step '{step.key}'", binding.step, binding.output, offered)
        elif type(binding) is FromParameter:
            _check_known(step, "parameter", binding.parameter, parameters)
            if parameters[binding.parameter].type != "data":
                raise UsageError(
                    f"input '{given.name}' of step '{step.key}' reads '{binding.parameter}', no parameter of type data"
                )
    for key in step.after:
        _check_known(step, "step", key, offered)
    if MARK in step.key:
        raise UsageError(f"the step key '{step.key}' holds '{MARK}', which stands between a sweep and its trials")
    if step.work is not None:
        check_work(step)
        if isinstance(step.work, Parallel):
            _check_tokens(step, step.work.tokens(), inputs, outputs, parameters)
    _check_tokens(step, [token for token in step.command if type(token) not in _PLAIN], inputs, outputs, parameters)
    _check_tokens(step, [token for _, token in step.variables if type(token) not in _PLAIN], inputs, outputs, parameters)


def _check_tokens(
    step: Step, tokens: Iterable[Token], inputs: set[str], outputs: dict[str, Output], parameters: dict[str, Parameter]
) -> None:
    for token in tokens:
        if isinstance(token, InputRef):
            _check_known(step, "input", token.name, inputs)
        elif isinstance(token, OutputRef):
            _check_known(step, "output", token.name, outputs)
        elif isinstance(token, ParameterRef):
            _check_known(step, "parameter", token.name, parameters)
        elif isinstance(token, Sampled):
            _check_known(step, "searched value", token.name, [name for name, _ in step.work.space] if isinstance(step.work, Sweep) else ())
        elif isinstance(token, Joined):
            _check_tokens(step, token.parts, inputs, outputs, parameters)
        elif isinstance(token, Quoted):
            _check_tokens(step, (token.part,), inputs, outputs, parameters)


def _check_known(step: Step, kind: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise UsageError(f"step '{step.key}' refers to the {kind} '{name}', which is not there", todo=_there_are(kind, known))


def _check_source(what: str, step: str, output: str, offered: dict[str, dict[str, Output]]) -> None:
    if step not in offered:
        raise UsageError(f"{what} comes from the step '{step}', which is not there", todo=_there_are("step", offered))
    if output not in offered[step]:
        raise UsageError(
            f"{what} comes from the output '{output}' of step '{step}', which has none of that name",
            todo=_there_are("output", offered[step]),
        )


def _there_are(kind: str, known: Iterable[str]) -> str:
    names = list(known)
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"Known {kind}s: {shown}." if names else f"There is no {kind} at all."


def _check_places(steps: Iterable[Step]) -> None:
    taken: dict[tuple[str | None, str], str] = {}
    for step in steps:
        for output in step.outputs:
            if output.path is None or "{run-id}" in output.path:
                continue
            place = (output.datastore, output.path.replace("{output-name}", output.name).strip("/"))
            owner = taken.setdefault(place, f"{step.key}/{output.name}")
            if owner != f"{step.key}/{output.name}":
                raise UsageError(
                    f"outputs {owner} and {step.key}/{output.name} would both be kept at '{place[1]}'",
                    where=f"datastore {place[0] or 'by default'}",
                    todo="Give one of them another path, or put {run-id} into it.",
                )


def _check_cycles(before: dict[str, tuple[str, ...]]) -> None:
    done: set[str] = set()
    for key, earlier in before.items():
        # Steps mostly stand behind what they need, and then one look at each is enough.
        if done.issuperset(earlier):
            done.add(key)
        elif key not in done:
            _visit(key, before, done)


def _visit(start: str, before: dict[str, tuple[str, ...]], done: set[str]) -> None:
    path = {start: iter(before[start])}
    while path:
        key, waiting = next(reversed(path.items()))
        needed = next((name for name in waiting if name not in done), None)
        if needed is None:
            done.add(key)
            path.popitem()
        elif needed in path:
            names = list(path)
            # The walk goes from a step to what it needs; people read from what runs first.
            circle = [needed, *reversed(names[names.index(needed) :])]
            raise UsageError(f"the steps depend on each other in a circle: {' → '.join(circle)}")
        else:
            path[needed] = iter(before[needed])
