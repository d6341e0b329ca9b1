"""Jobs of one step as pipelines of one node: what is said of the job is said of the node."""

from __future__ import annotations

import msgspec

from stepwell.jobs.document import Node
from stepwell.jobs.kinds import PIPELINE

_OF_THE_PIPELINE = ("$schema", "name", "display_name", "description", "experiment_name", "tags", "properties")
_PORTS = ("inputs", "outputs")


def typed(document: Node, kind: str) -> Node:
    """The job with its type, which Azure lets authors leave out."""
    return document if document.get("type") is not None else document.replaced("type", _text(kind, document))


def as_pipeline(document: Node, name: str) -> Node:
    """The job as a pipeline with one node of that name, whose inputs and outputs are bound to the pipeline's."""
    said = dict(document.items())
    ports = {key: _bound(key, said[key]) for key in _PORTS if key in said and isinstance(said[key].value, dict)}
    own = {key: node for key, node in said.items() if key not in (*_OF_THE_PIPELINE, *_PORTS)}
    node = msgspec.structs.replace(document, value={**own, **ports})
    jobs = msgspec.structs.replace(document, value={name: node}, keys={name: document})
    kept = {key: node for key, node in said.items() if key in (*_OF_THE_PIPELINE, *_PORTS)}
    return msgspec.structs.replace(document, value={**kept, "type": _text(PIPELINE, document), "jobs": jobs})


def _bound(ports: str, given: Node) -> Node:
    found = {name: _text(f"${{{{parent.{ports}.{name}}}}}", given.key(name)) for name, _ in given.items()}
    return msgspec.structs.replace(given, value=found)


def _text(text: str, place: Node) -> Node:
    return Node(text, place.file, place.line, place.column)
