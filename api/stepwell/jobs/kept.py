"""What is kept of a registered component or environment: its document, and the files that it names by relative path, as they are then.

The paths in the document are changed; folders of code, conda files and build contexts lie beside it. All of it is one snapshot.
"""

from __future__ import annotations

import os
from typing import Any

from stepwell.jobs.context import Context
from stepwell.jobs.document import Node, local_path
from stepwell.jobs.references import asset_name
from stepwell_store.content import snapshots
from stepwell_store.files import copy_file, make_dir, remove_tree, temporary_name, write_atomic
from stepwell_store.ledger.records import Asset
from stepwell_store.workspace import Workspace

DOCUMENT = "asset.yml"


def packed(workspace: Workspace, document: Node, context: Context) -> str:
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
            found[key] = _rewritten(value, place, workspace, context)
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


def document_of(workspace: Workspace, asset: Asset, context: Context) -> Node:
    """The document of a registered component or environment, with its files where they can be read."""
    return context.document(os.path.join(snapshots.unpacked(str(asset.body["tree"]), workspace.objects, workspace.cache), DOCUMENT))
