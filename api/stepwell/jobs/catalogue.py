"""Assets by name: those that were registered in the workspace, and files beside the pipeline that could be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stepwell.jobs.document import Node
from stepwell.jobs.findings import nearest
from stepwell.jobs.references import AssetName
from stepwell_store.data.definition import DatasetDefinition

if TYPE_CHECKING:
    from stepwell.jobs.context import Context

_LOOKED_AT = 200


def find_component(name: AssetName, node: Node, context: Context) -> Node | None:
    """The document of a registered component."""
    _missing("component", name, node, context)
    return None


def find_data(name: AssetName, node: Node, context: Context) -> DatasetDefinition | None:
    """The data behind the name of a registered data asset or model."""
    _missing("data", name, node, context)
    return None


def find_job_output(job: tuple[str, str, str], node: Node, context: Context) -> DatasetDefinition | None:
    """The data that an earlier run left."""
    context.findings.error(f"there is no run {job[0]}", node.where)
    return None


def _missing(kind: str, name: AssetName, node: Node, context: Context) -> None:
    """Say that there is none, and offer the files nearby that define one of this name."""
    if name.registry is not None:
        todo = f"`stepwell {kind} register FILE.yml` of a copy of it makes it known here"
        context.findings.error(
            f"the {kind} '{name.shown}' is in the registry '{name.registry}', which is in the cloud", f"{node.where}; {todo}"
        )
        return
    found = siblings(kind, context.base)
    here = [path for path, known in found.items() if known == name.name]
    if here:
        todo = f"`stepwell {kind} register {here[0]}` makes it known"
    else:
        todo = f"`stepwell {kind} register FILE.yml` makes one known{nearest(name.name, found.values())}"
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
