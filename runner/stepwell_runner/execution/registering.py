"""Registers what a step left as datasets, where its author asked for that."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepwell_runner.graph.model import Step
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.ledger.records import OutputRecord
from stepwell_store.workspace import Workspace


def register_outputs(workspace: Workspace, step: Step, outputs: Sequence[OutputRecord]) -> None:
    """Make each output that asks for it a new version of a dataset, whose place is where the output lies."""
    wanted = {output.name: output.register for output in step.outputs if output.register is not None}
    for record in outputs:
        registration = wanted.get(record.name)
        if registration is not None:
            definition = definition_of(record, registration.definition)
            workspace.register_dataset(registration.name, definition, description=registration.description, tags=registration.tags,
                                       create_new_version=True)


def definition_of(record: OutputRecord, reading: DatasetDefinition | None) -> DatasetDefinition:
    """How the output's files are read as a dataset: as its author said, else as files.

    An option `path_glob` names the files of a folder that count; it becomes part of the place.
    """
    reading = reading or DatasetDefinition(kind="file", places=(), must_exist=False)
    options = dict(reading.options)
    below = options.pop("path_glob", None)
    path = f"{record.path}/{below.lstrip('/')}" if below and record.kind == "folder" else record.path
    return msgspec.structs.replace(reading, places=(DatastorePath(record.datastore, path),), options=options)
