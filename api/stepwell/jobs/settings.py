"""`--set a.b=value`: changes of a document before it is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepwell.jobs.document import Node, parse
from stepwell.jobs.findings import Findings
from stepwell_store.errors import UsageError


def edited(document: Node, edits: Sequence[str]) -> Node:
    """The document with each `a.b=value` set; the value is read as YAML, and paths in it are relative to the document."""
    for edit in edits:
        path, equals, text = edit.partition("=")
        parts = path.strip().split(".")
        if not equals or not all(parts):
            raise UsageError(f"--set takes NAME.NAME=VALUE, not '{edit}'", todo="Example: --set settings.force_rerun=true")
        document = _set(document, parts, _value(text, document), edit)
    return document


def _value(text: str, document: Node) -> Node:
    if not text.strip():
        return Node(text, document.file)
    node = parse(text.encode(), document.file, Findings())
    return _placeless(node)


def _placeless(node: Node) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _placeless(one) for key, one in value.items()}
    elif isinstance(value, list):
        value = [_placeless(one) for one in value]
    return msgspec.structs.replace(node, value=value, line=0, column=0, keys={})


def _set(node: Node, parts: list[str], value: Node, edit: str) -> Node:
    name, rest = parts[0], parts[1:]
    if node.value is not None and not isinstance(node.value, dict):
        raise UsageError(
            f"--set {edit} goes below what is '{node.value}'", where=node.where, todo="A reference or text has nothing below it."
        )
    if not rest:
        return node.replaced(name, value)
    below = node.value.get(name) if isinstance(node.value, dict) else None
    return node.replaced(name, _set(below or Node({}, node.file), rest, value, f"{name}... ({edit})" if not below else edit))
