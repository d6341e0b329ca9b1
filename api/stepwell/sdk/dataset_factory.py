"""Making datasets, and finding registered ones: `Dataset.File`, `Dataset.Tabular`, `Dataset.get_by_name`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from stepwell.sdk.data_reference import DataPath, DataReference
from stepwell.sdk.datasets import AbstractDataset, FileDataset, TabularDataset
from stepwell.sdk.exceptions import UserErrorException
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Place, Url

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.workspace import Workspace

OnePath: TypeAlias = "str | os.PathLike[str] | DataPath | DataReference | tuple[Datastore | str, str]"
Paths: TypeAlias = "OnePath | list[OnePath]"


def places(path: Paths) -> tuple[Place, ...]:
    """Where the files are: paths on a datastore, http(s) addresses, local paths (made absolute), or a list of those."""
    if not isinstance(path, list):
        return (_place(path),)
    if not path:
        raise UserErrorException("a dataset needs at least one path")
    return tuple(_place(item) for item in path)


def workspace_of(path: Paths) -> Workspace | None:
    """The workspace of the first datastore among the paths, or None."""
    items = path if isinstance(path, list) else [path]
    for item in items:
        store = item[0] if isinstance(item, tuple) else getattr(item, "datastore", None)
        if store is not None and not isinstance(store, str):
            workspace: Workspace | None = store.workspace
            return workspace
    return None


def _place(path: Any) -> Place:
    if isinstance(path, tuple) and len(path) == 2:
        return DatastorePath(path[0] if isinstance(path[0], str) else path[0].name, _inside(path[1]))
    if isinstance(path, (DataPath, DataReference)):
        return DatastorePath(path.datastore.name, _inside(path.path_on_datastore or ""))
    if isinstance(path, (str, os.PathLike)):
        text = os.fspath(path)
        return Url(text) if text.startswith(("http://", "https://")) else LocalPath(os.path.abspath(os.path.expanduser(text)))
    raise UserErrorException(
        f"a dataset cannot be made from {path!r}",
        todo="Use (datastore, 'path'), a DataPath, an http(s) address, a local path, or a list of those.",
    )


def _inside(path: str) -> str:
    if ".." in path.split("/"):
        raise UserErrorException(f"a path on a datastore may not contain '..': {path!r}")
    return path.lstrip("/")


class _Files:
    """`Dataset.File`."""

    @staticmethod
    def from_files(
        path: Paths,
        validate: bool = True,  # noqa: ARG004
        partition_format: str | None = None,
        is_file: bool = False,
    ) -> FileDataset:
        """Files by path or glob."""
        options = _without_defaults(partition_format=(partition_format, None), is_file=(is_file, False))
        return FileDataset(DatasetDefinition(kind="file", places=places(path), options=options), workspace_of(path))


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
        store, path = _store_and_path(target)
        folder = os.path.abspath(os.fspath(src_dir))
        if pattern is None:
            store.upload(folder, path, overwrite, show_progress)
        else:
            store.upload_files(_matching(folder, pattern), folder, path, overwrite, show_progress)
        return _Files.from_files((store, path))


def _store_and_path(target: Any) -> tuple[Datastore, str]:
    if isinstance(target, tuple) and len(target) == 2:
        return target[0], _inside(target[1])
    if isinstance(target, (DataPath, DataReference)):
        return target.datastore, _inside(target.path_on_datastore or "")
    return target, ""


def _matching(folder: str, pattern: str) -> list[str]:
    from glob import glob

    found = [os.path.join(folder, name) for name in sorted(glob(pattern, root_dir=folder, recursive=True))]
    files = [path for path in found if os.path.isfile(path)]
    if not files:
        raise UserErrorException(f"no file below {folder} matches {pattern!r}")
    return files


class _Tables:
    """`Dataset.Tabular`."""

    @staticmethod
    def from_delimited_files(
        path: Paths,
        validate: bool = True,  # noqa: ARG004
        include_path: bool = False,
        infer_column_types: bool = True,
        set_column_types: dict[str, Any] | None = None,
        separator: str = ",",
        header: bool | int = True,
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
            header=(header, True),
            partition_format=(partition_format, None),
            support_multi_line=(support_multi_line, False),
            empty_as_string=(empty_as_string, False),
            encoding=(encoding, "utf8"),
        )
        return _table("delimited", path, options)

    @staticmethod
    def from_parquet_files(
        path: Paths,
        validate: bool = True,  # noqa: ARG004
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
        )

    @staticmethod
    def from_json_lines_files(
        path: Paths,
        validate: bool = True,  # noqa: ARG004
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
        )


def _table(form: str, path: Paths, options: dict[str, Any]) -> TabularDataset:
    return TabularDataset(DatasetDefinition(kind="tabular", places=places(path), format=form, options=options), workspace_of(path))


def _without_defaults(**options: tuple[Any, Any]) -> dict[str, Any]:
    return {name: value for name, (value, default) in options.items() if value != default}


class Dataset:
    """Datasets: `Dataset.File.from_files`, `Dataset.Tabular.from_delimited_files`, and registered ones by name."""

    File = _Files
    Tabular = _Tables

    @staticmethod
    def get_by_name(workspace: Workspace, name: str, version: int | Literal["latest"] = "latest") -> AbstractDataset:
        """A registered dataset; UsageError with the names that there are."""
        definition = workspace.open().dataset(name, None if version == "latest" else int(version))
        return (TabularDataset if definition.kind == "tabular" else FileDataset)(definition, workspace)
