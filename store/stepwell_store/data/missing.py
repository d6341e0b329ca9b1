"""What to say when a dataset's place holds no file: the place, and the nearest names that do exist."""

from __future__ import annotations

from collections.abc import Callable

from stepwell_store.data.names import fixed_parts, is_glob, nearest
from stepwell_store.errors import UsageError

Children = Callable[[tuple[str, ...]], list[str]]
"""The names directly in a folder, given by its parts; empty when there is no such folder."""


class NothingThere(UsageError):
    """A path or glob names no file."""


def missing(path: str, parts: tuple[str, ...], children: Children, place: str) -> NothingThere:
    """The error for a path or glob that names no file."""
    what = f"no file matches '{path}'" if is_glob(path) else f"there is no file or folder '{path}'"
    return NothingThere(f"{what} on {place}", todo=_advice(parts, children, "/" if path.startswith("/") else ""))


def _advice(parts: tuple[str, ...], children: Children, lead: str) -> str:
    fixed = fixed_parts(parts)
    for depth in range(len(fixed), -1, -1):
        names = children(fixed[:depth])
        if names:
            wanted = fixed[depth] if depth < len(fixed) else parts[-1]
            return _listing([lead + "/".join((*fixed[:depth], name)) for name in nearest(wanted, names) or names[:5]])
    return "There is no file at all; upload the data first."


def _listing(paths: list[str]) -> str:
    return "Nearest names that exist: " + ", ".join(f"'{path}'" for path in paths) + "."
