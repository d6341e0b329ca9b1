"""Values of parameters as people type them with `-p`, for the pipeline of a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from stepwell.cli.common import parameters
from stepwell_runner.graph.model import Graph
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError

Given = dict[str, str | DatasetDefinition]

_AS_THEY_ARE = ("http://", "https://", "azureml://datastores/")


def given(words: Sequence[str], graph: Graph, file: Path, root: Path | None) -> Given:
    """`NAME=VALUE` words by name. Data is a path from the current folder, or an address or name as YAML has them.

    UsageError for words of another form, and for data that is not there.
    """
    data = {one.name for one in graph.parameters if one.type == "data"}
    return {name: _data(name, text, file, root) if name in data else text for name, text in parameters(list(words)).items()}


def _data(name: str, text: str, file: Path, root: Path | None) -> str | DatasetDefinition:
    if text.startswith(_AS_THEY_ARE):
        return text
    if "://" in text or text.startswith(("azureml:", "runs:/")):
        return _named(name, text, file, root)
    path = os.path.abspath(os.path.expanduser(text))
    if not os.path.exists(path):
        raise UsageError(f"there is no file or folder {path}", where=f"-p {name}={text}")
    return path


def _named(name: str, text: str, file: Path, root: Path | None) -> DatasetDefinition:
    from stepwell.jobs.context import Context
    from stepwell.jobs.document import Node
    from stepwell.jobs.findings import Findings
    from stepwell.jobs.places import dataset

    context = Context(str(file), Findings(), root)
    try:
        found = dataset(text, Node(text, f"-p {name}={text}"), context)
        context.findings.settle()
    finally:
        context.close()
    assert found is not None, "what there is none of is a finding"
    return found
