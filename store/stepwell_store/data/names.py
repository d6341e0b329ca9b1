"""Paths on a datastore: `/` between parts, never leading out of it; globs with `*` and `**`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stepwell_store.errors import UsageError


def target_parts(path: str) -> tuple[str, ...]:
    """The parts of a path that is written to; `.`, `..` and leading or doubled `/` are dropped."""
    return tuple(part for part in _split(path) if part != "..")


def source_parts(path: str) -> tuple[str, ...]:
    """The parts of a path that is read; UsageError for `..`."""
    parts = _split(path)
    if ".." in parts:
        todo = "Write the path from the datastore's root."
        raise UsageError("a path on a datastore may not contain '..'", where=repr(path), todo=todo)
    return parts


def _split(path: str) -> tuple[str, ...]:
    if "\0" in path:
        raise UsageError("a path on a datastore may not contain a NUL character", where=repr(path))
    return tuple(part for part in path.split("/") if part not in ("", "."))


def is_glob(path: str) -> bool:
    """Whether the path names files by pattern."""
    return "*" in path


def fixed_parts(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The parts before the first that holds a `*`."""
    for index, part in enumerate(parts):
        if is_glob(part):
            return parts[:index]
    return parts


def glob_matcher(parts: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for whole paths: `*` is anything within a part, a part `**` any number of parts (last: any file below)."""
    *before, last = parts
    text = "".join(r"(?:[^/]+/)*" if part == "**" else _part_pattern(part) + "/" for part in before)
    return re.compile(text + (r".+" if last == "**" else _part_pattern(last)), re.DOTALL)


def glob_depth(parts: tuple[str, ...]) -> int | None:
    """How many levels below its fixed part a glob reaches; None is any number."""
    return None if "**" in parts else len(parts) - len(fixed_parts(parts))


def _part_pattern(part: str) -> str:
    return "[^/]*".join(re.escape(text) for text in re.split(r"\*+", part))


def nearest(name: str, existing: Iterable[str], count: int = 3) -> list[str]:
    """Those of the existing names that look most like the given one, best first."""
    from difflib import get_close_matches

    return get_close_matches(name, list(existing), n=count, cutoff=0.5)
