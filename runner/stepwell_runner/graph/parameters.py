"""Values of parameters: defaults that must fit their declaration, and what a submission sets."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import msgspec

from stepwell_runner.graph.model import Graph, Parameter, Scalar
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Place, Url
from stepwell_store.errors import UsageError

ParameterValue = Scalar | DatasetDefinition

_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_DATASTORE_PREFIX = "azureml://datastores/"


def bind(graph: Graph, assignments: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    """The value of every parameter of the graph: what is assigned, else the default; an optional one without either is absent.

    Text, as it comes from a command line, is converted to the declared type. UsageError for unknown names, for values that
    do not fit, and for parameters that have no value.
    """
    declared = {parameter.name: parameter for parameter in graph.parameters}
    for name in assignments:
        if name not in declared:
            raise _unknown(name, list(declared))
    values: dict[str, ParameterValue] = {}
    for name, parameter in declared.items():
        value = converted(parameter, assignments[name]) if name in assignments else parameter.default
        if value is not None:
            values[name] = value
        elif not parameter.optional:
            raise UsageError(f"parameter '{name}' has no value", todo=f"Give it one: -p {name}=VALUE")
    return values


def _unknown(name: str, known: list[str]) -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    todo = f"Parameters are: {', '.join(known)}." if known else "This pipeline has no parameters."
    return UsageError(f"there is no parameter '{name}'{hint}", todo=todo)


def check_default(parameter: Parameter) -> None:
    """UsageError when the default is not of the declared type, not among the choices or out of bounds."""
    if parameter.default is None:
        return
    if _typed(parameter, parameter.default) is None or isinstance(parameter.default, str) != (parameter.type == "string"):
        raise UsageError(f"parameter '{parameter.name}' is of type {parameter.type}, but its default is {parameter.default!r}")
    _check_allowed(parameter, parameter.default)


def converted(parameter: Parameter, value: ParameterValue) -> ParameterValue:
    """The value as the declared type; UsageError when it does not fit."""
    found = _typed(parameter, value)
    if found is None:
        raise UsageError(f"parameter '{parameter.name}' takes {_EXPECTED[parameter.type]}, not {value!r}")
    _check_allowed(parameter, found)
    return found


_EXPECTED = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false (or 1 or 0)",
    "data": "data: an http(s) address, azureml://datastores/NAME/paths/PATH, or an absolute path",
}


def _typed(parameter: Parameter, value: ParameterValue) -> ParameterValue | None:
    """The value as the declared type, or None."""
    match parameter.type:
        case "string":
            return value if isinstance(value, str) else None
        case "boolean":
            return value if isinstance(value, bool) else _TRUTH.get(value.strip().lower()) if isinstance(value, str) else None
        case "data":
            return value if isinstance(value, DatasetDefinition) else _data(parameter, value) if isinstance(value, str) else None
        case "integer":
            return _number(value, int)
        case "number":
            return _number(value, float)


def _number(value: ParameterValue, kind: type[int | float]) -> int | float | None:
    if isinstance(value, bool | DatasetDefinition) or (kind is int and isinstance(value, float)):
        return None
    try:
        number = kind(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _data(parameter: Parameter, text: str) -> DatasetDefinition | None:
    place = _place(text)
    if place is None:
        return None
    default = parameter.default
    if isinstance(default, DatasetDefinition):
        return msgspec.structs.replace(default, places=(place,), name=None, version=None)
    return DatasetDefinition(kind="file", places=(place,))


def _place(text: str) -> Place | None:
    if text.startswith(("http://", "https://")):
        return Url(text)
    if text.startswith(_DATASTORE_PREFIX):
        datastore, separator, path = text.removeprefix(_DATASTORE_PREFIX).partition("/paths/")
        return DatastorePath(datastore, path) if separator and datastore else None
    return LocalPath(text) if text.startswith("/") else None


def _check_allowed(parameter: Parameter, value: ParameterValue) -> None:
    if parameter.choices and value not in parameter.choices:
        allowed = ", ".join(str(choice) for choice in parameter.choices)
        raise UsageError(f"parameter '{parameter.name}' cannot be {value!r}", todo=f"It is one of: {allowed}.")
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = parameter.minimum, parameter.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = " and ".join(
                f"{word} {bound:g}" for word, bound in (("at least", low), ("at most", high)) if bound is not None
            )
            raise UsageError(f"parameter '{parameter.name}' cannot be {value!r}", todo=f"It is {bounds}.")
