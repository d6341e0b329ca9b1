"""Inputs whose folder says itself how it is read."""

from __future__ import annotations

import msgspec

from stepwell_runner.graph.model import FromData, Input
from stepwell_store.data.definition import DatasetDefinition


def input_of_description(one: Input, found: DatasetDefinition, *, as_table: bool) -> Input:
    """The input with what is described in place of the folder: a table to be read by the step, or the files that make it up."""
    if as_table and found.kind == "tabular":
        return msgspec.structs.replace(one, binding=FromData(found), mode="direct")
    files = msgspec.structs.replace(found, kind="file", format=None, options={}, transforms=())
    return msgspec.structs.replace(one, binding=FromData(files))
