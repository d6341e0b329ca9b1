"""Datasets: files or tables as lazy definitions. Defining one reads nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import msgspec

from stepwell.sdk.consumption import DatasetConsumptionConfig
from stepwell.sdk.exceptions import UserErrorException
from stepwell_store.data.definition import DatasetDefinition, Transform

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace


def read_by(dataset: AbstractDataset, method: str, *arguments: Any) -> Any:
    """What a method of the reading side gives for the files that a dataset has now; UserErrorException says what is missing."""
    from stepwell.sdk.step_modules import step_module
    from stepwell.sdk.workspace import Workspace
    from stepwell_store.data.resolve import resolve

    stored = (dataset.workspace or Workspace.from_config()).open()
    found = resolve(dataset.definition.places, stored.datastore, str(stored.cache / "downloads"))
    given = {"definition": msgspec.to_builtins(dataset.definition), "files": list(found.files), "names": list(found.names)}
    try:
        return getattr(step_module("data").dataset("dataset", given), method)(*arguments)
    except step_module("errors").UserErrorException as error:
        raise UserErrorException(str(error)) from None


class AbstractDataset:
    """A dataset as a definition: where its files are, how they are read, what is done with them."""

    __slots__ = ("definition", "description", "tags", "workspace")

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

    @property
    def name(self) -> str | None:
        """The name under which it is registered, or None."""
        return self.definition.name

    @property
    def version(self) -> int | None:
        """The version under which it is registered, or None."""
        return self.definition.version

    def input_source(self) -> DatasetDefinition:
        """The data that an input bound to it reads."""
        return self.definition

    def as_named_input(self, name: str) -> DatasetConsumptionConfig:
        """This dataset as an input of a step, in mode `direct`."""
        return DatasetConsumptionConfig(name, self)

    def take(self, count: int) -> Self:
        """The first `count` rows or files."""
        return self.transformed("take", count=count)

    def skip(self, count: int) -> Self:
        """All but the first `count` rows or files."""
        return self.transformed("skip", count=count)

    def take_sample(self, probability: float, seed: int | None = None) -> Self:
        """Rows or files picked at random, each with this probability (0 to 1). Without a seed one is drawn now."""
        return self.transformed("take_sample", probability=_share(probability), seed=_seed(seed))

    def random_split(self, percentage: float, seed: int | None = None) -> tuple[Self, Self]:
        """Two datasets that share nothing; the first holds about `percentage` (0 to 1). Without a seed one is drawn now."""
        options = {"percentage": _share(percentage), "seed": _seed(seed)}
        first, second = (self.transformed("random_split", part=part, **options) for part in (0, 1))
        return first, second

    def transformed(self, name: str, **options: Any) -> Self:
        """This dataset with one more operation at its end; it is not registered."""
        transforms = (*self.definition.transforms, Transform(name, options))
        return type(self)(msgspec.structs.replace(self.definition, transforms=transforms, name=None, version=None), self.workspace)

    def register(
        self,
        workspace: Workspace,
        name: str,
        description: str | None = None,
        tags: dict[str, str] | None = None,
        create_new_version: bool = False,
    ) -> Self:
        """Give it a name in the workspace; the registered dataset. UsageError when it exists and no new version is asked for."""
        version = workspace.open().register_dataset(
            name, self.definition, description=description, tags=tags or {}, create_new_version=create_new_version
        )
        return type(self)(msgspec.structs.replace(self.definition, name=name, version=version), workspace, description, tags)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.definition!r})"


class FileDataset(AbstractDataset):
    """Files."""

    __slots__ = ()

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

    def as_mount(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """An input, under a name drawn now, that is the path of the files."""
        return DatasetConsumptionConfig(_input_name(), self, "mount", path_on_compute)

    def as_download(self, path_on_compute: str | None = None) -> DatasetConsumptionConfig:
        """An input, under a name drawn now, that is the path of a private copy of the files."""
        return DatasetConsumptionConfig(_input_name(), self, "download", path_on_compute)


class TabularDataset(AbstractDataset):
    """A table read from files."""

    __slots__ = ()

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> Any:
        """The table as a DataFrame. ImportError where pandas is not installed."""
        return read_by(self, "to_pandas_dataframe", on_error, out_of_range_datetime)

    def keep_columns(self, columns: str | Sequence[str], validate: bool = False) -> TabularDataset:  # noqa: ARG002
        """Only these columns, in the order of the table; names that it does not have are ignored."""
        return self.transformed("keep_columns", columns=_names(columns))

    def drop_columns(self, columns: str | Sequence[str]) -> TabularDataset:
        """All but these columns."""
        return self.transformed("drop_columns", columns=_names(columns))


def _names(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise UserErrorException(f"a share is a number between 0 and 1, not {value}")
    return value


def _seed(seed: int | None) -> int:
    return int.from_bytes(os.urandom(4), "big") if seed is None else seed


def _input_name() -> str:
    return f"input_{os.urandom(4).hex()}"
