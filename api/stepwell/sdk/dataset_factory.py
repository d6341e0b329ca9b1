"""Making datasets, and finding registered ones: `Dataset.File`, `Dataset.Tabular`, `Dataset.get_by_name`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from stepwell.sdk.data_types import DataType, PromoteHeadersBehavior, column_types
from stepwell.sdk.dataset_paths import Paths, places, store_and_path, workspace_of
from stepwell.sdk.datasets import AbstractDataset, FileDataset, TabularDataset, dataset_of
from stepwell.sdk.exceptions import UserErrorException
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.errors import UsageError
from stepwell_store.ledger import definitions

D = TypeVar("D", bound=AbstractDataset)
if TYPE_CHECKING:
    from stepwell.sdk.data_reference import DataPath, DataReference
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.workspace import Workspace

class FileDatasetFactory:
    """`Dataset.File`."""

    @staticmethod
    def from_files(
        path: Paths,
        validate: bool = True,
        partition_format: str | None = None,
        is_file: bool = False,
    ) -> FileDataset:
        """Files by path or glob. DatasetValidationError when nothing is there, unless `validate` is off."""
        options = _without_defaults(partition_format=(partition_format, None), is_file=(is_file, False))
        made = FileDataset(DatasetDefinition(kind="file", places=places(path), options=options), workspace_of(path))
        return _validated(made, validate)

    @staticmethod
    def upload_directory(
        src_dir: str | os.PathLike[str],
        target: Datastore | DataPath | DataReference | tuple[Datastore, str],
        pattern: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> FileDataset:
        """Copy a local folder, or what a glob below it names, to a place on a datastore; the files there.

        Files that exist there are skipped unless `overwrite`.
        """
        store, path = store_and_path(target)
        folder = os.path.abspath(os.fspath(src_dir))
        if pattern is None:
            store.upload(folder, path, overwrite, show_progress)
        else:
            store.upload_files(_matching(folder, pattern), folder, path, overwrite, show_progress)
        return FileDatasetFactory.from_files((store, path))


def _matching(folder: str, pattern: str) -> list[str]:
    from glob import glob

    found = [os.path.join(folder, name) for name in sorted(glob(pattern, root_dir=folder, recursive=True))]
    files = [path for path in found if os.path.isfile(path)]
    if not files:
        raise UserErrorException(f"no file below {folder} matches {pattern!r}")
    return files


class TabularDatasetFactory:
    """`Dataset.Tabular`."""

    @staticmethod
    def from_delimited_files(
        path: Paths,
        validate: bool = True,
        include_path: bool = False,
        infer_column_types: bool = True,
        set_column_types: dict[str, Any] | None = None,
        separator: str = ",",
        header: bool | int | PromoteHeadersBehavior = True,
        partition_format: str | None = None,
        support_multi_line: bool = False,
        empty_as_string: bool = False,
        encoding: str = "utf8",
    ) -> TabularDataset:
        """A table from CSV files and the like."""
        options = _without_defaults(
            include_path=(include_path, False),
            infer_column_types=(infer_column_types, True),
            set_column_types=(set_column_types, None),
            separator=(separator, ","),
            header=(header if isinstance(header, bool) else int(header), True),
            partition_format=(partition_format, None),
            support_multi_line=(support_multi_line, False),
            empty_as_string=(empty_as_string, False),
            encoding=(encoding, "utf8"),
        )
        return _table("delimited", path, options, validate)

    @staticmethod
    def from_parquet_files(
        path: Paths,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: dict[str, Any] | None = None,
        partition_format: str | None = None,
    ) -> TabularDataset:
        """A table from Parquet files."""
        return _table(
            "parquet",
            path,
            _without_defaults(
                include_path=(include_path, False),
                set_column_types=(set_column_types, None),
                partition_format=(partition_format, None),
            ),
            validate,
        )

    @staticmethod
    def from_json_lines_files(
        path: Paths,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: dict[str, Any] | None = None,
        partition_format: str | None = None,
        invalid_lines: Literal["error", "drop"] = "error",
        encoding: str = "utf8",
    ) -> TabularDataset:
        """A table from files with one JSON object in every line."""
        return _table(
            "json_lines",
            path,
            _without_defaults(
                include_path=(include_path, False),
                set_column_types=(set_column_types, None),
                partition_format=(partition_format, None),
                invalid_lines=(invalid_lines, "error"),
                encoding=(encoding, "utf8"),
            ),
            validate,
        )

    @staticmethod
    def from_sql_query(
        query: DataPath | tuple[Datastore, str],
        validate: bool = True,  # noqa: ARG004  nobody asks a database before its data is wanted
        set_column_types: dict[str, Any] | None = None,
        query_timeout: int = 30,
    ) -> TabularDataset:
        """A table that a query gives, on a datastore that is a database; see `stepwell datastore map` for how one is served here."""
        store, text = (query[0], query[1]) if isinstance(query, tuple) else (query.datastore, query.path_on_datastore or "")
        options = {"query": text, **_without_defaults(set_column_types=(column_types(set_column_types), None),
                                                      query_timeout=(query_timeout, 30))}  # fmt: skip
        definition = DatasetDefinition(kind="tabular", places=(DatastorePath(store.name, ""),), format="sql", options=options)
        return TabularDataset(definition, store.workspace)

    @staticmethod
    def register_pandas_dataframe(
        dataframe: Any,
        target: Datastore | DataPath | tuple[Datastore, str],
        name: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        show_progress: bool = True,
        row_group_size: int | None = None,
        make_target_path_unique: bool = True,
    ) -> TabularDataset:
        """Write a DataFrame to a datastore as Parquet, and register it as a new version of a table."""
        from stepwell.sdk.tables import register_frame

        return register_frame(dataframe, store_and_path(target), name, description, tags, show_progress, row_group_size,
                              make_target_path_unique)  # fmt: skip

    @staticmethod
    def register_spark_dataframe(
        dataframe: Any, target: Any, name: str, description: str | None = None, tags: dict[str, str] | None = None,
        show_progress: bool = True,
    ) -> TabularDataset:  # fmt: skip
        """The same for a DataFrame of Spark."""
        return TabularDatasetFactory.register_pandas_dataframe(dataframe.toPandas(), target, name, description, tags, show_progress)

    @staticmethod
    def register_dask_dataframe(
        dataframe: Any, target: Any, name: str, description: str | None = None, tags: dict[str, str] | None = None,
        show_progress: bool = True,
    ) -> TabularDataset:  # fmt: skip
        """The same for a DataFrame of dask."""
        return TabularDatasetFactory.register_pandas_dataframe(dataframe.compute(), target, name, description, tags, show_progress)


def _table(form: str, path: Paths, options: dict[str, Any], validate: bool) -> TabularDataset:
    options = {name: column_types(value) if name == "set_column_types" else value for name, value in options.items()}
    definition = DatasetDefinition(kind="tabular", places=places(path), format=form, options=options)
    return _validated(TabularDataset(definition, workspace_of(path)), validate)


def _validated(made: D, validate: bool) -> D:
    """The dataset; DatasetValidationError when a place of it on a datastore holds no file now.

    While a pipeline file is only read, its data may come later, and the plan says more of what is missing.
    """
    from stepwell.sdk.reading import files_of

    here = [place for place in made.definition.places if isinstance(place, DatastorePath)]
    if validate and here and "__stepwell__" not in sys.modules and made.workspace is not None and made.workspace.is_made:
        files_of(made)
    return made


def _without_defaults(**options: tuple[Any, Any]) -> dict[str, Any]:
    return {name: value for name, (value, default) in options.items() if value != default}


class Dataset:
    """Datasets: `Dataset.File.from_files`, `Dataset.Tabular.from_delimited_files`, and registered ones by name."""

    File = FileDatasetFactory
    Tabular = TabularDatasetFactory

    class Scenario:
        """What a dataset was for in making a model."""

        TRAINING = "training"
        VALIDATION = "validation"
        INFERENCING = "inferencing"

    @staticmethod
    def get_by_name(workspace: Workspace, name: str, version: int | str = "latest") -> AbstractDataset:
        """A registered dataset; UserErrorException with the names that there are."""
        try:
            definition = workspace.open().dataset(name, None if version == "latest" else int(version))
        except UsageError as error:
            raise UserErrorException(error.what, todo=error.todo) from None
        made = dataset_of(definition, workspace)
        for known in definitions.dataset_versions(workspace.open().database, name):
            if known.version == definition.version:
                made.description, made.tags = known.description, dict(known.tags)
        return made

    @staticmethod
    def get_by_id(workspace: Workspace, id: str, **_: Any) -> AbstractDataset:  # noqa: A002
        """The dataset of this id, registered or not; UserErrorException when there is none."""
        found = definitions.definition_by_id(workspace.open().database, id)
        if found is None:
            raise UserErrorException(f"there is no dataset with the id {id}", todo="Use the id that a dataset of this workspace has.")
        if found.name is not None:
            return Dataset.get_by_name(workspace, found.name, found.version or "latest")
        return dataset_of(found, workspace)

    @staticmethod
    def get_all(workspace: Workspace) -> Any:
        """The newest version of every registered dataset, by name; read when asked for."""
        return workspace.datasets

    # --- names of older releases

    @staticmethod
    def get(workspace: Workspace, name: str | None = None, id: str | None = None) -> AbstractDataset:  # noqa: A002
        """A registered dataset by its name or id."""
        return Dataset.get_by_id(workspace, id) if id is not None else Dataset.get_by_name(workspace, name or "")

    @staticmethod
    def list(workspace: Workspace) -> Any:
        """The newest version of every registered dataset."""
        return [*workspace.datasets.values()]

    @staticmethod
    def from_pandas_dataframe(dataframe: Any, path: Any = None, in_memory: bool = False) -> TabularDataset:  # noqa: ARG004
        """A table of a DataFrame, written to the default datastore, or to `path` of one."""
        from stepwell.sdk.tables import write_frame
        from stepwell.sdk.workspace import Workspace

        target = path if path is not None else Workspace.from_config().get_default_datastore()
        return write_frame(dataframe, store_and_path(target), True, None, True)

    from_delimited_files = TabularDatasetFactory.from_delimited_files
    from_parquet_files = TabularDatasetFactory.from_parquet_files
    from_json_files = TabularDatasetFactory.from_json_lines_files
    auto_read_files = TabularDatasetFactory.from_delimited_files


__all__ = ["DataType", "Dataset", "FileDatasetFactory", "PromoteHeadersBehavior", "TabularDatasetFactory"]
