"""What a node runs: the component that it names, or itself."""

from __future__ import annotations

import os

import msgspec

from stepwell.jobs.catalogue import find_component
from stepwell.jobs.checking import as_number, as_truth, check
from stepwell.jobs.context import Context
from stepwell.jobs.document import Node, local_path
from stepwell.jobs.expressions import is_expression
from stepwell.jobs.findings import nearest
from stepwell.jobs.references import asset_name
from stepwell.jobs.values import Literal
from stepwell.jobs.words import CLOUD_NODES, DATA_TYPES
from stepwell_runner.graph.model import Text


class Definition(msgspec.Struct, frozen=True, eq=False):
    """`kind` is the type of node; `node` what says how it works. One that is `inline` declares no inputs and outputs of its own."""

    kind: str
    node: Node
    inline: bool

    def input(self, name: str) -> Node | None:
        """The declaration of an input; None for inline nodes, which declare none."""
        return None if self.inline else _entry(self.node, "inputs", name)

    def output(self, name: str) -> Node | None:
        """The declaration of an output, in the same way."""
        return None if self.inline else _entry(self.node, "outputs", name)

    def names(self, ports: str) -> list[str]:
        """The names of the declared `inputs` or `outputs`."""
        found = self.node.get(ports)
        return [] if found is None else [name for name, _ in found.items()]


def _entry(node: Node, ports: str, name: str) -> Node | None:
    found = node.get(ports)
    return found.value.get(name) if found is not None and isinstance(found.value, dict) else None


def define(node: Node, name: str, context: Context, key: str = "component") -> Definition | None:
    """What a node runs; None, with a finding, for what cannot run on this machine."""
    kind = node.text("type")
    if kind in CLOUD_NODES:
        context.findings.error(f"node '{name}' cannot run on this machine: {CLOUD_NODES[kind]}", node.where)
        return None
    named = node.get(key)
    if named is None:
        if key != "component":
            context.findings.error(f"node '{name}' needs a `{key}`", node.where)
            return None
        return Definition(kind or "command", node, True)
    found = component(named, context)
    if found is None:
        return None
    actual = kind_of(found)
    if actual == "flow" or actual in CLOUD_NODES:
        why = CLOUD_NODES.get(actual, "prompt flows call language models of a service")
        context.findings.error(f"node '{name}' cannot run on this machine: {why}", named.where)
        return None
    if kind is not None and actual != kind and key == "component":
        context.findings.error(f"node '{name}' is of type {kind}, but its component is of type {actual}", (node.get("type") or node).where)
        return None
    # A trial that is written in its place takes the inputs and outputs of its sweep, as a node takes its own.
    return Definition(actual, found, key == "trial" and found is named and not (found.has("inputs") or found.has("outputs")))


def kind_of(component: Node) -> str:
    """The type of a component, said or by its schema."""
    kind = component.text("type")
    schema = (component.text("$schema") or "").lower()
    if "/flow.schema" in schema or (kind is None and component.has("nodes")) or component.has("flow"):
        return "flow"
    if kind is None:
        kind = next((one for one in ("parallel", "spark", "pipeline") if f"{one}component" in schema), "command")
    return kind.removesuffix("_component").lower()


def component(named: Node, context: Context) -> Node | None:
    """The document of a component that is given inline, by a file, or by name; checked once."""
    found: Node | None = named
    if not isinstance(named.value, dict):
        text = str(named.value)
        asset = asset_name(text)
        found = _from_file(text, named, context) if asset is None else find_component(asset, named, context)
    if found is None:
        return None
    if kind_of(found) != "flow" and context.is_new(found):
        check(found, "component", context.findings)
    return found


def _from_file(text: str, named: Node, context: Context) -> Node | None:
    path = local_path(text, named)
    if os.path.isfile(path):
        return context.document(path)
    folder, file = os.path.split(path)
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    near = nearest(file, [one for one in names if one.endswith((".yml", ".yaml"))]) if names else ""
    context.findings.error(f"there is no component file {path}{near}", named.where)
    return None


def is_data(declaration: Node | None) -> bool | None:
    """Whether a declared input is data; None when nothing is declared."""
    kind = None if declaration is None else declaration.text("type")
    return None if kind is None else kind.lower() in DATA_TYPES


def default_of(declaration: Node) -> Literal | None:
    """The default of a declared input, made the declared type first and text then, as Azure's client does it."""
    node = declaration.get("default")
    if node is None:
        return None
    return Literal(Text(_coerced(node.value, (declaration.text("type") or "string").lower())), node, node.value)


def _coerced(value: object, kind: str) -> str:
    number = as_number(value)
    if kind == "number" and number is not None:
        return str(number)
    if kind == "integer" and number is not None and number == int(number):
        return str(int(number))
    return str(as_truth(value)) if kind == "boolean" else str(value)


def check_literal(value: Node, declaration: Node, name: str, context: Context) -> None:
    """A notice when a literal is not what the component declares: Azure looks at none of this."""
    if is_expression(value.value):
        return
    problem = _problem(value.value, declaration)
    if problem is not None:
        context.findings.notice(f"input '{name}' {problem}", value.where)


def _problem(value: object, declaration: Node) -> str | None:
    kind = (declaration.text("type") or "string").lower()
    number = as_number(value)
    if kind in ("number", "integer"):
        if number is None or (kind == "integer" and number != int(number)):
            return f"must be {'a whole number' if kind == 'integer' else 'a number'}, not '{value}'"
        low, high = (as_number(bound.value) if (bound := declaration.get(key)) else None for key in ("min", "max"))
        if (low is not None and number < low) or (high is not None and number > high):
            return f"is {value}, out of what its component allows (from {low} to {high})"
    if kind == "boolean" and not isinstance(value, bool) and str(value).lower() not in ("true", "false", "0", "1"):
        return f"must be true or false, not '{value}'"
    allowed = declaration.get("enum")
    choices = [str(one.value) for one in allowed.elements()] if allowed is not None else []
    return f"cannot be '{value}'{nearest(str(value), choices)}" if choices and str(value) not in choices else None
