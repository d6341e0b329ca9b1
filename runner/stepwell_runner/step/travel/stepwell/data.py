"""Datasets as a step gets them in mode `direct`: definitions, read when the script asks."""
# ruff: noqa: PYI019  (Python 3.8 has no Self)

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, TypeVar

from stepwell import selection
from stepwell.errors import UserErrorException
from stepwell.expressions import Expression, column, file_fact
from stepwell.timed import Timed
from stepwell.timed import apply as apply_times

D = TypeVar("D", bound="AbstractDataset")


def dataset(name: str, given: dict[str, Any]) -> AbstractDataset:
    """The dataset of one input of the context. UserErrorException when the runner did not say where its files are."""
    definition, files = given.get("definition"), given.get("files")
    if definition is None or files is None:
        raise UserErrorException(f"input {name!r} has no files that a step can read directly; use as_mount() or as_download()")
    names = given.get("names") or _names(files)
    kind = TabularDataset if definition.get("kind") == "tabular" else FileDataset
    return kind(definition, files, names, given.get("id"))


def _names(files: list[str]) -> list[str]:
    """Names below the folder that all files share, with a leading `/`."""
    top = os.path.commonpath([os.path.dirname(file) for file in files]) if files else ""
    return ["/" + os.path.relpath(file, top).replace(os.sep, "/") for file in files]


