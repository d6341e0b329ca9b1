"""The files of a dataset that its operations leave, by the same rules as in a step."""

from __future__ import annotations

import msgspec

from stepwell_runner.step import travelling
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.data.resolve import Resolved
from stepwell_store.errors import UsageError


def chosen(data: DatasetDefinition, found: Resolved) -> Resolved:
    """What is left of a file dataset's files; all of a table's, whose rows are chosen where it is read."""
    if data.kind != "file" or not data.transforms:
        return found
    pairs = list(zip(found.names, found.files, strict=True))
    try:
        left = travelling("selection").files(pairs, [msgspec.to_builtins(one) for one in data.transforms])
    except ValueError as problem:
        raise UsageError(str(problem)) from None
    if len(left) == len(pairs):
        return found
    return Resolved(tuple(file for _, file in left), tuple(name for name, _ in left), None, False)
