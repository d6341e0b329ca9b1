"""Checks a document against shapes: unknown words, wrong kinds of values, words that are missing."""

from __future__ import annotations

import math
import re
from typing import Any

from stepwell.jobs.document import Node
from stepwell.jobs.expressions import is_expression
from stepwell.jobs.findings import Findings, nearest
from stepwell.jobs.shapes import Anything, ByType, Either, ListOf, MapOf, Number, Object, Ref, Scalar, Shape, Text, Truth
from stepwell.jobs.vocabulary import shapes


def check(node: Node, name: str, findings: Findings) -> None:
    """Add to the findings what in the node does not fit the shape of that name."""
    _Checker(findings).check(node, shapes()[name], name)


class _Checker:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def check(self, node: Node, shape: Shape, what: str) -> None:
        match shape:
            case Ref(name):
                self.check(node, shapes()[name], what)
            case Either(options):
                self.check(node, _fitting(node, options), what)
            case Object():
                self._object(node, shape, what)
            case ByType():
                self._by_type(node, shape, what)
            case MapOf():
                self._map(node, shape, what)
            case ListOf(item):
                self._list(node, item, what)
            case Anything():
                pass
            case _:
                self._scalar(node, shape, what)

    def _object(self, node: Node, shape: Object, what: str) -> None:
        if not self._is_mapping(node, what):
            return
        is_loose = shape.others == "loose" or any(node.has(key) for key in shape.loose_with)
        for key, value in node.items():
            field = shape.fields.get(key)
            if field is not None:
                if value.value is not None:
                    self.check(value, field.shape, f"`{key}`")
            elif is_loose:
                self._findings.ignored(f"`{key}` is no part of {_a(shape.title)} and is ignored{_advice(key, shape)}", node.key(key).where)
            elif shape.others == "closed":
                self._findings.error(f"`{key}` is no part of {_a(shape.title)}{_advice(key, shape)}", node.key(key).where)
        for key, field in shape.fields.items():
            if field.required and node.get(key) is None:
                self._findings.error(f"{_a(shape.title)} needs `{key}`", node.where)

    def _by_type(self, node: Node, shape: ByType, what: str) -> None:
        if not self._is_mapping(node, what):
            return
        kind = (node.text("type") or shape.default).lower()
        if kind in shape.shapes:
            self.check(node, shape.shapes[kind], what)
        elif not is_expression(kind):
            place = node.get("type") or node
            self._findings.error(f"there is no {shape.title} of type '{kind}'{nearest(kind, shape.shapes)}", place.where)

    def _is_mapping(self, node: Node, what: str) -> bool:
        if not isinstance(node.value, dict):
            self._findings.error(f"{what} must be a mapping of names to values, not {_kind(node.value)}", node.where)
        return isinstance(node.value, dict)

    def _map(self, node: Node, shape: MapOf, what: str) -> None:
        if not self._is_mapping(node, what):
            return
        for key, value in node.items():
            if shape.key is not None and not re.fullmatch(shape.key, key):
                self._findings.error(f"the name '{key}' in {what} is not allowed: {shape.key_words}", node.key(key).where)
            if value.value is not None:
                self.check(value, shape.value, f"`{key}`")

    def _list(self, node: Node, item: Shape, what: str) -> None:
        if not isinstance(node.value, list):
            if isinstance(node.value, str):
                self._findings.strict(f"{what} must be a list, not {_kind(node.value)}", node.where)
            else:
                self._findings.error(f"{what} must be a list, not {_kind(node.value)}", node.where)
            return
        for one in node.value:
            if one.value is not None:
                self.check(one, item, f"an element of {what}")

    def _scalar(self, node: Node, shape: Shape, what: str) -> None:
        if isinstance(node.value, dict | list):
            self._findings.error(f"{what} must be {_expected(shape)}, not {_kind(node.value)}", node.where)
        elif not is_expression(node.value) and (problem := _problem(node.value, shape)):
            self._findings.strict(f"{what} {problem}", node.where)


def _advice(key: str, shape: Object) -> str:
    return f"; {shape.misplaced[key]}" if key in shape.misplaced else nearest(key, shape.fields)


def _fitting(node: Node, options: tuple[Shape, ...]) -> Shape:
    wanted: tuple[type, ...] = (Text, Scalar, Number, Truth)
    if isinstance(node.value, dict):
        wanted = (Object, Ref, ByType, MapOf, Anything)
    elif isinstance(node.value, list):
        wanted = (ListOf, Anything)
    return next((option for option in options if isinstance(option, wanted)), options[0])


def _problem(value: Any, shape: Shape) -> str | None:
    match shape:
        case Text(choices, pattern, example):
            return _text_problem(str(value), choices, pattern, example)
        case Number(whole, minimum, maximum):
            return _number_problem(value, whole, minimum, maximum)
        case Truth():
            is_truth = isinstance(value, bool) or str(value).lower() in ("true", "false", "yes", "no", "1", "0")
            return None if is_truth else f"must be true or false, not {value!r}"
    return None


def _text_problem(text: str, choices: tuple[str, ...], pattern: str | None, example: str) -> str | None:
    if choices and text.lower() not in [choice.lower() for choice in choices]:
        return f"cannot be '{text}'{nearest(text, choices)}"
    return f"must be {example}, not '{text}'" if pattern is not None and not re.fullmatch(pattern, text) else None


def _number_problem(value: Any, whole: bool, minimum: float | None, maximum: float | None) -> str | None:
    number = as_number(value)
    if number is None or (whole and number != int(number)):
        return f"must be {'a whole number' if whole else 'a number'}, not {value!r}"
    if minimum is not None and number < minimum:
        return f"must be at least {minimum:g}, not {value}"
    return f"must be at most {maximum:g}, not {value}" if maximum is not None and number > maximum else None


def as_number(value: Any) -> float | None:
    """A finite number that a value is or says, else None."""
    try:
        number = None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return number if number is not None and math.isfinite(number) else None


def as_truth(value: Any) -> bool:
    """What a value says about truth."""
    return value if isinstance(value, bool) else str(value).strip().lower() in ("true", "yes", "1")


def _expected(shape: Shape) -> str:
    return {Text: "text", Number: "a number", Truth: "true or false"}.get(type(shape), "text, a number or true or false")


def _a(title: str) -> str:
    if title.partition(" ")[0].endswith("s"):
        return title
    return f"an {title}" if title[0] in "aeiou" else f"a {title}"


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "nothing" if value is None else f"'{str(value)[:60]}'"
