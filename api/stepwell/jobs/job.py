"""The job itself: its inputs become the parameters of the graph."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from stepwell.jobs.context import Context
from stepwell.jobs.definitions import component, default_of, is_data, kind_of
from stepwell.jobs.document import Node
from stepwell.jobs.findings import nearest
from stepwell.jobs.places import dataset
from stepwell.jobs.scope import Pipe
from stepwell.jobs.values import Bound, Data, Literal
from stepwell.jobs.words import LITERAL_TYPES
from stepwell_runner.graph.model import FromParameter, Parameter, ParameterRef, ParameterType


def job_pipe(document: Node, context: Context) -> tuple[Pipe, Callable[[], tuple[Parameter, ...]]]:
    """The scope of the job, and its parameters, to be asked for when everything else is known."""
    body = _body(document, context)
    parameters: dict[str, Parameter] = {}
    bound: dict[str, Bound] = {}
    given = document.below("inputs")
    declared = body.get("inputs") if body is not document else None
    for name, node in given.items():
        if declared is not None and not declared.has(name):
            context.findings.ignored(
                f"the component has no input '{name}', so it goes unused{nearest(name, declared.value)}", given.key(name).where
            )
        _take(name, node, context, parameters, bound, declared.get(name) if declared is not None else None)
    for name, declaration in declared.items() if declared is not None else ():
        default = default_of(declaration)
        if name not in bound and default is not None and default.value is not None:
            parameters[name] = _parameter(name, default.node, None)
            bound[name] = Literal(ParameterRef(name), default.node, default.value)
    outputs = document.get("outputs") if body is document else _merged(body.get("outputs"), document.get("outputs"))
    return Pipe(context, body, None, "", bound, outputs), lambda: tuple(parameters.values())


def _body(document: Node, context: Context) -> Node:
    """What holds the nodes: the job, or the pipeline component that it runs."""
    named = document.get("component")
    if named is None:
        if document.get("jobs") is None:
            context.findings.error("a pipeline needs `jobs`", document.where)
        return document
    if document.get("jobs") is not None:
        context.findings.error("a pipeline has `jobs` or a `component`, not both", document.key("component").where)
    found = component(named, context)
    if found is not None and kind_of(found) != "pipeline":
        context.findings.error(f"the component of a pipeline must be of type pipeline, not {kind_of(found)}", named.where)
    return found or document


def _merged(declared: Node | None, given: Node | None) -> Node | None:
    if declared is None or given is None:
        return given or declared
    said = {name: node for name, node in given.items() if node.value is not None}
    return msgspec.structs.replace(declared, value={**declared.value, **said})


def _take(
    name: str, node: Node, context: Context, parameters: dict[str, Parameter], bound: dict[str, Bound], declaration: Node | None
) -> None:
    if isinstance(node.value, dict) and "path" not in node.value and (given := node.get("value")) is not None:
        node = given
    if node.value is None:
        context.findings.error(f"the input '{name}' has no value", node.where)
    elif isinstance(node.value, dict) or is_data(declaration):
        _take_data(name, node, context, parameters, bound)
    else:
        parameters[name] = _parameter(name, node, None)
        bound[name] = Literal(ParameterRef(name), node, node.value)


def _take_data(name: str, node: Node, context: Context, parameters: dict[str, Parameter], bound: dict[str, Bound]) -> None:
    """One without a `path` is to be given when the job is submitted."""
    path = node.get("path") if isinstance(node.value, dict) else node
    kind = node.text("type")
    if path is None and (kind or "").lower() in LITERAL_TYPES:
        context.findings.error(f"the input '{name}' of type {kind} has no value; write `{name}: VALUE`", node.where)
        return
    found = dataset(str(path.value), path, context, kind) if path is not None else None
    if found is not None or path is None:
        parameters[name] = Parameter(name=name, type="data", default=found, description=node.text("description"))
        bound[name] = Data(FromParameter(name), node, None, kind, node.text("mode"))


def _parameter(name: str, node: Node, description: str | None) -> Parameter:
    kinds: dict[type, ParameterType] = {bool: "boolean", int: "integer", float: "number"}
    return Parameter(name=name, type=kinds.get(type(node.value), "string"), default=node.value, description=description)
