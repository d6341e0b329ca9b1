"""The mini-batches of a step: from its inputs to what a worker is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

from stepwell.parallel import cutting
from stepwell.parallel.settings import FILES_PER_BATCH, Settings, SettingsError


class Batch(NamedTuple):
    """One mini-batch. Either `files` are its items, or the rows of a table that lie in the file `rows`; with neither it is empty."""

    index: int
    dataset: str
    items: int
    files: list[str] | None = None
    names: list[str] | None = None
    rows: str | None = None
    partition: dict[str, Any] = {}  # noqa: RUF012  (never changed)


class Source:
    """One input that is cut. `count` mini-batches, numbered from `first`; a table's rows are written when they are needed."""

    count = 0

    def batches(self, first: int, spool: str) -> Iterator[Batch]:
        """The mini-batches in order."""
        raise NotImplementedError


class Numbers(Source):
    """Mini-batches without input."""

    def __init__(self, count: int) -> None:
        self.count = count

    def batches(self, first: int, spool: str) -> Iterator[Batch]:
        """As many as asked for."""
        del spool
        for position in range(self.count):
            yield Batch(first + position, "", 0, files=[])


class Files(Source):
    """Files, in order of name."""

    def __init__(self, name: str, files: list[str], names: list[str], settings: Settings, template: str | None) -> None:
        self._name = name
        self._files = files
        self._names = names
        if settings.partition_keys:
            self._parts = _partitions(name, files, names, settings.partition_keys, template)
        elif settings.batch_unit == "bytes":
            self._parts = [(part, {}) for part in _of_bytes(files, settings.batch_size or 1)]
        else:
            ranges = cutting.by_count(len(files), settings.batch_size or FILES_PER_BATCH)
            self._parts = [(list(range(*one)), {}) for one in ranges]
        self.count = len(self._parts)

    def batches(self, first: int, spool: str) -> Iterator[Batch]:
        """Lists of paths."""
        del spool
        for position, (part, partition) in enumerate(self._parts):
            files, names = [self._files[at] for at in part], [self._names[at] for at in part]
            yield Batch(first + position, self._name, len(part), files=files, names=names, partition=partition)


def _of_bytes(files: list[str], size: int) -> list[list[int]]:
    """Files together until they take `size` bytes; each mini-batch has one at least."""
    parts: list[list[int]] = []
    room = 0
    for position, file in enumerate(files):
        volume = os.path.getsize(file)
        if not parts or volume > room:
            parts.append([])
            room = size
        parts[-1].append(position)
        room -= volume
    return parts


def _partitions(
    name: str, files: list[str], names: list[str], keys: list[str], template: str | None
) -> list[tuple[list[int], dict[str, Any]]]:
    from stepwell.partitions import partition_columns

    if not template:
        raise SettingsError(f"input {name!r} has no partition_format, so it cannot be cut by {', '.join(keys)}")
    values = []
    for file, shown in zip(files, names):  # noqa: B905  (Python 3.8 has no strict=)
        found = partition_columns(template, file)
        found = partition_columns(template, shown) if None in found.values() else found
        missing = [key for key in keys if key not in found]
        if missing:
            raise SettingsError(f"input {name!r} has no partition key {', '.join(missing)}; it has {', '.join(found)}")
        values.append(tuple(found[key] for key in keys))
    return [(positions, dict(zip(keys, value))) for value, positions in cutting.by_value(values).items()]  # type: ignore[call-overload]  # noqa: B905


def sources(settings: Settings, inputs: dict[str, dict[str, Any]]) -> list[Source]:
    """What the step's inputs are cut into. SettingsError says what of them cannot be cut."""
    if not settings.split:
        return [Numbers(settings.count or 1)]
    return [_source(name, inputs[name], settings) for name in settings.split]


def _source(name: str, given: dict[str, Any], settings: Settings) -> Source:
    definition = given.get("definition") or {}
    if given["mode"] == "direct" and definition:
        from stepwell.data import FileDataset, dataset

        found = dataset(name, given)
        if not isinstance(found, FileDataset):
            from stepwell.parallel.frames import Table

            return Table(name, given, settings)
        chosen = found._chosen()  # noqa: SLF001  (a part of this package)
        names, files = [one for one, _ in chosen], [file for _, file in chosen]
        return Files(name, files, names, settings, (definition.get("options") or {}).get("partition_format"))
    if not given.get("path"):
        raise SettingsError(f"input {name!r} is no file, folder or dataset, so it cannot be cut into mini-batches")
    names, files = _below(given["path"])
    return Files(name, files, names, settings, (definition.get("options") or {}).get("partition_format"))


def _below(path: str) -> tuple[list[str], list[str]]:
    """Names below a folder and paths, in order of name; a file is one by itself."""
    if not os.path.isdir(path):
        return ["/" + os.path.basename(path)], [path]
    found = []
    for folder, folders, files in os.walk(path, followlinks=True):
        folders.sort()
        found += [os.path.join(folder, file) for file in files]
    found.sort()
    return ["/" + os.path.relpath(file, path).replace(os.sep, "/") for file in found], found
