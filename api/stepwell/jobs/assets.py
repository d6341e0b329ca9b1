"""Assets that people register from YAML files: components, data, environments and models.

`kept` says what is kept of a file. Data stays where it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from stepwell.jobs.checking import check
from stepwell.jobs.context import Context
from stepwell.jobs.definitions import kind_of
from stepwell.jobs.document import Node, local_path
from stepwell.jobs.findings import Findings
from stepwell.jobs.kept import packed
from stepwell.jobs.places import dataset
from stepwell_store import models
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import UsageError
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset
from stepwell_store.workspace import Workspace

KINDS = ("component", "data", "environment", "model")


def register(
    workspace: Workspace, kind: str, path: Path, changes: Mapping[str, str | None], tell: Callable[[str], None] = lambda _: None
) -> Asset:
    """Register what a file describes; `changes` are `name`, `version` and `description` that take the place of the file's own.

    `tell` is called with each sentence that a person should know about the file.
    UsageError with line and column for what is wrong with the file, and for a version that is there already.
    """
    findings = Findings()
    context = Context(str(path.absolute()), findings, workspace.root)
    try:
        document = context.document(context.file)
        for name, value in changes.items():
            if value is not None:
                document = document.replaced(name, Node(value, document.file))
        check(document, kind, findings)
        if not document.text("name"):
            findings.error(f"the {kind} has no `name`", f"{document.where}; write one into the file, or say --name NAME")
        findings.settle()
        made = _MAKERS[kind](workspace, document, context)
        for notice in findings.notices:
            tell(f"{notice.what} ({notice.where})")
        return made
    finally:
        context.close()


def _facts(document: Node) -> dict[str, Any]:
    tags = {name: str(node.value) for name, node in document.below("tags").items()}
    return {"version": document.text("version"), "description": document.text("description"), "tags": tags}


def _name(document: Node) -> str:
    return document.text("name") or ""


def _component(workspace: Workspace, document: Node, context: Context) -> Asset:
    return assets.register(
        workspace.database,
        "component",
        _name(document),
        {"tree": packed(workspace, document, context), "type": kind_of(document)},
        **_facts(document),
    )


def _environment(workspace: Workspace, document: Node, context: Context) -> Asset:
    return assets.register(
        workspace.database,
        "environment",
        _name(document),
        {**_v1_document(document), "tree": packed(workspace, document, context)},
        **_facts(document),
    )


def _v1_document(document: Node) -> dict[str, Any]:
    """The environment as v1 keeps it, so that drivers find it by its name too."""
    from stepwell.sdk import environment_files
    from stepwell.sdk.conda import CondaDependencies
    from stepwell.sdk.environment import Environment

    made = Environment(_name(document))
    made.docker.base_image = document.text("image")
    conda = document.get("conda_file")
    if conda is not None and not isinstance(conda.value, dict):
        made.python.conda_dependencies = CondaDependencies(local_path(str(conda.value), conda))
    return environment_files.to_document(made, name=False)


def _data(workspace: Workspace, document: Node, context: Context) -> Asset:
    definition = _definition(document, context)
    return assets.register(
        workspace.database,
        "data",
        _name(document),
        {"type": document.text("type") or "uri_folder", "definition": msgspec.to_builtins(definition)},
        **_facts(document),
    )


def _model(workspace: Workspace, document: Node, context: Context) -> Asset:
    definition = _definition(document, context)
    place = definition.places[0]
    if not isinstance(place, LocalPath):
        raise UsageError("a model is registered from files of this machine", where=document.where, todo="Download it first.")
    top = f"{os.path.basename(place.path)}/"
    files = [(name.removeprefix(top), path) for name, path in models.files_of(place.path)]
    facts = _facts(document)
    version = facts.pop("version")
    return models.register(
        workspace,
        _name(document),
        files,
        {"type": document.text("type") or "custom_model", "stated_version": version, "is_folder": os.path.isdir(place.path)},
        **facts,
    )


def _definition(document: Node, context: Context) -> DatasetDefinition:
    path = document.get("path")
    found = dataset(str(path.value), path, context, document.text("type")) if path is not None else None
    context.findings.settle()
    assert found is not None
    return found


_MAKERS = {"component": _component, "data": _data, "environment": _environment, "model": _model}
