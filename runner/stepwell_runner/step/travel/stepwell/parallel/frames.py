"""Tables cut into mini-batches, by the pandas of the step's own interpreter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from stepwell.data import TabularDataset, dataset
from stepwell.parallel import cutting
from stepwell.parallel.batches import Batch, Source
from stepwell.parallel.settings import BYTES_PER_BATCH, Settings, SettingsError
from stepwell.tables import LENGTHS


class Table(Source):
    """The rows of a tabular dataset. A mini-batch never crosses the end of a file, unless the dataset chooses among its rows."""

    def __init__(self, name: str, given: dict[str, Any], settings: Settings) -> None:
        self._name = name
        found = dataset(name, given)
        assert isinstance(found, TabularDataset)
        self._frame = found.to_pandas_dataframe()
        if settings.partition_keys:
            self._parts = _partitions(name, self._frame, settings.partition_keys)
        else:
            self._parts = [(range(*one), {}) for one in _ranges(self._frame, given, settings)]
        self.count = len(self._parts)

    def batches(self, first: int, spool: str) -> Iterator[Batch]:
        """The rows of each in a file of its own, written when it is asked for."""
        for position, (rows, partition) in enumerate(self._parts):
            path = os.path.join(spool, f"{first + position}.input")
            self._frame.iloc[list(rows)].reset_index(drop=True).to_pickle(path)
            yield Batch(first + position, self._name, len(rows), rows=path, partition=partition)


def _partitions(name: str, frame: Any, keys: list[str]) -> list[tuple[Any, dict[str, Any]]]:
    missing = [key for key in keys if key not in frame.columns]
    if missing:
        raise SettingsError(f"input {name!r} has no column {', '.join(missing)} to cut it by; it has {', '.join(map(str, frame.columns))}")
    values = list(frame[keys].itertuples(index=False, name=None))
    return [(positions, dict(zip(keys, value))) for value, positions in cutting.by_value(values).items()]  # type: ignore[call-overload]  # noqa: B905


def _ranges(frame: Any, given: dict[str, Any], settings: Settings) -> Iterator[tuple[int, int]]:
    size = settings.batch_size or BYTES_PER_BATCH
    lengths = frame.attrs.get(LENGTHS, [])
    if sum(lengths) != len(frame):
        lengths = [len(frame)]  # the dataset chose among the rows
    if settings.batch_unit == "rows":
        return cutting.within(lengths, [size] * len(lengths))
    volumes = _volumes(frame, lengths, given)
    rows = [cutting.rows_for(size, length, volume) for length, volume in zip(lengths, volumes)]  # noqa: B905  (no strict= in 3.8)
    return cutting.within(lengths, rows)


def _volumes(frame: Any, lengths: list[int], given: dict[str, Any]) -> list[int]:
    """Bytes of each part: those on disk for text, else those in memory, since packed files say little about their rows."""
    files = given["files"]
    form = given["definition"].get("format") or "delimited"
    if form != "parquet" and len(files) == len(lengths):
        return [os.path.getsize(file) for file in files]
    each = int(frame.memory_usage(index=False, deep=True).sum()) // max(1, len(frame))
    return [each * length for length in lengths]
