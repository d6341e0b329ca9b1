"""Tables written as files: converted, partitioned by columns, registered from a DataFrame, handed to other libraries."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import DatasetExecutionError, NotLocalError, UserErrorException
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, identity

if TYPE_CHECKING:
    from stepwell.sdk.datasets import FileDataset, TabularDataset
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.workspace import Workspace

MANAGED = "managed-dataset"
"""The folder of a datastore that takes what is written without a place of its own."""


class TableWriting:
    """What tables have for being written."""

    definition: DatasetDefinition
    workspace: Workspace | None

    if TYPE_CHECKING:

        def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> Any:
            """The table as a DataFrame."""

    def to_csv_files(self, separator: str = ",") -> FileDataset:
        """The table, as it is now, as a CSV file on the default datastore: a dataset of that file's folder."""
        return self._converted("part-00000.csv", lambda frame, path: frame.to_csv(path, sep=separator, index=False), separator)

    def to_parquet_files(self) -> FileDataset:
        """The table, as it is now, as a Parquet file on the default datastore: a dataset of that file's folder."""
        return self._converted("part-00000.parquet", write_parquet)

    def _converted(self, file: str, write: Callable[[Any, str], None], extra: str = "") -> FileDataset:
        from stepwell.sdk.datasets import FileDataset
        from stepwell.sdk.workspace import Workspace

        workspace = self.workspace or Workspace.from_config()
        store = workspace.get_default_datastore()
        place = f"{MANAGED}/{identity(self.definition)}{'' if extra in ('', ',') else f'-{ord(extra[0])}'}-{file.rpartition('.')[2]}"
        with _scratch() as folder:
            write(self.to_pandas_dataframe().reset_index(drop=True), os.path.join(folder, file))
            store.upload(folder, place, overwrite=True, show_progress=False)
        return FileDataset(DatasetDefinition(kind="file", places=(DatastorePath(store.name, place),)), workspace)

    def partition_by(
        self, partition_keys: Sequence[str], target: Any, name: str | None = None, show_progress: bool = True,
        partition_as_file_dataset: bool = False,
    ) -> Any:  # fmt: skip
        """Write the table as Parquet files, a folder level for each key; the dataset of what was written.

        Read back, the keys are the last columns, as text. With a name it is registered as a new version.
        """
        from stepwell.sdk.dataset_paths import store_and_path
        from stepwell.sdk.datasets import FileDataset, TabularDataset

        store, path = store_and_path(target)
        keys = [partition_keys] if isinstance(partition_keys, str) else list(partition_keys)
        place = "/".join(part for part in (path.strip("/"), os.urandom(16).hex()) if part)
        frame = self.to_pandas_dataframe().reset_index(drop=True)
        missing = [key for key in keys if key not in frame.columns]
        if not keys or missing:
            known = ", ".join(map(str, frame.columns))
            raise UserErrorException(f"the table has no column {', '.join(missing) or 'to partition by'}", todo=f"It has: {known}.")
        with _scratch() as folder:
            _write_groups(frame, keys, folder)
            store.upload(folder, place, show_progress=show_progress)
        options = {"partition_format": "/".join(("", *(f"{{{key}}}" for key in keys), "*.parquet"))}
        places = (DatastorePath(store.name, f"{place}/**/*.parquet"),)
        made: Any
        if partition_as_file_dataset:
            made = FileDataset(DatasetDefinition(kind="file", places=places, options=options), store.workspace)
        else:
            made = TabularDataset(DatasetDefinition(kind="tabular", places=places, format="parquet", options=options), store.workspace)
        return made if name is None else made.register(store.workspace, name, create_new_version=True)

    def to_spark_dataframe(self) -> Any:
        """The table as a DataFrame of a running or new Spark session; ImportError where pyspark is not installed."""
        from importlib import import_module

        session = import_module("pyspark.sql").SparkSession.builder.getOrCreate()
        return session.createDataFrame(self.to_pandas_dataframe())

    def to_dask_dataframe(self, sample_size: int = 10000, dtypes: Any = None, on_error: str = "null",  # noqa: ARG002
                          out_of_range_datetime: str = "null") -> Any:  # fmt: skip
        """The table as a DataFrame of dask; ImportError where dask is not installed."""
        from importlib import import_module

        frame = import_module("dask.dataframe").from_pandas(self.to_pandas_dataframe(on_error, out_of_range_datetime), npartitions=1)
        return frame if dtypes is None else frame.astype(dtypes)

    def download(self, stream_column: str, *_: Any, **__: Any) -> Any:
        """Refused: columns of a table are text here, not files."""
        raise NotLocalError(f"column {stream_column!r} cannot be downloaded", todo="Use Dataset.File for files.")

    def mount(self, stream_column: str, *_: Any, **__: Any) -> Any:
        """Refused: columns of a table are text here, not files."""
        raise NotLocalError(f"column {stream_column!r} cannot be mounted", todo="Use Dataset.File for files.")

    def submit_profile_run(self, *_: Any, **__: Any) -> Any:
        """Refused: a profile is made where it is asked for."""
        raise NotLocalError("profiles are not made by runs here", todo="get_profile() makes one now; `stepwell dataset profile` shows one.")

    def get_profile_runs(self, *_: Any, **__: Any) -> list[Any]:
        """Empty: profiles are not made by runs here."""
        return []

    def get_profile(self, *_: Any, **__: Any) -> Any:
        """What pandas says of the columns: count, mean, quartiles and the like."""
        return self.to_pandas_dataframe().describe(include="all")


