"""Command nodes."""

from __future__ import annotations

import os

from stepwell.jobs.checking import as_number, as_truth
from stepwell.jobs.distribution import launched
from stepwell.jobs.document import Node, local_path
from stepwell.jobs.environments import environment
from stepwell.jobs.expressions import Expression
from stepwell.jobs.findings import nearest
from stepwell.jobs.places import mapping
from stepwell.jobs.ports import Ports, Variable, ports
from stepwell.jobs.scope import FACTS, Member
from stepwell.jobs.shell import command_text
from stepwell.jobs.values import Literal
from stepwell_runner.graph.model import InputRef, OutputRef, Resources, Sampled, Source, Step, Text, Token

_UNITS = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def command_step(member: Member, default_datastore: str | None, target: str) -> Step:
    """The step of a command node."""
    definition = member.definition
    assert definition is not None
    found = ports(member, default_datastore)
    node = definition.node
    text = node.text("command") or ""
    if not text.strip():
        member.pipe.context.findings.error(f"node '{member.name}' has no `command`", node.where)
    command = command_text(text, lambda one: meaning(one, found), lambda one: missing(one, member, found, node.get("command") or node))
    source = source_of(node, member)
    distribution, resources = (member.node.get(key) or node.get(key) for key in ("distribution", "resources"))
    words, own = launched(command, distribution, resources)
    spec = environment(_said(member, "environment"), roots_of(source), text, member.node, member.pipe.context, target)
    return Step(
        key=member.key,
        name=member.key,
        kind="command",
        command=words,
        source=source,
        inputs=found.inputs,
        outputs=found.outputs,
        variables=(*found.variables, *own, *author_variables(member, found)),
        environment=spec,
        target=target,
        resources=resources_of(resources),
        allow_reuse=is_reusable(member),
        timeout_s=timeout_of(member),
    )


def _said(member: Member, key: str) -> Node | None:
    assert member.definition is not None
    return member.node.get(key) or member.definition.node.get(key)


def meaning(expression: Expression, found: Ports) -> Token | None:
    """What an expression in a command stands for; None for nothing."""
    match expression.parts:
        case ("inputs", *names) if names:
            name = ".".join(names)
            bound = found.bound.get(name)
            return bound.token if isinstance(bound, Literal) else InputRef(name) if bound is not None else None
        case ("outputs", name) if any(one.name == name for one in found.outputs):
            return OutputRef(name)
        case ("search_space", name) if name in found.searched:
            return Sampled(name)
        case (fact,) if fact in FACTS:
            return FACTS[fact]
    return None


def missing(expression: Expression, member: Member, found: Ports, node: Node) -> Token:
    """The text that stays for an expression that means nothing, and the finding for it."""
    definition, findings = member.definition, member.pipe.context.findings
    assert definition is not None
    match expression.parts:
        case ("inputs", *names) if ".".join(names) in (*definition.names("inputs"),):
            if member.pipe.context.findings.mistakes:
                return Text("")  # why it has no value has been said already
            findings.strict(f"the input '{'.'.join(names)}' of node '{member.name}' has no value; put it into $[[ ]]", node.where)
            return Text("")
        case ("inputs", *names):
            findings.strict(f"node '{member.name}' has no input '{'.'.join(names)}'{nearest('.'.join(names), found.bound)}", node.where)
        case ("outputs", *names):
            findings.strict(
                f"node '{member.name}' has no output '{'.'.join(names)}'{nearest('.'.join(names), [one.name for one in found.outputs])}",
                node.where,
            )
        case _:
            findings.strict(
                f"{expression.text} means nothing in a command; it knows ${{{{inputs.NAME}}}} and ${{{{outputs.NAME}}}}", node.where
            )
    return Text(expression.text)


def source_of(node: Node, member: Member) -> Source | None:
    """The folder of code of a node, with what is to lie beside it."""
    extra = _includes(node, member)
    code = node.get("code")
    if code is None or isinstance(code.value, dict | list):  # which the check has told
        return Source(path=os.path.dirname(extra[0]), only=(os.path.basename(extra[0]),), extra=extra[1:]) if extra else None
    context, text = member.pipe.context, str(code.value)
    findings, mapped = context.findings, context.project.place(text)
    if mapped is None and ("://" in text.removeprefix("file://") or text.startswith(("git+", "azureml:"))):
        findings.error(f"code from '{text}' cannot be had here", f"{code.where}; {mapping(text, context)}")
        return None
    path = mapped or local_path(text, code)
    if os.path.isfile(path):
        return Source(path=os.path.dirname(path), only=(os.path.basename(path),), extra=extra)
    if not os.path.isdir(path):
        above = os.path.dirname(path)
        names = sorted(os.listdir(above)) if os.path.isdir(above) else []
        findings.error(f"there is no code folder {path}{nearest(os.path.basename(path), names) if names else ''}", code.where)
        return None
    return Source(path=path, extra=extra)


def roots_of(source: Source | None) -> tuple[str, ...]:
    """The folders whose modules the step may import."""
    return (source.path, *source.extra) if source is not None else ()


def _includes(node: Node, member: Member) -> tuple[str, ...]:
    """`additional_includes`; the zip of a folder may be named where there is none."""
    found = node.get("additional_includes")
    paths = [] if found is None else [(local_path(str(one.value), one), one) for one in found.elements()]
    for path, one in paths:
        if not os.path.exists(path) and not (path.endswith(".zip") and os.path.isdir(path.removesuffix(".zip"))):
            member.pipe.context.findings.error(f"there is no file or folder {path}", one.where)
    return tuple(path for path, _ in paths)


def author_variables(member: Member, found: Ports) -> list[Variable]:
    """`environment_variables` of a node and its component."""
    assert member.definition is not None
    nodes = [one.get("environment_variables") for one in (member.definition.node, member.node)]
    values = {name: node for one in nodes if one is not None for name, node in one.items() if node.value is not None}
    return [(name, command_text(str(node.value), lambda one: meaning(one, found), lambda one: Text(one.text)))
            for name, node in values.items()]  # fmt: skip


def is_reusable(member: Member) -> bool:
    """Whether an earlier result may stand for the node's."""
    assert member.definition is not None
    said = member.definition.node.get("is_deterministic")
    return said is None or as_truth(said.value)


def timeout_of(member: Member) -> float | None:
    """Seconds that a node may take."""
    assert member.definition is not None
    limits = member.node.get("limits") or member.definition.node.get("limits")
    seconds = as_number(limits.text("timeout")) if limits is not None else None
    return seconds if seconds is not None and seconds > 0 else None


def resources_of(node: Node | None) -> Resources:
    """What a node asks of the machine."""
    text = node.text("shm_size") if node is not None else None
    if text is None or not text[:-1].isdigit():
        return Resources()
    return Resources(shm=int(text[:-1]) * _UNITS.get(text[-1].lower(), 1)) if not text.isdigit() else Resources(shm=int(text))
