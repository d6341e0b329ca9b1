"""What an entry script is told about one mini-batch, when its `run` takes a second argument."""

from __future__ import annotations

from typing import Any

from stepwell.parallel.batches import Batch


class MiniBatchContext:
    """`partition_key_value` maps partition keys to their values, `dataset` is the mini-batch as a dataset, `minibatch_index` its number."""

    def __init__(self, batch: Batch, items: Any) -> None:
        self.minibatch_index = batch.index
        self.partition_key_value = batch.partition
        self.dataset = Part(batch, items)

    def __repr__(self) -> str:
        return f"MiniBatchContext(minibatch_index={self.minibatch_index}, partition_key_value={self.partition_key_value})"


class Part:
    """The part of a dataset that a mini-batch is. `name` is the input that it was cut from."""

    def __init__(self, batch: Batch, items: Any) -> None:
        self.name = batch.dataset
        self._batch = batch
        self._items = items

    def __repr__(self) -> str:
        return f"Part({self.name!r}, {len(self._items)} items)"

    def to_path(self) -> list[str]:
        """Names of the files, with a leading `/`; none for a table."""
        return list(self._batch.names or [])

    def to_pandas_dataframe(self, *_: Any, **__: Any) -> Any:
        """The rows of a table. AttributeError for files."""
        if self._batch.rows is None:
            raise AttributeError(f"{self.name} is files, no table")
        return self._items.copy()
