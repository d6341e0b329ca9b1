"""Inputs and outputs of a step, from what a node binds and its component declares."""

from __future__ import annotations

import os

import msgspec

from stepwell.jobs.document import Node
from stepwell.jobs.expressions import pieces
from stepwell.jobs.references import datastore_path
from stepwell.jobs.scope import ARTIFACTS, Member, Pipe
from stepwell.jobs.values import Bound, Data, Literal, graph_mode
from stepwell_runner.execution.describing import input_of_description
from stepwell_runner.graph.model import FromData, Input, InputRef, Output, OutputRef, Registration, Text, Token
from stepwell_store.data.definition import LocalPath
from stepwell_store.data.mltable import described
from stepwell_store.errors import UsageError

Variable = tuple[str, Token]

_FILLED = {"name": "{run-id}", "output_name": "{output-name}"}
_DEFAULT_STORE = "${{default_datastore}}"


class Ports(msgspec.Struct, frozen=True):
    """Inputs and outputs as the graph holds them, the values of all inputs by name, and the variables that tell a step of both.

    `searched` are the names of a sweep's search space.
    """

    bound: dict[str, Bound]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    variables: tuple[Variable, ...]
    searched: tuple[str, ...] = ()


def ports(member: Member, default_datastore: str | None, tables: tuple[str, ...] = ()) -> Ports:
    """The ports of a node. Those of its inputs that are `tables` are handed over as tables, where they describe any."""
    bound = member.inputs
    inputs = tuple(_input(name, value, member, name in tables) for name, value in bound.items() if isinstance(value, Data))
    outputs = tuple(_outputs(member, default_datastore))
    return Ports(bound, inputs, outputs, (*_of_inputs(bound), *_of_outputs(outputs)), member.searched)


def _input(name: str, value: Data, member: Member, as_table: bool) -> Input:
    declaration = member.definition.input(name) if member.definition is not None else None
    mode = value.mode or (declaration.text("mode") if declaration is not None else None)
    kind = value.type or (declaration.text("type") if declaration is not None else None)
    evaluated = str(mode).lower().startswith("eval_")
    if evaluated or (as_table and kind == "mltable"):
        return _described(
            Input(name=name, binding=value.binding, mode=graph_mode(mode), described="files" if evaluated else "table"), value, member
        )
    return Input(name=name, binding=value.binding, mode=graph_mode(mode), below=value.below)


def _described(made: Input, value: Data, member: Member) -> Input:
    """The input with what its MLTable describes, where that can be looked at already."""
    places = made.binding.data.places if isinstance(made.binding, FromData) else ()
    if len(places) != 1 or not isinstance(places[0], LocalPath) or not os.path.isdir(places[0].path):
        return made
    try:
        found = described(places[0].path)
    except UsageError as error:
        member.pipe.context.findings.error(error.what, error.where or value.node.where)
        return made
    if found is None:
        member.pipe.context.findings.strict(f"the folder {places[0].path} holds no file MLTable", value.node.where)
        return msgspec.structs.replace(made, described=None)
    return input_of_description(msgspec.structs.replace(made, described=None), found, as_table=made.described == "table")


def _of_inputs(bound: dict[str, Bound]) -> list[Variable]:
    found: list[Variable] = []
    for name, value in bound.items():
        if isinstance(value, Literal):
            found.append((f"AZUREML_PARAMETER_{name}", value.token))
        else:
            found += [(f"AZURE_ML_INPUT_{name}", InputRef(name)), (f"AZUREML_DATAREFERENCE_{name}", InputRef(name))]
    return found


def _of_outputs(outputs: tuple[Output, ...]) -> list[Variable]:
    return [(f"{prefix}{one.name}", OutputRef(one.name)) for one in outputs for prefix in ("AZURE_ML_OUTPUT_", "AZUREML_DATAREFERENCE_")]


def _outputs(member: Member, default_datastore: str | None) -> list[Output]:
    names = member.output_names()
    if member.name in member.pipe.wanted_artifacts and ARTIFACTS not in names:
        names.append(ARTIFACTS)
    _check_outputs(member)
    return [_output(name, member, default_datastore) for name in names]


def _check_outputs(member: Member) -> None:
    definition, given = member.definition, member.node.get("outputs")
    if definition is None or definition.inline or given is None:
        return
    from stepwell.jobs.findings import nearest

    for name, _ in given.items():  # noqa: PERF102  a Node, not a dict
        if name not in definition.names("outputs") and name != ARTIFACTS:
            member.pipe.context.findings.ignored(
                f"the component of node '{member.name}' has no output '{name}'{nearest(name, definition.names('outputs'))}",
                given.key(name).where,
            )


def _output(name: str, member: Member, default_datastore: str | None) -> Output:
    said = member.pipe.placed(member.output_node(name))
    declared = member.definition.output(name) if member.definition is not None else None
    own = member.output_node(name)
    kind = _first("type", [one for one in (own, declared, *said) if one is not None]) or "uri_folder"
    mode = _first("mode", [*said, *([declared] if declared is not None else [])])
    datastore, path = _place(said, member.pipe)
    return Output(
        name=name,
        kind="any" if kind.lower() == "uri_file" else "folder",
        mode="upload" if mode == "upload" else "mount",
        datastore=datastore or default_datastore,
        path=path,
        overwrite=path is not None,
        register=_registration(said),
        artifacts=name == ARTIFACTS and declared is None,
    )


def _first(key: str, nodes: list[Node]) -> str | None:
    return next((text for node in nodes if (text := node.text(key)) is not None), None)


def _registration(said: list[Node]) -> Registration | None:
    name = _first("name", said)
    return None if name is None else Registration(name=name, description=_first("description", said))


def _place(said: list[Node], pipe: Pipe) -> tuple[str | None, str | None]:
    """Datastore and path of an output that has a place of its own."""
    for one in said:
        path = one.get("path")
        if path is None or "parent.outputs" in str(path.value):
            continue
        found = datastore_path(str(path.value))
        if found is None:
            pipe.context.findings.strict(
                f"the path of an output must be on a datastore, as azureml://datastores/NAME/paths/PATH, not '{path.value}'", path.where
            )
            return None, None
        store, rest = found
        filled = _filled(rest, path, pipe)
        return (None if store == _DEFAULT_STORE else store), filled.strip("/") or None
    return None, None


def _filled(text: str, node: Node, pipe: Pipe) -> str:
    """The path with the words of the graph for what is new in every run."""
    parts: list[str] = []
    for piece in pieces(text):
        if isinstance(piece, str):
            parts.append(piece)
        elif len(piece.parts) == 1 and piece.parts[0] in _FILLED:
            parts.append(_FILLED[piece.parts[0]])
        else:
            value = pipe.resolve(piece, node)
            if isinstance(value, Literal) and isinstance(value.token, Text):
                parts.append(value.token.text)
            else:
                pipe.context.findings.error(f"{piece.text} cannot stand in the path of an output", node.where)
    return "".join(parts)
