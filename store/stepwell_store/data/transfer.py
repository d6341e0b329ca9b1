"""Copying lists of files: what is there already is skipped, every file appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from stepwell_store.data.datastores import Progress
from stepwell_store.errors import UsageError
from stepwell_store.files import copy_file, explained, make_dir, sync_dir, sync_paths, temporary_name

_BATCH_FILES, _BATCH_BYTES = 200, 64 << 20


class Copy(msgspec.Struct, frozen=True):
    """One file to copy: from an absolute path to an absolute path, `name` for people, `size` in bytes."""

    source: str
    target: str
    name: str
    size: int


def copy_all(copies: Sequence[Copy], overwrite: bool, progress: Progress | None) -> tuple[list[str], list[str]]:
    """Copy them in turn; the names of those that were copied, and of those whose target existed.

    What it says is copied is on the disk. When it is interrupted, every target is either whole or untouched.
    """
    wanted = [copy for copy in copies if overwrite or not os.path.lexists(copy.target)]
    total, done = sum(copy.size for copy in wanted), 0
    for batch in _batches(wanted):
        _copy_batch(batch)
        for copy in batch:
            done += copy.size
            if progress:
                progress(done, total, copy.name)
    copied = {copy.target for copy in wanted}
    return [copy.name for copy in wanted], [copy.name for copy in copies if copy.target not in copied]


def _batches(copies: Iterable[Copy]) -> Iterator[list[Copy]]:
    """Groups that are brought to the disk together, which is much faster than one by one."""
    batch: list[Copy] = []
    for copy in copies:
        batch.append(copy)
        if len(batch) == _BATCH_FILES or sum(item.size for item in batch) >= _BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _copy_batch(batch: Sequence[Copy]) -> None:
    temporary: dict[str, str] = {}
    try:
        for copy in batch:
            with explained("copying a file", copy.target):
                make_dir(os.path.dirname(copy.target))
                temporary[copy.target] = temporary_name(os.path.dirname(copy.target))
                copy_file(copy.source, temporary[copy.target])
        with explained("writing files to the disk", os.path.dirname(batch[0].target)):
            sync_paths(temporary.values())
            for target in list(temporary):
                os.replace(temporary[target], target)
                del temporary[target]
            for folder in {os.path.dirname(copy.target) for copy in batch}:
                sync_dir(folder)
    finally:
        for path in temporary.values():
            if os.path.lexists(path):
                os.unlink(path)


def local_file(path: str) -> tuple[str, int]:
    """Absolute path and size of one regular file; UsageError when it is none."""
    place = os.path.abspath(path)
    with explained("reading a file", place):
        if not os.path.isfile(place):
            raise UsageError("there is no such file", where=path)
        return place, os.stat(place).st_size
