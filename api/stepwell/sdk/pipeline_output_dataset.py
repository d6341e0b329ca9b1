"""What a step leaves as PipelineData, seen as a dataset: registered, read as a table by later steps, handed over by name."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

import msgspec

from stepwell.sdk.data_types import PromoteHeadersBehavior, column_types
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.ports import VARIABLE_NAME, DatasetBinding, Outlet, registration
from stepwell.sdk.splitting import draw_seed, share
from stepwell_runner.graph.model import Output, Registration
from stepwell_store.data.definition import DatasetDefinition, Transform

if TYPE_CHECKING:
    from stepwell.sdk.pipeline_data import PipelineData


class PipelineOutputAbstractDataset:
    """Base of the two forms. Methods return copies that stand for the same output."""

    reading: DatasetDefinition | None = None
    """How later steps read it; None as files."""

    def __init__(self, pipeline_data: PipelineData) -> None:
        self.pipeline_data = pipeline_data
        self.outlet: Outlet = pipeline_data.outlet
        self._registration: Registration | None = None
        self._input_name: str | None = None
        self._mode = "mount"
        self._path_on_compute: str | None = None

    @property
    def name(self) -> str:
        """The name of the data, or the one that it was given as an input."""
        return self._input_name or self.pipeline_data.name

    @property
    def datastore(self) -> Any:
        """Where it is kept."""
        return self.pipeline_data.datastore

    @property
    def port_name(self) -> str:
        """What the output is called in the step that leaves it."""
        return self.pipeline_data.port_name

    @property
    def pipeline_output_name(self) -> str | None:
        """The name under which the pipeline presents it."""
        return self.pipeline_data.pipeline_output_name

    @property
    def is_dataset(self) -> bool:
        """False: the step that leaves it sees it as a data reference."""
        return False

    def register(self, name: str, create_new_version: bool = True) -> Self:  # noqa: ARG002  there is nothing to compare it with before it runs
        """A copy that is registered as a new version of a dataset when its step has succeeded; list this copy in `outputs`."""
        return self._copy(_registration=registration(name, None, None))

    def as_named_input(self, name: str) -> Self:
        """A copy that later steps find under this name."""
        if not VARIABLE_NAME.fullmatch(name):
            raise UserErrorException(
                f"{name!r} cannot name an input", todo="Use letters, digits and underscores, not beginning with a digit."
            )
        return self._copy(_input_name=name)

    @property
    def input_name(self) -> str:
        """The name under which later steps find it."""
        return self.name

    def input_port(self) -> DatasetBinding:
        """What listing it in `inputs` means."""
        return DatasetBinding(self.name, self, self._mode, self._path_on_compute)

    def input_source(self) -> Outlet:
        """The output that an input bound to it reads."""
        return self.outlet

    def compiled(self, default_datastore: str | None) -> Output:
        """The output as the graph holds it."""
        register = self._registration
        if register is not None and self.reading is not None:
            register = msgspec.structs.replace(register, definition=self.reading)
        return msgspec.structs.replace(self.pipeline_data.compiled(default_datastore), register=register)

    def _copy(self, **changes: Any) -> Self:
        other = copy(self)
        other.__dict__.update(changes)
        return other

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class PipelineOutputFileDataset(PipelineOutputAbstractDataset):
    """The files that a step leaves."""

    def as_mount(self, path_on_compute: str | None = None) -> Self:
        """A copy in mode `mount`: later steps get the path."""
        return self._copy(_mode="mount", _path_on_compute=path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> Self:
        """A copy in mode `download`: later steps get the path of a private copy."""
        return self._copy(_mode="download", _path_on_compute=path_on_compute)

    def as_direct(self) -> Self:
        """A copy in mode `direct`: later steps get a FileDataset."""
        return self._copy(_mode="direct", _path_on_compute=None)

    def parse_delimited_files(
        self,
        include_path: bool = False,
        separator: str = ",",
        header: bool | int = PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS,
        partition_format: str | None = None,
        file_extension: str = "",
        set_column_types: dict[str, Any] | None = None,
        quoted_line_breaks: bool = False,
    ) -> PipelineOutputTabularDataset:
        """The files as a table. Without an ending the separator decides: `.csv` for a comma, `.tsv` for a tab, else every file."""
        ending = file_extension or {",": ".csv", "\t": ".tsv"}.get(separator, "")
        options = {"include_path": include_path, "separator": separator, "header": header if isinstance(header, bool) else int(header),
                   "support_multi_line": quoted_line_breaks}  # fmt: skip
        return self._table("delimited", options, partition_format, ending, set_column_types)

    def parse_parquet_files(
        self,
        include_path: bool = False,
        partition_format: str | None = None,
        file_extension: str = ".parquet",
        set_column_types: dict[str, Any] | None = None,
    ) -> PipelineOutputTabularDataset:
        """The Parquet files as a table."""
        return self._table("parquet", {"include_path": include_path}, partition_format, file_extension, set_column_types)

    def _table(
        self, form: str, options: dict[str, Any], partition_format: str | None, ending: str, types: dict[str, Any] | None
    ) -> PipelineOutputTabularDataset:
        given = {**options, "partition_format": partition_format, "set_column_types": column_types(types)}
        kept = {name: value for name, value in given.items() if value not in (None, False)}
        if ending:
            kept["path_glob"] = f"**/*{ending if ending.startswith('.') else f'.{ending}'}"
        made = PipelineOutputTabularDataset(self.pipeline_data)
        made.__dict__.update(self.__dict__, _mode="direct", _path_on_compute=None)
        made.reading = DatasetDefinition(kind="tabular", places=(), format=form, options=kept)
        return made


class PipelineOutputTabularDataset(PipelineOutputAbstractDataset):
    """The table that a step leaves; later steps find it among `run.input_datasets`."""

    def keep_columns(self, columns: str | Sequence[str]) -> Self:
        """A copy with only these columns."""
        return self._transformed("keep_columns", columns=[columns] if isinstance(columns, str) else list(columns))

    def drop_columns(self, columns: str | Sequence[str]) -> Self:
        """A copy without these columns."""
        return self._transformed("drop_columns", columns=[columns] if isinstance(columns, str) else list(columns))

    def random_split(self, percentage: float, seed: int | None = None) -> tuple[Self, Self]:
        """Two copies that share no row; the first holds about `percentage` (0 to 1)."""
        options = {"percentage": share(percentage), "seed": draw_seed(seed)}
        first, second = (self._transformed("random_split", part=part, **options) for part in (0, 1))
        return first.as_named_input(f"{self.name}_1"), second.as_named_input(f"{self.name}_2")

    def _transformed(self, name: str, **options: Any) -> Self:
        assert self.reading is not None
        return self._copy(reading=msgspec.structs.replace(self.reading, transforms=(*self.reading.transforms, Transform(name, options))))
