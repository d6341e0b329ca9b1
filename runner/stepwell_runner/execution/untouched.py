"""Whether a step left its inputs as they were. One that did not has no result that could be taken again."""

from __future__ import annotations

import os

from stepwell_runner.execution.messages import Made
from stepwell_runner.execution.sight import Sight
from stepwell_runner.graph.model import FromData, FromParameter, FromStep, Input, Step
from stepwell_runner.planning.fingerprint import Values
from stepwell_store.content.sealed import current_seal, measure
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError
from stepwell_store.ledger.records import OutputRecord

_TODO = "Copy what the step changes, or take the input as a private copy (as_download()); what it read is not what it was made from."


def check_inputs(step: Step, values: Values, made: Made, sight: Sight) -> None:
    """UsageError when an input that the step shares with others is not what it was when the step was decided on."""
    for one in step.inputs:
        if isinstance(one.binding, FromStep):
            output = made[one.binding.step, one.binding.output]
            place = os.path.join(sight.root_of(output.datastore), output.path)
            if _is_other(output, place):
                raise UsageError(f"it changed its input {one.name}, which {one.binding.step} made", where=place, todo=_TODO)
        elif (data := _data(one, values)) is not None and not sight.is_still(data):
            raise UsageError(f"the data of its input {one.name} changed while it ran", todo=_TODO)


def _is_other(output: OutputRecord, place: str) -> bool:
    seal = current_seal(place)
    # Another time or inode is no proof of other bytes.
    return seal != output.seal and (seal is None or measure(place).digest != output.digest)


def _data(one: Input, values: Values) -> DatasetDefinition | None:
    if isinstance(one.binding, FromData):
        return one.binding.data
    value = values.get(one.binding.parameter) if isinstance(one.binding, FromParameter) else None
    return value if isinstance(value, DatasetDefinition) else None
