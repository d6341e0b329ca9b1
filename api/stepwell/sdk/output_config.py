"""Outputs that are datasets: `OutputFileDatasetConfig`."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec

from stepwell.sdk.consumption import DatasetConsumptionConfig
from stepwell.sdk.data_types import column_types
from stepwell.sdk.exceptions import NotLocalError, PipelineError, UserErrorException
from stepwell.sdk.given_names import eight, output_name
from stepwell.sdk.ports import VARIABLE_NAME, InputPortBinding, Outlet, registration
from stepwell.sdk.splitting import draw_seed, share
from stepwell_runner.graph.model import Output, Registration
from stepwell_store.data.definition import DatasetDefinition, Transform

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore

DEFAULT_PLACE = ("workspaceblobstore", "dataset/{run-id}/{output-name}")


class OutputDatasetConfig:
    """A folder that a step leaves, kept as a dataset. Methods return copies that stand for the same output.

    `destination` is (datastore or its name, path); the path may hold `{run-id}` and `{output-name}`. `source` is the path,
    in the step's working directory, that is collected instead of a folder handed to the step.
    """

    pipeline_output_name: str | None = None

    reading: DatasetDefinition | None = None
    """How later steps, and the registered dataset, read it; None as files."""

    def __init__(
        self, name: str | None = None, destination: tuple[Datastore | str, str] | None = None, source: str | None = None,
        partition_format: str | None = None,
    ) -> None:  # fmt: skip
        self.name = name or output_name()
        if not VARIABLE_NAME.fullmatch(self.name):
            raise UserErrorException(
                f"{name!r} cannot name an output", todo="Use letters, digits and underscores, not beginning with a digit."
            )
        if destination is not None and not isinstance(destination, tuple):
            raise PipelineError(
                f"the destination of output '{self.name}' is a pair, not {destination!r}",
                todo="Write destination=(datastore, 'path/on/datastore').",
            )
        self.destination = destination
        self.source = source
        self.mode: Literal["mount", "upload"] = "mount"
        self.overwrite = False
        self.outlet = Outlet()
        self._registration: Registration | None = None
        self._port = self.name
        self._globs: tuple[str, ...] = ()
        if partition_format is not None:
            self.reading = DatasetDefinition(kind="file", places=(), options={"partition_format": partition_format})

    @property
    def port_name(self) -> str:
        """What the output is called in the step that leaves it."""
        return self._port

    def rename_port(self, name: str) -> None:
        """Call the output otherwise in the step that leaves it. A Stepwell extension."""
        self._port = name

    @property
    def is_dataset(self) -> bool:
        """True."""
        return True

    def as_mount(self, disable_metadata_cache: bool = False) -> Self:  # noqa: ARG002
        """A copy whose files go to the destination as the step ends."""
        return self._copy(mode="mount", overwrite=False)

    def as_upload(self, overwrite: bool = False, source_globs: str | Sequence[str] | None = None) -> Self:
        """A copy whose files are uploaded when the step has succeeded; a file that exists fails the step unless `overwrite`.

        With `source_globs` only files that one of these patterns names.
        """
        globs = (source_globs,) if isinstance(source_globs, str) else tuple(source_globs or ())
        return self._copy(mode="upload", overwrite=overwrite, _globs=globs)

    def register_on_complete(self, name: str, description: str | None = None, tags: dict[str, str] | None = None) -> Self:
        """A copy that is registered as a new version of a dataset when the step has succeeded."""
        return self._copy(_registration=registration(name, description, tags))

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    @property
    def arg_val(self) -> str:
        """The text that stands for it inside a longer argument."""
        return str(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _copy(self, **changes: Any) -> Self:
        other = copy(self)
        other.__dict__.update(changes)
        return other

    def input_source(self) -> Outlet:
        """The output that an input bound to it reads."""
        return self.outlet

    def compiled(self, default_datastore: str | None) -> Output:  # noqa: ARG002  v1 keeps these on workspaceblobstore
        """The output as the graph holds it."""
        store, path = self.destination or DEFAULT_PLACE
        register = self._registration
        if register is not None and self.reading is not None:
            register = msgspec.structs.replace(register, definition=self.reading)
        return Output(
            name=self.port_name,
            kind="folder",
            mode=self.mode,
            datastore=store if isinstance(store, str) else store.name,
            path=path.strip("/"),
            overwrite=self.overwrite,
            source=self.source,
            register=register,
            globs=self._globs,
        )


class OutputFileDatasetConfig(OutputDatasetConfig):
    """A folder of files that a step leaves, kept as a file dataset."""

    def as_input(self, name: str | None = None) -> DatasetConsumptionConfig:
        """These files as an input of a later step, by default under a name of its own."""
        return DatasetConsumptionConfig(name or f"input_{eight(self.name)}", self, "mount")

    def input_port(self) -> InputPortBinding:
        """What listing it in `inputs` means: `as_input()`."""
        return self.as_input().input_port()

    def read_delimited_files(
        self,
        include_path: bool = False,
        separator: str = ",",
        header: bool | int = True,
        partition_format: str | None = None,
        path_glob: str | None = None,
        set_column_types: dict[str, Any] | None = None,
    ) -> OutputTabularDatasetConfig:
        """The files as a table, for `register_on_complete`."""
        return self._read(
            "delimited",
            include_path=include_path,
            separator=separator,
            header=header if isinstance(header, bool) else int(header),
            partition_format=partition_format,
            path_glob=path_glob,
            set_column_types=column_types(set_column_types),
        )

    def read_parquet_files(
        self,
        include_path: bool = False,
        partition_format: str | None = None,
        path_glob: str | None = None,
        set_column_types: dict[str, Any] | None = None,
    ) -> OutputTabularDatasetConfig:
        """The Parquet files as a table, for `register_on_complete`."""
        return self._read(
            "parquet",
            include_path=include_path,
            partition_format=partition_format,
            path_glob=path_glob,
            set_column_types=column_types(set_column_types),
        )

    def _read(self, form: str, **options: Any) -> OutputTabularDatasetConfig:
        given = {name: value for name, value in options.items() if value is not None}
        table = OutputTabularDatasetConfig(self.name)
        table.__dict__.update(self.__dict__, reading=DatasetDefinition(kind="tabular", places=(), format=form, options=given))
        return table


class OutputTabularDatasetConfig(OutputDatasetConfig):
    """A folder of files that a step leaves, read as a table by later steps and when it is registered."""

    def as_input(self, name: str | None = None) -> DatasetConsumptionConfig:
        """This table as an input of a later step, by default under a name of its own; the step reads it from `run.input_datasets`."""
        return DatasetConsumptionConfig(name or f"input_{eight(self.name)}", self, "direct")

    def input_port(self) -> InputPortBinding:
        """What listing it in `inputs` means: `as_input()`."""
        return self.as_input().input_port()

    def random_split(self, percentage: float, seed: int | None = None) -> tuple[Self, Self]:
        """Two copies that share no row, named `..._1` and `..._2`; the first holds about `percentage` (0 to 1)."""
        options = {"percentage": share(percentage), "seed": draw_seed(seed)}
        first, second = (self._with("random_split", part=part, **options) for part in (0, 1))
        first.name, second.name = f"{self.name}_1", f"{self.name}_2"
        return first, second

    def keep_columns(self, columns: str | Sequence[str]) -> Self:
        """A copy with only these columns."""
        return self._transformed("keep_columns", columns)

    def drop_columns(self, columns: str | Sequence[str]) -> Self:
        """A copy without these columns."""
        return self._transformed("drop_columns", columns)

    def _transformed(self, name: str, columns: str | Sequence[str]) -> Self:
        return self._with(name, columns=[columns] if isinstance(columns, str) else list(columns))

    def _with(self, name: str, **options: Any) -> Self:
        reading = self.reading or DatasetDefinition(kind="tabular", places=())
        return self._copy(reading=msgspec.structs.replace(reading, transforms=(*reading.transforms, Transform(name, options))))


class HDFSOutputDatasetConfig(OutputFileDatasetConfig):
    """A folder that a Spark step leaves; here a folder of this machine, as every other."""

    def __init__(self, name: str | None = None, destination: tuple[Datastore | str, str] | None = None) -> None:
        super().__init__(name, destination)

    def compiled(self, default_datastore: str | None) -> Output:
        """The output as the graph holds it. A program of Spark makes its folder itself, so only the one above exists beforehand."""
        return msgspec.structs.replace(super().compiled(default_datastore), kind="any")


class LinkFileOutputDatasetConfig:
    """Refused: an output that only points to another dataset."""

    def __init__(self, name: str | None = None, **_: Any) -> None:
        raise NotLocalError(
            f"output {name!r} would only point to another dataset", todo="Leave files in an OutputFileDatasetConfig, or register a dataset."
        )


class LinkTabularOutputDatasetConfig(LinkFileOutputDatasetConfig):
    """Refused: an output that only points to another table."""
