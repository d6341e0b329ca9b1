"""Datasets as a step gets them in mode `direct`: definitions, read when the script asks.

Which rows belong to a part of `random_split` and to `take_sample`: `random.Random(seed)` draws one number per row, in order;
a row is taken, or is in the first part, when its number is below the share.
"""
# ruff: noqa: PYI019  (Python 3.8 has no Self)

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import Any, TypeVar

from stepwell.errors import UserErrorException

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

    def _with(self: D, operation: str, **options: Any) -> D:
        transforms = [*self._transforms, {"name": operation, "options": options}]
        return type(self)({**self._definition, "transforms": transforms, "name": None, "version": None}, self._files, self._names)

    @property
    def _transforms(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._definition.get("transforms", [])
        return found


class TabularDataset(AbstractDataset):
    """A table read from files, by the pandas of the step's own interpreter."""

    def keep_columns(self, columns: str | Sequence[str], validate: bool = False) -> TabularDataset:
        """Only these columns, in the order of the table; names that it does not have are ignored."""
        del validate
        return self._with("keep_columns", columns=_listed(columns))

    def drop_columns(self, columns: str | Sequence[str]) -> TabularDataset:
        """All but these columns."""
        return self._with("drop_columns", columns=_listed(columns))

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> Any:
        """The table as a DataFrame. ImportError where the step's interpreter has no pandas."""
        del on_error, out_of_range_datetime  # what does not fit its column's type is null
        from stepwell.tables import read

        frame = read(self._definition, self._files, self._names)
        for transform in self._transforms:
            frame = _apply(frame, transform["name"], transform.get("options", {}))
        return frame


class FileDataset(AbstractDataset):
    """Files."""

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

    def _chosen(self) -> list[tuple[str, str]]:
        pairs = list(zip(self._names, self._files))  # noqa: B905  (Python 3.8 has no strict=)
        for transform in self._transforms:
            pairs = [pairs[position] for position in _rows(len(pairs), transform["name"], transform.get("options", {}))]
        return pairs


def _apply(frame: Any, name: str, options: dict[str, Any]) -> Any:
    if name == "keep_columns":
        return frame[[column for column in frame.columns if column in set(options["columns"])]]
    if name == "drop_columns":
        return frame[[column for column in frame.columns if column not in set(options["columns"])]]
    return frame.iloc[_rows(len(frame), name, options)].reset_index(drop=True)


def _rows(count: int, name: str, options: dict[str, Any]) -> Sequence[int]:
    """Positions of the rows that an operation leaves."""
    if name == "take":
        return range(min(count, options["count"]))
    if name == "skip":
        return range(min(count, options["count"]), count)
    if name == "take_sample":
        return _drawn(count, options["probability"], options["seed"], 0)
    if name == "random_split":
        return _drawn(count, options["percentage"], options["seed"], options["part"])
    raise UserErrorException(f"this dataset is made with {name!r}, which a step cannot do")


def _drawn(count: int, share: float, seed: int, part: int) -> list[int]:
    draw = random.Random(seed).random  # noqa: S311  (no secret)
    return [position for position in range(count) if (draw() < share) == (part == 0)]


def _seed(seed: int | None) -> int:
    return int.from_bytes(os.urandom(4), "big") if seed is None else seed


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise UserErrorException(f"a share is a number between 0 and 1, not {value}")
    return value


def _listed(columns: str | Sequence[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)
