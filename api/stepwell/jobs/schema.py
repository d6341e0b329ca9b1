"""The JSON schema of the YAML that is accepted, made from the very shapes that check it: for editors that complete and underline."""

from __future__ import annotations

from typing import Any

from stepwell.jobs.shapes import ByType, Either, ListOf, MapOf, Number, Object, Ref, Scalar, Shape, Text, Truth
from stepwell.jobs.vocabulary import shapes

DOCUMENTS = ("pipeline job", "job", "component", "environment", "data", "model")
_EXPRESSION = {"type": "string", "pattern": r"\$\{\{.*\}\}"}
_SCALAR = ["string", "number", "boolean"]


def schema(document: str = DOCUMENTS[0]) -> dict[str, Any]:
    """The schema of one kind of document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Azure ML v2 {document}, as Stepwell runs it",
        "$ref": f"#/$defs/{_key(document)}",
        "$defs": {_key(name): _of(shape) for name, shape in shapes().items()},
    }


def _key(name: str) -> str:
    return name.replace(" ", "_")


def _of(shape: Shape) -> dict[str, Any]:
    match shape:
        case Ref(name):
            return {"$ref": f"#/$defs/{_key(name)}"}
        case Either(options):
            return {"anyOf": [_of(option) for option in options]}
        case ListOf(item):
            return {"type": "array", "items": _nullable(_of(item))}
        case MapOf(value, key):
            return {"type": "object", "additionalProperties": _nullable(_of(value))} | (
                {"propertyNames": {"pattern": f"^{key}$"}} if key is not None else {}
            )
        case Object():
            return _object(shape)
        case ByType():
            return _by_type(shape)
    return _scalar(shape)


def _nullable(found: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [found, {"type": "null"}]}


def _object(shape: Object, kind: str | None = None) -> dict[str, Any]:
    properties = {name: _nullable(_of(field.shape)) for name, field in shape.fields.items()}
    if kind is not None:
        properties["type"] = {"const": kind}
    found: dict[str, Any] = {"type": "object", "title": shape.title, "properties": properties}
    required = [name for name, field in shape.fields.items() if field.required]
    return found | ({"required": required} if required else {}) | ({} if shape.others == "open" else {"additionalProperties": False})


def _by_type(shape: ByType) -> dict[str, Any]:
    """What the type says; without a type what goes without saying."""
    cases = [{"if": {"properties": {"type": {"const": kind}}, "required": ["type"]}, "then": _object(one, kind)}
             for kind, one in shape.shapes.items() if isinstance(one, Object)]  # fmt: skip
    usual = shape.shapes[shape.default]
    assert isinstance(usual, Object)
    # A node with a component takes its type from there.
    cases.append({"if": {"not": {"anyOf": [{"required": ["type"]}, {"required": ["component"]}]}}, "then": _object(usual)})
    return {"type": "object", "properties": {"type": {"enum": list(shape.shapes)}}, "allOf": cases}


def _scalar(shape: Shape) -> dict[str, Any]:
    match shape:
        case Text(choices, pattern):
            if choices:
                return {"anyOf": [{"enum": list(choices)}, {"type": "string", "pattern": f"^(?i:{'|'.join(choices)})$"}, _EXPRESSION]}
            return {"anyOf": [{"type": "string", "pattern": f"^{pattern}$"}, _EXPRESSION]} if pattern else {"type": _SCALAR}
        case Number(whole, minimum, maximum):
            number: dict[str, Any] = {"type": "integer" if whole else "number"}
            number |= {"minimum": minimum} if minimum is not None else {}
            number |= {"maximum": maximum} if maximum is not None else {}
            return {"anyOf": [number, {"type": "string", "pattern": r"^-?[\d.eE+-]+$"}, _EXPRESSION]}
        case Truth():
            return {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false", "True", "False"]}, _EXPRESSION]}
        case Scalar():
            return {"type": _SCALAR}
    return {}
