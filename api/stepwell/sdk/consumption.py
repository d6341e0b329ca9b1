"""A dataset as an input of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.ports import VARIABLE_NAME, DatasetBinding, InputSource

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

Late = Union["tuple[Workspace, str]", "tuple[Workspace, str, int]"]


class DatasetConsumptionConfig:
    """A dataset, a parameter whose default is one, or `(workspace, name[, version])`, under the name by which the step finds it.

    Mode `direct` hands over the definition, `mount` the path of the files, `download` the path of a private copy.
    """

    __slots__ = ("dataset", "mode", "name", "path_on_compute")

    def __init__(self, name: str, dataset: InputSource | Late, mode: str = "direct", path_on_compute: str | None = None) -> None:
        if not VARIABLE_NAME.fullmatch(name):
            raise UserErrorException(
                f"{name!r} cannot name an input", todo="Use letters, digits and underscores, not beginning with a digit."
            )
        self.name = name
        self.dataset = _registered(dataset) if isinstance(dataset, tuple) else dataset
        self.mode = mode
        self.path_on_compute = path_on_compute
        if mode in ("mount", "download"):
            self._check_has_files()

    def as_mount(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """A copy in mode `mount`; UserErrorException for a table."""
        return DatasetConsumptionConfig(self.name, self.dataset, "mount", path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """A copy in mode `download`; UserErrorException for a table."""
        return DatasetConsumptionConfig(self.name, self.dataset, "download", path_on_compute)

    def as_hdfs(self) -> DatasetConsumptionConfig:
        """A copy for Spark, which here reads the path of the files."""
        return DatasetConsumptionConfig(self.name, self.dataset, "hdfs")

    def as_cache(self, datacache_store: object = None) -> DatasetConsumptionConfig:  # noqa: ARG002
        """A copy in mode `mount`: files of this machine need no cache."""
        return self.as_mount()

    def as_direct(self) -> DatasetConsumptionConfig:
        """A copy in mode `direct`."""
        return DatasetConsumptionConfig(self.name, self.dataset)

    def _check_has_files(self) -> None:
        data = getattr(self.dataset, "default_value", self.dataset)
        definition = getattr(data, "definition", None)
        if definition is not None and definition.kind == "tabular":
            raise UserErrorException(
                f"input '{self.name}' is a table and cannot have mode {self.mode}",
                todo="Leave it as as_named_input(...) and read it with to_pandas_dataframe(), or use Dataset.File.",
            )

    def input_port(self) -> DatasetBinding:
        """What listing it in `inputs` means."""
        return DatasetBinding(self.name, self.dataset, "mount" if self.mode == "hdfs" else self.mode, self.path_on_compute)

    def __str__(self) -> str:
        # v1 writes `DatasetConsumptionConfig:<name>`, which nothing resolves inside a longer text; this form is.
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    @property
    def arg_val(self) -> str:
        """The text that stands for it inside a longer argument."""
        return str(self)

    def __repr__(self) -> str:
        return f"DatasetConsumptionConfig({self.name!r}, mode={self.mode!r})"


def _registered(late: Late) -> InputSource:
    from stepwell.sdk.dataset_factory import Dataset

    workspace, name, *version = late
    return Dataset.get_by_name(workspace, name, int(version[0]) if version else "latest")
