"""The parameters of a pipeline: all that its steps use, each declared in one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.steps.base import PipelineStep


def parameters_of(steps: Iterable[PipelineStep]) -> dict[str, PipelineParameter]:
    """By name, in the order of use; PipelineError when one name is declared in two ways."""
    table: dict[str, PipelineParameter] = {}
    for step in steps:
        for parameter in _used_by(step):
            known = table.setdefault(parameter.name, parameter)
            if known is not parameter and known.compiled() != parameter.compiled():
                raise PipelineError(
                    f"parameter '{parameter.name}' is declared in two ways: {known!r} and {parameter!r}",
                    where=f"step '{step.name}'",
                )
    return table


def _used_by(step: PipelineStep) -> Iterator[PipelineParameter]:
    yield from step.parameters
    for binding in step.inputs.values():
        if type(binding.bind_object) is PipelineParameter:
            yield binding.bind_object
    for values in (step.params, step.environment_variables):
        for value in values.values():
            if type(value) is PipelineParameter:
                yield value
