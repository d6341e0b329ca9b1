"""Assets that people register from YAML files: components, data, environments and models.

A file is kept with all that it names by relative path, as it is at that moment: the document with its paths changed, and the
folders of code, conda files and build contexts beside it, as one snapshot. Data stays where it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from stepwell.jobs.checking import check
from stepwell.jobs.context import Context
from stepwell.jobs.definitions import kind_of
from stepwell.jobs.document import Node
from stepwell.jobs.findings import Findings
from stepwell.jobs.places import dataset, local_path
from stepwell.jobs.references import asset_name
from stepwell_store import models
from stepwell_store.content import snapshots
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import UsageError
from stepwell_store.files import copy_file, make_dir, remove_tree, temporary_name, write_atomic
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset
from stepwell_store.workspace import Workspace

KINDS = ("component", "data", "environment", "model")
DOCUMENT = "asset.yml"
_FOLDERS = ("code", "path")


def register(workspace: Workspace, kind: str, path: Path, changes: Mapping[str, str | None]) -> Asset:
    """Register what a file describes; `changes` are `name`, `version` and `description` that take the place of the file's own.

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
        findings.settle()
        if not document.text("name"):
            raise UsageError(f"the {kind} has no `name`", where=document.where, todo="Write one into the file, or say --name NAME.")
        return _MAKERS[kind](workspace, document, context)
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
        {"tree": _packed(workspace, document, context), "type": kind_of(document)},
        **_facts(document),
    )


def _environment(workspace: Workspace, document: Node, context: Context) -> Asset:
    return assets.register(
        workspace.database,
        "environment",
        _name(document),
        {**_v1_document(document), "tree": _packed(workspace, document, context)},
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


# --- keeping a document with what it names


def _packed(workspace: Workspace, document: Node, context: Context) -> str:
    """The digest of a snapshot of the document, as DOCUMENT, and of all that it names."""
    folder = temporary_name(str(workspace.cache))
    make_dir(folder)
    try:
        _pack(document, folder, workspace, context)
        context.findings.settle()
        return snapshots.store(snapshots.scan(folder, workspace.cache), workspace.objects).digest
    finally:
        remove_tree(folder)


def _pack(document: Node, folder: str, workspace: Workspace, context: Context) -> None:
    import yaml

    plain = _rewritten(document, folder, workspace, context)
    write_atomic(os.path.join(folder, DOCUMENT), yaml.safe_dump(plain, sort_keys=False).encode(), durable=False)


def _rewritten(node: Node, folder: str, workspace: Workspace, context: Context) -> Any:
    """The value without places, with the files that it names copied into the folder and named there."""
    if isinstance(node.value, list):
        return [_rewritten(one, folder, workspace, context) for one in node.value]
    if not isinstance(node.value, dict):
        return node.value
    found: dict[str, Any] = {}
    for key, value in node.items():
        place = os.path.join(folder, key)
        if _is_path(key, value):
            found[key] = _copied(key, value, place, workspace, context)
        elif key == "additional_includes" and isinstance(value.value, list):
            found[key] = [_copied(f"{key}-{at}", one, f"{place}-{at}", workspace, context) for at, one in enumerate(value.value)]
        else:
            inner = _rewritten(value, place, workspace, context)
            found[key] = inner
    return found


def _is_path(key: str, value: Node) -> bool:
    text = value.value
    if not isinstance(text, str) or "${{" in text or asset_name(text) is not None or "://" in text.removeprefix("file://"):
        return False
    return (
        key in ("code", "conda_file", "component", "trial")
        or (key == "environment" and text.startswith("file:"))
        or (key == "path" and os.path.exists(local_path(text, value)))
    )


def _copied(key: str, value: Node, place: str, workspace: Workspace, context: Context) -> str:
    path = local_path(str(value.value), value)
    relative = f"./{os.path.basename(place)}"
    if not os.path.exists(path):
        context.findings.error(f"there is no file or folder {path}", value.where)
    elif os.path.isdir(path):
        scanned = snapshots.store(snapshots.scan(path, workspace.cache), workspace.objects)
        snapshots.restore(scanned.digest, workspace.objects, place)
    elif key in ("component", "trial", "environment"):
        make_dir(place)
        _pack(context.document(path), place, workspace, context)
        return f"{'file:' if key == 'environment' else ''}{relative}/{DOCUMENT}"
    else:
        make_dir(place)
        copy_file(path, os.path.join(place, os.path.basename(path)))
        return f"{relative}/{os.path.basename(path)}"
    return relative


# --- finding


def document_of(workspace: Workspace, asset: Asset, context: Context) -> Node:
    """The document of a registered component or environment, with its files where they can be read."""
    return context.document(os.path.join(folder_of(workspace, str(asset.body["tree"])), DOCUMENT))


def folder_of(workspace: Workspace, tree: str) -> str:
    """The files of a snapshot, put into the cache once."""
    folder = str(workspace.cache / "assets" / tree.rpartition(":")[2])
    if not os.path.isdir(folder):
        aside = temporary_name(os.path.dirname(folder))
        make_dir(os.path.dirname(folder))
        snapshots.restore(tree, workspace.objects, aside)
        try:
            os.rename(aside, folder)
        except OSError:
            remove_tree(aside)
            if not os.path.isdir(folder):  # else somebody else was quicker
                raise
    return folder