def _scratch() -> AbstractContextManager[str]:
    """A folder until the end of the block."""
    import tempfile

    return tempfile.TemporaryDirectory()


def _write_groups(frame: Any, keys: list[str], folder: str) -> None:
    for values, group in frame.groupby(keys, sort=False, dropna=False):
        texts = [str(one) for one in (values if isinstance(values, tuple) else (values,))]
        if any("/" in text or text in ("", ".", "..") for text in texts):
            raise UserErrorException(f"the values {texts!r} of {', '.join(keys)} cannot name folders", todo="Partition by other columns.")
        place = os.path.join(folder, *texts)
        os.makedirs(place)
        write_parquet(group.drop(columns=keys).reset_index(drop=True), os.path.join(place, "part-00000.parquet"))


def write_parquet(frame: Any, path: str, row_group_size: int | None = None) -> None:
    """Write a DataFrame; DatasetExecutionError where no library for Parquet is installed."""
    try:
        frame.to_parquet(path, index=False, **({} if row_group_size is None else {"row_group_size": row_group_size}))
    except ImportError as error:
        raise DatasetExecutionError(
            "this Python has no library that writes Parquet files", todo=f"Install pyarrow beside pandas. ({error})"
        ) from None


def register_frame(
    frame: Any, target: tuple[Datastore, str], name: str, description: str | None, tags: dict[str, str] | None, show_progress: bool,
    row_group_size: int | None, unique: bool,
) -> TabularDataset:  # fmt: skip
    """Write a DataFrame to a datastore and register what was written as a new version."""
    made = write_frame(frame, target, show_progress, row_group_size, unique)
    assert made.workspace is not None
    return made.register(made.workspace, name, description, tags, create_new_version=True)


def write_frame(
    frame: Any, target: tuple[Datastore, str], show_progress: bool, row_group_size: int | None, unique: bool
) -> TabularDataset:
    """Write a DataFrame to a datastore; the table that was written."""
    from stepwell.sdk.datasets import TabularDataset

    store, path = target
    folders = [path.strip("/") or MANAGED, os.urandom(16).hex() if unique else ""]
    place = "/".join(part for part in folders if part)
    with _scratch() as folder:
        write_parquet(frame, os.path.join(folder, "part-00000.parquet"), row_group_size)
        store.upload(folder, place, overwrite=not unique, show_progress=show_progress)
    places = (DatastorePath(store.name, f"{place}/part-00000.parquet"),)
    return TabularDataset(DatasetDefinition(kind="tabular", places=places, format="parquet"), store.workspace)
