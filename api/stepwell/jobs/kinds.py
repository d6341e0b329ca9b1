"""What kind of job a file describes, and words for files that describe none."""

from __future__ import annotations

import os
import re

from stepwell.jobs.document import Node
from stepwell.jobs.words import CLOUD_NODES
from stepwell_store.errors import UsageError

PIPELINE = "pipeline"
SINGLE = ("command", "sweep", "spark", *CLOUD_NODES)
"""Jobs of one step."""

_SCHEMA = re.compile(r"(\w+?)(job|component)?(?:\.schema)?\.json\Z", re.IGNORECASE)
_BY_KEY = {"command": "command", "trial": "sweep", "entry": "spark"}
_OF_COMPONENTS = ("version", "is_deterministic")


def job_kind(document: Node, path: str) -> str:
    """The kind of the job, by its type, its schema or what it holds. UsageError for a file that describes none."""
    file = os.path.basename(path)
    if not isinstance(document.value, dict):
        raise UsageError("a pipeline file is a mapping that begins with `type: pipeline`", where=document.where)
    named, what = _schema(document)
    kind = document.text("type")
    if document.has("endpoint_name") or "deployment" in named:
        raise UsageError(
            f"{file} deploys a pipeline to a batch endpoint of Azure; it is no pipeline job",
            where=document.where,
            todo="Run the file of the pipeline itself; `stepwell publish` gives it an address.",
        )
    found = (kind or (named if what == "job" else "") or _by_key(document)).lower()
    if what == "component" or (found in SINGLE and what != "job" and any(document.has(key) for key in _OF_COMPONENTS)):
        raise UsageError(
            f"{file} describes a component, which is a part of pipelines",
            where=document.where,
            todo=f"Run a pipeline with a node that says `component: ./{file}`.",
        )
    if "pipeline" in found and kind is not None:
        return PIPELINE
    if found == PIPELINE or document.has("jobs"):
        raise UsageError("the file does not say that it is a pipeline", where=document.where, todo="Write `type: pipeline` into it.")
    if found not in SINGLE:
        raise UsageError(
            f"{file} is no job but {found or named or 'something else'}",
            where=document.where,
            todo="Stepwell runs files with `type: pipeline`, and jobs of type command, sweep or spark.",
        )
    return found


def _schema(document: Node) -> tuple[str, str]:
    """What the schema's name says: of what, and whether of a `job`, a `component` or neither."""
    match = _SCHEMA.search((document.text("$schema") or "").lower())
    return (match[1], match[2] or "") if match is not None else ("", "")


def _by_key(document: Node) -> str:
    return next((kind for key, kind in _BY_KEY.items() if document.has(key)), "")
