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

    plain = _Rewriter(folder, workspace, context).value(document, folder)
    write_atomic(os.path.join(folder, DOCUMENT), yaml.safe_dump(plain, sort_keys=False).encode(), durable=False)


class _Rewriter:
    """Copies the files that a document names beside it in a folder, and names them there."""

    def __init__(self, folder: str, workspace: Workspace, context: Context) -> None:
        self._folder = folder
        self._workspace = workspace
        self._context = context

    def value(self, node: Node, place: str) -> Any:
        """The value without places; files of what stands deeper in the document are copied to deeper places."""
        if isinstance(node.value, list):
            return [self.value(one, place) for one in node.value]
        if not isinstance(node.value, dict):
            return node.value
        return {key: self._entry(key, value, os.path.join(place, key)) for key, value in node.items()}

    def _entry(self, key: str, value: Node, place: str) -> Any:
        if _is_path(key, value):
            return self._copied(key, value, place)
        if key == "additional_includes" and isinstance(value.value, list):
            return [self._copied(f"{key}-{at}", one, f"{place}-{at}") for at, one in enumerate(value.value)]
        return self.value(value, place)

    def _copied(self, key: str, value: Node, place: str) -> str:
        path = local_path(str(value.value), value)
        relative = f"./{os.path.relpath(place, self._folder)}"
        if not os.path.exists(path):
            self._context.findings.error(f"there is no file or folder {path}", value.where)
        elif os.path.isdir(path):
            scanned = snapshots.store(snapshots.scan(path, self._workspace.cache), self._workspace.objects)
            snapshots.restore(scanned.digest, self._workspace.objects, place)
        elif key in ("component", "trial", "environment"):
            make_dir(place)
            _pack(self._context.document(path), place, self._workspace, self._context)
            return f"{'file:' if key == 'environment' else ''}{relative}/{DOCUMENT}"
        else:
            make_dir(place)
            copy_file(path, os.path.join(place, os.path.basename(path)))
            return f"{relative}/{os.path.basename(path)}"
        return relative


def _is_path(key: str, value: Node) -> bool:
    text = value.value
    if not isinstance(text, str) or "${{" in text or asset_name(text) is not None or "://" in text.removeprefix("file://"):
        return False
    return (
        key in ("code", "conda_file", "component", "trial")
        or (key == "environment" and text.startswith("file:"))
        or (key == "path" and os.path.exists(local_path(text, value)))
    )


def document_of(workspace: Workspace, asset: Asset, context: Context) -> Node:
    """The document of a registered component or environment, with its files where they can be read."""
    return context.document(os.path.join(snapshots.unpacked(str(asset.body["tree"]), workspace.objects, workspace.cache), DOCUMENT))
