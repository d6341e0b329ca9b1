"""Values on their way through a step's door. Plain ones go as they are; for others the step gets a number."""
# ruff: noqa: ARG005  (packers and unpackers are all called alike)

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError


class Frame:
    """A table that the step has written as Parquet, where a method takes a DataFrame."""

    def __init__(self, path: str) -> None:
        self._path = path

    def to_parquet(self, path: Any, **_: Any) -> None:
        """Put it there."""
        shutil.copyfile(self._path, path)


class Parcels:
    """Packs what goes to the step and unpacks what comes from it."""

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._workspace: Any = None

    def workspace(self) -> Any:
        """The workspace of the step."""
        if self._workspace is None:
            from stepwell.sdk.workspace import Workspace

            self._workspace = Workspace.from_config()
        return self._workspace

    def run(self, run_id: str) -> Any:
        """The run of this id."""
        return self.workspace().get_run(run_id)

    def experiment(self, name: str) -> Any:
        """The experiment of this name."""
        from stepwell.sdk.experiment import Experiment

        return Experiment.of_run(self.workspace(), name)

    def dataset(self, definition: dict[str, Any]) -> Any:
        """The dataset of a definition."""
        from stepwell.sdk.datasets import FileDataset, TabularDataset

        made = msgspec.convert(definition, DatasetDefinition)
        return (TabularDataset if made.kind == "tabular" else FileDataset)(made, self.workspace())

    def pack(self, value: Any) -> Any:
        """The value as JSON."""
        if value is None or isinstance(value, bool | int | float | str):
            # Of enumerations of text or numbers, too, the step wants the value.
            return value if type(value) in _PLAIN else _plain(value)
        for kinds, packer in _PACKERS:
            if isinstance(value, kinds):
                return packer(self, value)
        if isinstance(value, type):
            return {"$class": f"{value.__module__}:{value.__qualname__}"}
        return self._numbered(value)

    def _numbered(self, value: Any) -> Any:
        self._kept.append(value)
        kinds = [one.__name__ for one in type(value).__mro__ if one is not object]
        return {"$ref": {"number": len(self._kept) - 1, "kinds": kinds, "home": f"{type(value).__module__}:{type(value).__qualname__}"}}

    def unpack(self, value: Any) -> Any:
        """The value that came as JSON."""
        if isinstance(value, list):
            return [self.unpack(one) for one in value]
        if not isinstance(value, dict):
            return value
        ((kind, held),) = value.items()
        unpacker = _UNPACKERS.get(kind)
        if unpacker is None:
            raise UsageError(f"a step sent a {kind}, which this version of Stepwell does not know")
        return unpacker(self, held)

    def kept(self, number: int) -> Any:
        """The object of a number."""
        return self._kept[number]


_PLAIN = (type(None), bool, int, float, str)


def _plain(value: Any) -> Any:
    return next(kind(value) for kind in (int, float, str) if isinstance(value, kind))


def _class(home: str) -> Any:
    module, _, name = home.partition(":")
    return getattr(import_module(module), name)


_PACKERS: tuple[tuple[Any, Callable[[Parcels, Any], Any]], ...] = (
    (list, lambda parcels, value: [parcels.pack(one) for one in value]),
    (tuple, lambda parcels, value: {"$tuple": [parcels.pack(one) for one in value]}),
    ((set, frozenset), lambda parcels, value: {"$set": [parcels.pack(one) for one in value]}),
    (dict, lambda parcels, value: {"$dict": [[parcels.pack(key), parcels.pack(one)] for key, one in value.items()]}),
    (bytes, lambda parcels, value: {"$bytes": value.hex()}),
    (datetime.datetime, lambda parcels, value: {"$datetime": value.isoformat()}),
    (datetime.date, lambda parcels, value: {"$date": value.isoformat()}),
    (datetime.timedelta, lambda parcels, value: {"$seconds": value.total_seconds()}),
    (Path, lambda parcels, value: str(value)),
    (Iterator, lambda parcels, value: {"$iter": [parcels.pack(one) for one in value]}),
)

_UNPACKERS: dict[str, Callable[[Parcels, Any], Any]] = {
    "$ref": lambda parcels, held: parcels.kept(held),
    "$class": lambda parcels, held: _class(held),
    "$workspace": lambda parcels, held: parcels.workspace(),
    "$experiment": lambda parcels, held: parcels.experiment(held),
    "$run": lambda parcels, held: parcels.run(held),
    "$dataset": lambda parcels, held: parcels.dataset(held),
    "$frame": lambda parcels, held: Frame(held),
    "$path": lambda parcels, held: Path(held),
    "$tuple": lambda parcels, held: tuple(parcels.unpack(one) for one in held),
    "$set": lambda parcels, held: {parcels.unpack(one) for one in held},
    "$dict": lambda parcels, held: {parcels.unpack(key): parcels.unpack(one) for key, one in held},
    "$bytes": lambda parcels, held: bytes.fromhex(held),
    "$datetime": lambda parcels, held: datetime.datetime.fromisoformat(held),
    "$date": lambda parcels, held: datetime.date.fromisoformat(held),
    "$seconds": lambda parcels, held: datetime.timedelta(seconds=held),
}
