"""What a class of Stepwell's has: whether a method or attribute is there, whether it refuses, and of what class its result is."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import Any

from stepwell.azureml import finder
from stepwell.azureml.homes import HOMES
from stepwell.azureml.support import Support


@cache
def class_named(name: str) -> type | None:
    """The class that stands for a name of v1; None for one that is not there, or is no class."""
    if name not in HOMES:
        return None
    value = finder.resolve(name)
    return value if isinstance(value, type) else None


@cache
def of_member(class_name: str, member: str) -> Support:
    """How far Stepwell goes with a method or attribute of a class that it has."""
    cls = class_named(class_name)
    if cls is None or member.startswith("__") or hasattr(cls, "__getattr__"):
        return Support("runs")
    found = inspect.getattr_static(cls, member, None)
    if found is None:
        known = any(hasattr(kind, member) or member in _set_by_instances(kind) for kind in (cls, *_kinds_of(_family(cls))))
        return Support("runs") if known else Support("missing", f"{class_name} has no {member} here")
    reason = _refusal(found)
    return Support("refused", reason) if reason is not None else Support("runs")


def _family(cls: type) -> type:
    """Runs are of the class that what was submitted decides: the class of all of them stands for each."""
    runs = class_named("Run")
    return runs if runs is not None and issubclass(cls, runs) else cls


@cache
def _kinds_of(cls: type) -> tuple[type, ...]:
    """The classes of v1 names that inherit from one: where that one is announced, any of them may come."""
    found = [class_named(name) for name in HOMES]
    return tuple([one for one in found if one is not None and one is not cls and issubclass(one, cls)])


@cache
def _set_by_instances(cls: type) -> frozenset[str]:
    """Attributes that a class's own methods give to its instances."""
    found: set[str] = set()
    for base in cls.__mro__[:-1]:
        found |= set(getattr(base, "__annotations__", {}))
        for node in ast.walk(_tree(base)):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
                found.add(node.attr)
    return frozenset(found)


def _tree(thing: Any) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(thing)))
    except (OSError, TypeError, SyntaxError):
        return ast.Module([], [])


def _function(found: Any) -> Any:
    if isinstance(found, property):
        return found.fget
    return getattr(found, "__func__", found)


def _refusal(found: Any) -> str | None:
    """Why a method does nothing but refuse; None when it does something."""
    function = _function(found)
    if not inspect.isfunction(function):
        return None
    body = getattr(_tree(function), "body", [None])
    statements = [one for one in getattr(body[0] if body else None, "body", []) if not _is_docstring(one)]
    for statement in statements[:2]:
        if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call) and _name(statement.exc.func) == "NotLocalError":
            return _text(statement.exc) or "it is not local"
    return None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _text(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


@cache
def result_of(class_name: str, member: str) -> tuple[str, bool] | None:
    """The class of what a method returns or an attribute holds, and whether it is a collection of such; None when it is not v1's."""
    cls = class_named(class_name)
    found = None if cls is None else inspect.getattr_static(cls, member, None)
    if isinstance(found, type):
        return _known_class(found.__name__)
    annotation = getattr(_function(found), "__annotations__", {}).get("return")
    if annotation is None and cls is not None:
        annotation = next((found[member] for base in cls.__mro__ if member in (found := getattr(base, "__annotations__", {}))), None)
    return _class_in(str(annotation), class_name) if annotation is not None else None


_COLLECTIONS = ("list", "Iterator", "Mapping", "dict", "Sequence", "tuple", "Iterable", "Generator")


def _class_in(annotation: str, own: str) -> tuple[str, bool] | None:
    """`PipelineRun` or `Iterator[StepRun]` as a class and whether it is a collection."""
    try:
        node: ast.expr = ast.parse(annotation, mode="eval").body
    except SyntaxError:
        return None
    many = isinstance(node, ast.Subscript) and _name(node.value) in _COLLECTIONS
    for one in ast.walk(node):
        name = one.value.rpartition(".")[2] if isinstance(one, ast.Constant) and isinstance(one.value, str) else ""
        name = name or (_name(one) if isinstance(one, ast.Name | ast.Attribute) else "")
        if name == "Self":
            return own, many
        if name in HOMES:
            return name, many
    return None


def _known_class(name: str) -> tuple[str, bool] | None:
    return (name, False) if name in HOMES else None
