"""Datasets: files or tables as lazy definitions. Defining one reads nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import msgspec

from stepwell.sdk.consumption import DatasetConsumptionConfig
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.reading import read_by
from stepwell.sdk.splitting import draw_seed, share
from stepwell.sdk.step_modules import step_module
from stepwell.sdk.tables import TableWriting
from stepwell.sdk.tabular_times import Times
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, Transform, identity
from stepwell_store.errors import UsageError
from stepwell_store.ledger import definitions

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace


class AbstractDataset:
    """A dataset as a definition: where its files are, how they are read, what is done with them."""

    def __init__(
        self,
        definition: DatasetDefinition,
        workspace: Workspace | None = None,
        description: str | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        self.definition = definition
        self.workspace = workspace
        self.description = description
        self.tags = dict(tags or {})

    # --- identity

    @property
    def name(self) -> str | None:
        """The name under which it is registered, or None."""
        return self.definition.name

    @property
    def version(self) -> int | None:
        """The version under which it is registered, or None."""
        return self.definition.version

    @property
    def id(self) -> str:
        """An id, the same for equal definitions. Asking for it keeps the definition, so that `Dataset.get_by_id` finds it."""
        from stepwell.sdk.reading import workspace_at_hand

        workspace = self.workspace or workspace_at_hand()
        if workspace is not None and workspace.is_made:
            definitions.keep_definition(workspace.open().database, self.definition)
        return identity(self.definition)

    @property
    def saved_id(self) -> str:
        """The same as `id`."""
        return self.id

    @property
    def data_changed_time(self) -> Any:
        """When the newest of its files was changed, as a datetime in UTC; None when there are no files."""
        from datetime import UTC, datetime

        from stepwell.sdk.reading import files_of

        times = [os.stat(file).st_mtime for file in files_of(self).files]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    @property
    def partition_keys(self) -> list[str]:
        """The columns whose values stand in the paths of its files."""
        keys: list[str] = step_module("partitions").keys(self.definition.options.get("partition_format"))
        return keys

    def get_partition_key_values(self, partition_keys: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """The combinations of values of these columns that there are, by default of all, in order of the files."""
        found: list[dict[str, Any]] = read_by(self, "get_partition_key_values", partition_keys)
        return found

    # --- as an input

    def input_source(self) -> DatasetDefinition:
        """The data that an input bound to it reads."""
        return self.definition

    def as_named_input(self, name: str) -> DatasetConsumptionConfig:
        """This dataset as an input of a step, in mode `direct`."""
        return DatasetConsumptionConfig(name, self)

    # --- operations

    def take(self, count: int) -> Self:
        """The first `count` rows or files."""
        return self.transformed("take", count=count)

    def skip(self, count: int) -> Self:
        """All but the first `count` rows or files."""
        return self.transformed("skip", count=count)

    def take_sample(self, probability: float, seed: int | None = None) -> Self:
        """Rows or files picked at random, each with this probability (0 to 1). Without a seed one is drawn now."""
        return self.transformed("take_sample", probability=share(probability), seed=draw_seed(seed))

    def random_split(self, percentage: float, seed: int | None = None) -> tuple[Self, Self]:
        """Two datasets that share nothing; the first holds about `percentage` (0 to 1). Without a seed one is drawn now."""
        options = {"percentage": share(percentage), "seed": draw_seed(seed)}
        first, second = (self.transformed("random_split", part=part, **options) for part in (0, 1))
        return first, second

    def filter(self, expression: Any) -> Self:
        """Rows or files for which a condition holds: `dataset["price"] > 3`, `dataset.file_metadata("Size") > 100`, with &, |, ~."""
        if not isinstance(expression, step_module("expressions").Expression):
            raise UserErrorException(
                f"filter takes a condition, not a {type(expression).__name__}", todo="Write dataset.filter(dataset['price'] > 3)."
            )
        return self.transformed("filter", condition=expression.data)

    def transformed(self, name: str, **options: Any) -> Self:
        """This dataset with one more operation at its end; it is not registered."""
        transforms = (*self.definition.transforms, Transform(name, options))
        return type(self)(msgspec.structs.replace(self.definition, transforms=transforms, name=None, version=None), self.workspace)

    # --- registration

    def register(
        self,
        workspace: Workspace,
        name: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        create_new_version: bool = False,
    ) -> Self:
        """Give it a name in the workspace; the registered dataset, a new object.

        When the name is there and no new version is asked for: the registered version where it says the same, else UserErrorException.
        """
        plain = msgspec.structs.replace(self.definition, name=None, version=None)
        if not create_new_version:
            same = _registered_as(workspace, name, plain)
            if same is not None:
                return type(self)(msgspec.structs.replace(plain, name=name, version=same.version), workspace, same.description, same.tags)
        try:
            version = workspace.open().register_dataset(
                name, plain, description=description, tags=tags or {}, create_new_version=create_new_version
            )
        except UsageError as error:
            raise UserErrorException(error.what, todo=error.todo) from None
        return type(self)(msgspec.structs.replace(plain, name=name, version=version), workspace, description, tags)

    def update(self, description: str | None = None, tags: dict[str, str] | None = None) -> Self:
        """Give the registered version another description and other tags; what is None stays."""
        workspace, name, version = self._must_be_registered()
        self.description = description if description is not None else self.description
        self.tags = dict(tags) if tags is not None else self.tags
        definitions.describe_dataset(workspace.open().database, name, version, self.description, self.tags)
        return self

    def add_tags(self, tags: dict[str, str] | None = None) -> Self:
        """Add tags to the registered version; UserErrorException when one has another value already."""
        for key, value in (tags or {}).items():
            if self.tags.get(key, value) != value:
                raise UserErrorException(f"tag {key!r} is {self.tags[key]!r} already", todo="update(tags=...) replaces tags.")
        return self.update(tags={**self.tags, **(tags or {})})

    def remove_tags(self, tags: Sequence[str] | None = None) -> Self:
        """Take tags away from the registered version."""
        return self.update(tags={key: value for key, value in self.tags.items() if key not in (tags or ())})

    def unregister_all_versions(self) -> Self:
        """Forget the name with all its versions; the same dataset without a name. Files stay."""
        workspace, name, _ = self._must_be_registered()
        definitions.unregister_dataset(workspace.open().database, name)
        return type(self)(msgspec.structs.replace(self.definition, name=None, version=None), workspace, self.description, self.tags)

    def _must_be_registered(self) -> tuple[Workspace, str, int]:
        if self.workspace is None or self.name is None or self.version is None:
            raise UserErrorException("this dataset is not registered", todo="Use what dataset.register(workspace, name) returns.")
        return self.workspace, self.name, self.version

    def __repr__(self) -> str:
        done = [self.definition.format or "files", *[one.name for one in self.definition.transforms]]
        told: dict[str, Any] = {"source": [_shown(place) for place in self.definition.places], "definition": done}
        if self.name is not None:
            told["registration"] = {"id": self.id, "name": self.name, "version": self.version, "description": self.description,
                                    "tags": self.tags}  # fmt: skip
        import json

        return f"{type(self).__name__}\n{json.dumps(told, indent=2)}"


class FileDataset(AbstractDataset):
    """Files."""

    def file_metadata(self, col: str) -> Any:
        """A fact about files, for `filter`: Size (bytes), LastModifiedTime, CreationTime, Name, Extension."""
        return step_module("expressions").file_fact(col)

    def to_path(self) -> list[str]:
        """Names with a leading `/`, relative to the fixed part of the dataset's path; whole paths when it has several."""
        names: list[str] = read_by(self, "to_path")
        return names

    def download(
        self, target_path: str | os.PathLike[str] | None = None, overwrite: bool = False, ignore_not_found: bool = False
    ) -> list[str]:
        """Copy the files below a folder, by default a new temporary one; where they are."""
        target = None if target_path is None else os.fspath(target_path)
        paths: list[str] = read_by(self, "download", target, overwrite, ignore_not_found)
        return paths

    def mount(self, mount_point: str | os.PathLike[str] | None = None, **_: Any) -> Any:
        """The files below a folder (`mount_point`), while a `with` block or `start()` and `stop()` hold it."""
        return read_by(self, "mount", None if mount_point is None else os.fspath(mount_point))

    def as_mount(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """An input, under a name of its own, that is the path of the files."""
        return DatasetConsumptionConfig(self._input_name(), self, "mount", path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """An input, under a name of its own, that is the path of a private copy of the files."""
        return DatasetConsumptionConfig(self._input_name(), self, "download", path_on_compute)

    def as_cache(self, datacache_store: object = None) -> DatasetConsumptionConfig:  # noqa: ARG002
        """The same as `as_mount`: files of this machine need no cache."""
        return self.as_mount()

    def as_hdfs(self) -> DatasetConsumptionConfig:
        """An input, under a name of its own, that is the address of the files for Spark."""
        return DatasetConsumptionConfig(self._input_name(), self, "hdfs")

    def _input_name(self) -> str:
        return f"input__{identity(self.definition)[:8]}"


class TabularDataset(Times, TableWriting, AbstractDataset):
    """A table read from files."""

    def __getitem__(self, name: str) -> Any:
        """A column, for conditions of `filter`."""
        return step_module("expressions").column(name)

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> Any:
        """The table as a DataFrame, indexed by its times where it has a column of them. ImportError where pandas is not installed."""
        return read_by(self, "to_pandas_dataframe", on_error, out_of_range_datetime)

    def keep_columns(self, columns: str | Sequence[str], validate: bool = False) -> Self:  # noqa: ARG002
        """Only these columns, in the order of the table; names that it does not have are ignored."""
        return self.transformed("keep_columns", columns=_names(columns))

    def drop_columns(self, columns: str | Sequence[str]) -> Self:
        """All but these columns."""
        return self.transformed("drop_columns", columns=_names(columns))


def _shown(place: Any) -> str:
    if isinstance(place, DatastorePath):
        return f"('{place.datastore}', '{place.path}')"
    return str(getattr(place, "url", None) or place.path)


def dataset_of(definition: DatasetDefinition, workspace: Workspace | None) -> AbstractDataset:
    """The dataset of a definition, of the class that goes with its kind."""
    return (TabularDataset if definition.kind == "tabular" else FileDataset)(definition, workspace)


def _registered_as(workspace: Workspace, name: str, definition: DatasetDefinition) -> Any:
    """The newest version of this name, when it has this very definition."""
    versions = definitions.dataset_versions(workspace.open().database, name)
    same = versions and msgspec.convert(versions[0].definition, DatasetDefinition) == definition
    return versions[0] if same else None


def _names(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)
