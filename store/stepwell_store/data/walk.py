"""Regular files below a folder. Linked folders are not entered."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator

from stepwell_store.data.datastores import Entry

_TEMPORARY = re.compile(r"\.tmp-[0-9a-f]{24}")
"""What `stepwell_store.files.temporary_name` calls a file that is not whole yet."""


def files_below(root: str, start: str = "", *, depth: int | None = None, inside: bool = False) -> list[Entry]:
    """The files below the folder `start` of `root`, in order of path from `root`; `depth` 1 means directly in it.

    With `inside`, a linked file counts only when it lies in `root` too. OSError when a folder cannot be read.
    """
    limit = os.path.realpath(root) if inside else None
    prefix = f"{start}/" if start else ""
    return sorted(_walk(root, prefix, limit, depth), key=lambda entry: entry.path)


def file_at(root: str, path: str) -> Entry | None:
    """The file at a path below `root`, or None when there is none that counts."""
    place = os.path.join(root, path)
    if not is_inside(root, place):
        return None
    try:
        facts = os.stat(place)
    except OSError:
        return None
    return Entry(path, facts.st_size, facts.st_mtime) if stat.S_ISREG(facts.st_mode) else None


def is_inside(root: str, place: str) -> bool:
    """Whether a path, with all its links resolved, lies in `root` or is it."""
    real, inside = os.path.realpath(root), os.path.realpath(place)
    return inside == real or inside.startswith(real.rstrip("/") + "/")


def _walk(root: str, prefix: str, limit: str | None, depth: int | None) -> Iterator[Entry]:
    waiting = [(prefix, 1)]
    while waiting:
        folder, level = waiting.pop()
        with os.scandir(os.path.join(root, folder)) as found:
            for item in found:
                if item.is_dir(follow_symlinks=False):
                    if depth is None or level < depth:
                        waiting.append((f"{folder}{item.name}/", level + 1))
                elif entry := _entry(item, folder, limit):
                    yield entry


def _entry(item: os.DirEntry[str], folder: str, limit: str | None) -> Entry | None:
    if _TEMPORARY.fullmatch(item.name):
        return None
    if limit is not None and item.is_symlink() and not is_inside(limit, item.path):
        return None
    try:
        facts = item.stat()
    except FileNotFoundError:
        return None
    return Entry(folder + item.name, facts.st_size, facts.st_mtime) if stat.S_ISREG(facts.st_mode) else None