class AbstractDataset:
    """A definition and the files that it stands for. Operations make new datasets and read nothing."""

    def __init__(self, definition: dict[str, Any], files: list[str], names: list[str], dataset_id: str | None = None) -> None:
        self._definition = definition
        self._files = files
        self._names = names
        self.id = dataset_id

    @property
    def name(self) -> str | None:
        """The name under which it is registered, or None."""
        return self._definition.get("name")

    @property
    def version(self) -> int | None:
        """The version under which it is registered, or None."""
        return self._definition.get("version")

    @property
    def partition_keys(self) -> list[str]:
        """The columns whose values stand in the paths of the files."""
        from stepwell.partitions import keys

        return keys(self._definition.get("options", {}).get("partition_format"))

    def get_partition_key_values(self, partition_keys: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """The combinations of values of these columns that there are, by default of all, in order of the files."""
        from stepwell.partitions import partition_columns

        wanted = list(partition_keys or self.partition_keys)
        template = self._definition.get("options", {}).get("partition_format") or ""
        found: list[dict[str, Any]] = []
        for name, _ in self._pairs():
            columns = partition_columns(template, name)
            values = {key: columns.get(key) for key in wanted}
            if values not in found:
                found.append(values)
        return found

    def take(self: D, count: int) -> D:
        """The first `count` rows or files."""
        return self._with("take", count=count)

    def skip(self: D, count: int) -> D:
        """All but the first `count` rows or files."""
        return self._with("skip", count=count)

    def take_sample(self: D, probability: float, seed: int | None = None) -> D:
        """Rows or files picked at random, each with this probability (0 to 1)."""
        return self._with("take_sample", probability=_share(probability), seed=_seed(seed))

    def random_split(self: D, percentage: float, seed: int | None = None) -> tuple[D, D]:
        """Two datasets that share nothing; the first holds about `percentage` (0 to 1)."""
        options = {"percentage": _share(percentage), "seed": _seed(seed)}
        return self._with("random_split", part=0, **options), self._with("random_split", part=1, **options)

    def __getattr__(self, name: str) -> Any:
        """What is not done here is done by the workspace's side, as far as it can be reached: registering, for one."""
        if name.startswith("_"):
            raise AttributeError(name)
        from stepwell.asking import asked
        from stepwell.remote import dataset_of

        return asked(lambda: dataset_of(self._definition), name)

    def filter(self: D, expression: Expression) -> D:
        """Rows or files for which a condition holds, such as `dataset["price"] > 3`."""
        if not isinstance(expression, Expression):
            raise UserErrorException(f"filter takes a condition such as dataset['price'] > 3, not a {type(expression).__name__}")
        return self._with("filter", condition=expression.data)

    def _with(self: D, operation: str, **options: Any) -> D:
        transforms = [*self._transforms, {"name": operation, "options": options}]
        return type(self)({**self._definition, "transforms": transforms, "name": None, "version": None}, self._files, self._names)

    @property
    def _transforms(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._definition.get("transforms", [])
        return found

    def _pairs(self) -> list[tuple[str, str]]:
        return list(zip(self._names, self._files))  # noqa: B905  (Python 3.8 has no strict=)


class TabularDataset(AbstractDataset, Timed):
    """A table read from files, by the pandas of the step's own interpreter."""

    def __getitem__(self, name: str) -> Expression:
        return column(name)

    def keep_columns(self, columns: str | Sequence[str], validate: bool = False) -> TabularDataset:
        """Only these columns, in the order of the table; names that it does not have are ignored."""
        del validate
        return self._with("keep_columns", columns=_listed(columns))

    def drop_columns(self, columns: str | Sequence[str]) -> TabularDataset:
        """All but these columns."""
        return self._with("drop_columns", columns=_listed(columns))

    def to_spark_dataframe(self) -> Any:
        """The table as a DataFrame of the step's own session of Spark; ImportError where its interpreter has no pyspark."""
        from pyspark.sql import SparkSession

        return SparkSession.builder.getOrCreate().createDataFrame(self.to_pandas_dataframe())

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> Any:
        """The table as a DataFrame, indexed by its times where it has a column of them. ImportError where there is no pandas."""
        del on_error, out_of_range_datetime  # what does not fit its column's type is null
        from stepwell.tables import read

        frame = read(self._definition, self._files, self._names)
        for transform in self._transforms:
            frame = _apply(frame, transform["name"], transform.get("options", {}))
        times = self.timestamp_columns[0]
        return frame.set_index(times, drop=False).rename_axis(None) if times in frame.columns else frame


class FileDataset(AbstractDataset):
    """Files."""

    def file_metadata(self, col: str) -> Expression:
        """A fact about files, for `filter`: Size (bytes), LastModifiedTime, CreationTime, Name, Extension."""
        return file_fact(col)

    def to_path(self) -> list[str]:
        """Names with a leading `/`."""
        return [name for name, _ in self._chosen()]

    def download(self, target_path: str | None = None, overwrite: bool = False, ignore_not_found: bool = False) -> list[str]:
        """Copy the files below a folder (a new temporary one by default); where they are. An existing file is an error."""
        import shutil
        import tempfile

        folder = tempfile.mkdtemp() if target_path is None else os.fspath(target_path)
        wanted = [(os.path.join(folder, name.lstrip("/")), file) for name, file in self._chosen()]
        if ignore_not_found:
            wanted = [(target, file) for target, file in wanted if os.path.exists(file)]
        for target, file in wanted:
            if os.path.exists(target) and not overwrite:
                raise UserErrorException(f"{target!r} exists already; overwrite=True replaces it")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(file, target)
        return [target for target, _ in wanted]

    def mount(self, mount_point: str | None = None) -> Any:
        """The files below a folder, while a `with` block or `start()` and `stop()` hold it."""
        from stepwell.mounted import Mounted

        return Mounted(self._chosen(), mount_point)

    def _chosen(self) -> list[tuple[str, str]]:
        try:
            return selection.files(self._pairs(), self._transforms)
        except ValueError as problem:
            raise UserErrorException(str(problem)) from None


def _apply(frame: Any, name: str, options: dict[str, Any]) -> Any:
    if name == "keep_columns":
        return frame[[one for one in frame.columns if one in set(options["columns"])]]
    if name == "drop_columns":
        return frame[[one for one in frame.columns if one not in set(options["columns"])]]
    if name == "filter":
        return _filtered(frame, options["condition"])
    chosen = selection.positions(len(frame), name, options)
    if chosen is not None:
        return frame.iloc[chosen].reset_index(drop=True)
    return apply_times(frame, name, options)


def _filtered(frame: Any, condition: dict[str, Any]) -> Any:
    def value_of(kind: str, name: str) -> Any:
        if kind != "column" or name not in frame.columns:
            raise UserErrorException(f"the table has no column {name!r}; it has {', '.join(map(str, frame.columns))}")
        return frame[name]

    try:
        kept = selection.evaluate(condition, value_of)
    except TypeError as problem:
        raise UserErrorException(f"the condition of a filter does not fit its columns: {problem}") from None
    return frame[kept.fillna(False).astype(bool)].reset_index(drop=True)


def _seed(seed: int | None) -> int:
    return int.from_bytes(os.urandom(4), "big") if seed is None else seed


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise UserErrorException(f"a share is a number between 0 and 1, not {value}")
    return value


def _listed(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)
