"""What a form of parameters begins with and what is made of what was typed, without a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stepwell_runner.graph.model import Parameter, Scalar
from stepwell_runner.graph.parameters import ParameterValue, converted
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Place
from stepwell_store.errors import UsageError
from stepwell_tui.render.text import safe_line


class Draft(msgspec.Struct, frozen=True):
    """A parameter with the value that it begins with, and that value as a line of text."""

    parameter: Parameter
    value: ParameterValue | None
    text: str

    @property
    def options(self) -> tuple[Scalar, ...]:
        """The values to choose from; none for a parameter that takes any text that fits its type."""
        return self.parameter.choices or ((True, False) if self.parameter.type == "boolean" else ())


def drafts(parameters: Sequence[Parameter], last: Mapping[str, Any]) -> list[Draft]:
    """Each with the value that it had in the last run as far as that still fits, else with its default."""
    return [_draft(parameter, last.get(parameter.name)) for parameter in parameters]


def _draft(parameter: Parameter, last: Any) -> Draft:
    value = parameter.default
    if last is not None:
        try:
            value = converted(parameter, msgspec.convert(last, Scalar | DatasetDefinition))
        except (UsageError, msgspec.ValidationError):
            value = parameter.default
    return Draft(parameter, value, "" if value is None else text_of(value))


def read(draft: Draft, text: str) -> ParameterValue | None:
    """The value that was typed, None for an optional one that has none; UsageError when it does not fit or is missing."""
    parameter = draft.parameter
    if draft.value is not None and text == draft.text:
        return draft.value  # the text may be less than the value: a dataset's options, a line end
    if not text and not (parameter.type == "string" and parameter.default is not None):
        if parameter.optional:
            return None
        raise UsageError("it has no value yet")
    return converted(parameter, text)


def text_of(value: ParameterValue) -> str:
    """A value as a line of text; of a dataset where it is."""
    if isinstance(value, DatasetDefinition):
        if value.name is not None:
            return safe_line(value.name if value.version is None else f"{value.name}:{value.version}")
        return safe_line(", ".join(_where(place) for place in value.places))
    return safe_line(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _where(place: Place) -> str:
    match place:
        case LocalPath(path):
            return path
        case DatastorePath(datastore, path):
            return f"azureml://datastores/{datastore}/paths/{path}"
        case _:
            return place.url


def facts(parameter: Parameter) -> str:
    """Type, bounds and default in a few words: `number, at least 0, default 1.0`."""
    bounds = [f"{word} {bound:g}" for word, bound in (("at least", parameter.minimum), ("at most", parameter.maximum)) if bound is not None]
    default = [] if parameter.default is None else [f"default {text_of(parameter.default)}"]
    return ", ".join([parameter.type, *bounds, *(["optional"] if parameter.optional else []), *default])
