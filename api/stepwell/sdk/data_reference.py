"""Places on datastores: data references and data paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.given_names import eight, long
from stepwell.sdk.ports import InputPortBinding
from stepwell_store.data.definition import DatasetDefinition, DatastorePath

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.runconfig_sections import DataReferenceConfiguration


def _definition(datastore: Datastore, path: str | None) -> DatasetDefinition:
    # v1 mounts what is not there yet as an empty folder, and scripts are written for that.
    return DatasetDefinition(kind="file", places=(DatastorePath(datastore.name, path or ""),), must_exist=False)


class DataReference:
    """A file or folder on a datastore, as an input of a step. `str()` of it stands for its local path in arguments."""

    __slots__ = ("data_reference_name", "datastore", "mode", "overwrite", "path_on_compute", "path_on_datastore")

    def __init__(
        self,
        datastore: Datastore,
        data_reference_name: str | None = None,
        path_on_datastore: str | None = None,
        mode: str = "mount",
        path_on_compute: str | None = None,
        overwrite: bool = False,
    ) -> None:
        self.datastore = datastore
        self.data_reference_name = data_reference_name or (
            datastore.name if path_on_datastore is None else long(datastore.name, path_on_datastore)
        )
        self.path_on_datastore = path_on_datastore
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    @property
    def name(self) -> str:
        """The same as `data_reference_name`."""
        return self.data_reference_name

    @property
    def definition(self) -> DatasetDefinition:
        """The place as a file dataset."""
        return _definition(self.datastore, self.path_on_datastore)

    def path(self, path: str | None = None, data_reference_name: str | None = None) -> DataReference:
        """A reference to something below this one."""
        parts = [part for part in (self.path_on_datastore, path) if part]
        return DataReference(self.datastore, data_reference_name, "/".join(parts) or None, self.mode, self.path_on_compute, self.overwrite)

    def as_mount(self) -> DataReference:
        """A copy in mode `mount`."""
        return self._copy("mount", None, False)

    def as_download(self, path_on_compute: str | None = None, overwrite: bool = False) -> DataReference:
        """A copy in mode `download`."""
        return self._copy("download", path_on_compute, overwrite)

    def as_upload(self, path_on_compute: str | None = None, overwrite: bool = False) -> DataReference:
        """A copy in mode `upload`."""
        return self._copy("upload", path_on_compute, overwrite)

    def _copy(self, mode: str, path_on_compute: str | None, overwrite: bool) -> DataReference:
        return DataReference(self.datastore, self.data_reference_name, self.path_on_datastore, mode, path_on_compute, overwrite)

    def to_config(self) -> DataReferenceConfiguration:
        """The same by names, for `RunConfiguration.data_references`."""
        from stepwell.sdk.runconfig_sections import DataReferenceConfiguration

        return DataReferenceConfiguration(self.datastore.name, self.mode, self.path_on_datastore, self.path_on_compute, self.overwrite)

    def input_port(self) -> InputPortBinding:
        """What listing it in `inputs` means."""
        if self.mode == "upload":
            raise PipelineError(
                f"data reference '{self.name}' is in mode upload and cannot be an input", todo="Use as_mount() or as_download()."
            )
        return InputPortBinding(self.data_reference_name, self, self.mode, self.path_on_compute, self.overwrite)

    def input_source(self) -> DatasetDefinition:
        """The data that an input bound to it reads."""
        return self.definition

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.data_reference_name}"

    def __repr__(self) -> str:
        return f"DataReference({self.datastore.name!r}, {self.path_on_datastore!r})"


class DataPath:
    """A path on a datastore, for datasets and as the default of a PipelineParameter."""

    __slots__ = ("datastore", "name", "path_on_datastore")

    def __init__(self, datastore: Datastore | None = None, path_on_datastore: str | None = None, name: str | None = None) -> None:
        if datastore is None:
            raise PipelineError("a DataPath needs a datastore")
        self.datastore = datastore
        self.path_on_datastore = path_on_datastore
        self.name = name or f"{datastore.name}_{eight(datastore.name, path_on_datastore or '')}"

    @property
    def datastore_name(self) -> str:
        """The name of its datastore."""
        return self.datastore.name

    @property
    def definition(self) -> DatasetDefinition:
        """The place as a file dataset."""
        return _definition(self.datastore, self.path_on_datastore)

    def create_data_reference(
        self, data_reference_name: str | None = None, datapath_compute_binding: DataPathComputeBinding | None = None
    ) -> DataReference:
        """The same place as an input of a step."""
        binding = datapath_compute_binding or DataPathComputeBinding()
        return DataReference(
            self.datastore,
            data_reference_name or self.name,
            self.path_on_datastore,
            binding.mode,
            binding.path_on_compute,
            binding.overwrite,
        )

    @staticmethod
    def create_from_data_reference(data_reference: DataReference) -> DataPath:
        """The place that a data reference names."""
        return DataPath(data_reference.datastore, data_reference.path_on_datastore, data_reference.name)

    def __repr__(self) -> str:
        return f"DataPath({self.datastore.name!r}, {self.path_on_datastore!r})"


class DataPathComputeBinding:
    """How a step gets the DataPath of a parameter; the second half of the tuple `(PipelineParameter, DataPathComputeBinding)`."""

    __slots__ = ("mode", "overwrite", "path_on_compute")

    def __init__(self, mode: str = "mount", path_on_compute: str | None = None, overwrite: bool = False) -> None:
        if mode not in ("mount", "download"):
            raise PipelineError(f"a data path cannot be bound in mode {mode!r}", todo="Modes are: mount, download.")
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite
