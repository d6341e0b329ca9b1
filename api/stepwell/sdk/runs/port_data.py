"""What a step left under one name, as a place on its datastore that can be downloaded or read by other pipelines."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from stepwell.sdk.inputs import CanBeInput
from stepwell.sdk.ports import InputPortBinding
from stepwell_store.data.definition import DatasetDefinition, DatastorePath

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.runs.step_run import StepRun


class PortDataReference(CanBeInput):
    """A file or folder that a step left: `path_on_datastore` of `datastore`. As an input of a step it is that data."""

    __slots__ = ("datastore", "name", "path_on_datastore")

    def __init__(self, name: str, datastore: Datastore, path_on_datastore: str) -> None:
        self.name = name
        self.datastore = datastore
        self.path_on_datastore = path_on_datastore

    @property
    def _path_on_datastore(self) -> str:
        # Not ours to hide: v1's own notebooks read it.
        return self.path_on_datastore

    @property
    def datastore_name(self) -> str:
        """The name of its datastore."""
        return self.datastore.name

    @property
    def data_reference_name(self) -> str:
        """The same as `name`."""
        return self.name

    def download(self, local_path: str | os.PathLike[str], overwrite: bool | None = None, show_progress: bool | None = None) -> int:
        """Copy it below a local folder, where `path_on_datastore` is repeated; how many files were copied.

        Files that are there stay as they are unless `overwrite`.
        """
        return self.datastore.download(self._folder(os.fspath(local_path)), self.path_on_datastore, bool(overwrite), bool(show_progress))

    def _folder(self, local_path: str) -> str:
        """What to download into: a file share drops the path that it is asked for, a blob store keeps it."""
        store = self.datastore.open()
        if store.kind == "blob":
            return local_path
        is_file = [entry.path for entry in store.ls(self.path_on_datastore)] == [self.path_on_datastore]
        return os.path.join(local_path, posixpath.dirname(self.path_on_datastore) if is_file else self.path_on_datastore)

    def input_port(self) -> InputPortBinding:
        """What listing it in `inputs` means."""
        return self.as_input()

    def input_source(self) -> DatasetDefinition:
        """The data that an input bound to it reads."""
        return DatasetDefinition(kind="file", places=(DatastorePath(self.datastore_name, self.path_on_datastore),))

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    def __repr__(self) -> str:
        return f"PortDataReference({self.name!r}, {self.datastore_name!r}, {self.path_on_datastore!r})"


class StepRunOutput:
    """One output of a step run."""

    __slots__ = ("_reference", "name", "step_run")

    def __init__(self, step_run: StepRun, reference: PortDataReference) -> None:
        self.name = reference.name
        self.step_run = step_run
        self._reference = reference

    def get_port_data_reference(self) -> PortDataReference:
        """Where it is."""
        return self._reference

    def __repr__(self) -> str:
        return f"StepRunOutput({self.name!r})"
