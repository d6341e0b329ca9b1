"""Assets by name: those that were registered in the workspace, and files beside the pipeline that could be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from stepwell.jobs.document import Node
from stepwell.jobs.findings import nearest
from stepwell.jobs.kept import document_of
from stepwell.jobs.references import AssetName
from stepwell_runner.graph.model import EnvironmentSpec
from stepwell_store.content.snapshots import unpacked
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import UsageError
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset
from stepwell_store.models import single

if TYPE_CHECKING:
    from stepwell.jobs.context import Context
    from stepwell_store.workspace import Workspace

_LOOKED_AT = 200
_VERB = {"environment": "env"}


def find_component(name: AssetName, node: Node, context: Context) -> Node | None:
    """The document of a registered component."""
    found = find("component", name, context)
    if found is None or context.workspace is None:
        _missing("component", name, node, context)
        return None
    return document_of(context.workspace, found, context)


def find_environment(name: AssetName, context: Context) -> Node | EnvironmentSpec | None:
    """A registered environment: its document, or what an environment of v1 compiles to; None, without a finding, when there is none."""
    found = find("environment", name, context)
    if found is None or context.workspace is None:
        return None
    if "tree" in found.body:
        return document_of(context.workspace, found, context)
    from stepwell.sdk.environment_files import from_document

    return from_document({**found.body, "name": found.name}, context.base).compiled()


def find_data(name: AssetName, node: Node, context: Context) -> DatasetDefinition | None:
    """The data behind the name of a registered data asset, model or dataset."""
    workspace = context.workspace
    if workspace is not None:
        found = find("data", name, context)
        if found is not None:
            return msgspec.convert(found.body["definition"], DatasetDefinition)
        model = find("model", name, context)
        if model is not None:
            folder = unpacked(str(model.body["tree"]), workspace.objects, workspace.cache)
            return DatasetDefinition(kind="file", places=(LocalPath(folder if model.body.get("is_folder") else single(folder)),))
        dataset = _dataset(name, workspace)
        if dataset is not None:
            return dataset
    _missing("data", name, node, context)
    return None


def _dataset(name: AssetName, workspace: Workspace) -> DatasetDefinition | None:
    try:
        return workspace.dataset(name.name, int(name.version) if name.version and name.version.isdecimal() else None)
    except UsageError:
        return None


def find(kind: str, name: AssetName, context: Context) -> Asset | None:
    """The version of an asset that a name means: the one named, else the newest, which every label of `latest` and `default` means too."""
    if context.workspace is None:
        return None
    known = assets.listed(context.workspace.database, kind, name.name)
    for one in known:
        versions = (one.version, one.body.get("stated_version"))
        if name.version in versions or (name.version is None and name.label in (None, "latest", "default")):
            return one
        if name.label is not None and name.label in one.properties.get("mlflow.aliases", "").split(","):
            return one
    return None


def find_job_output(job: tuple[str, str, str], node: Node, context: Context) -> DatasetDefinition | None:
    """The data that an earlier run left: an output that its pipeline or one of its steps presents, or the artifacts of a step."""
    from stepwell.jobs.earlier import earlier_output

    found = earlier_output(job, context) if context.workspace is not None else f"there is no run {job[0]}"
    if isinstance(found, str):
        context.findings.error(found, node.where)
        return None
    return DatasetDefinition(kind="file", places=(found,))


def _missing(kind: str, name: AssetName, node: Node, context: Context) -> None:
    """Say that there is none, and offer the files nearby that define one of this name."""
    if name.registry is not None:
        todo = f"`stepwell {_VERB.get(kind, kind)} register FILE.yml` of a copy of it makes it known here"
        context.findings.error(
            f"the {kind} '{name.shown}' is in the registry '{name.registry}', which is in the cloud", f"{node.where}; {todo}"
        )
        return
    found = siblings(kind, context.base)
    here = [path for path, known in found.items() if known == name.name]
    if here:
        todo = f"`stepwell {_VERB.get(kind, kind)} register {here[0]}` makes it known"
    else:
        todo = f"`stepwell {_VERB.get(kind, kind)} register FILE.yml` makes one known{nearest(name.name, found.values())}"
    context.findings.error(f"there is no {kind} '{name.shown}'", f"{node.where}; {todo}")


def siblings(kind: str, folder: str) -> dict[str, str]:
    """Files in a folder, the one above it and the ones below it that say that they define an asset of this kind: path → name."""
    found: dict[str, str] = {}
    places = [folder, os.path.dirname(folder)]
    places += sorted(entry.path for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))
    for place in places:
        for name in sorted(os.listdir(place))[:_LOOKED_AT]:
            if name.endswith((".yml", ".yaml")) and (told := _name_in(os.path.join(place, name), kind)):
                found[os.path.join(place, name)] = told
    return found


def _name_in(path: str, kind: str) -> str | None:
    """The name of the asset that a file defines, read without parsing all of it."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            head = file.read(1 << 14)
    except OSError:
        return None
    lines = [line for line in head.splitlines() if line[:1] not in (" ", "#", "-")]
    schema = next((line for line in lines if line.startswith("$schema:")), "").lower()
    if f"{kind}.schema" not in schema and not (kind == "component" and "component.schema" in schema):
        return None
    name = next((line.partition(":")[2] for line in lines if line.startswith("name:")), "")
    return name.partition(" #")[0].strip().strip("'\"") or None
