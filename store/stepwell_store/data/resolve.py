"""From the places of a dataset to files on this machine, under the names that a step sees."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from stepwell_store.data.addresses import local_path
from stepwell_store.data.datastores import Datastore, Notice, Progress
from stepwell_store.data.definition import DatastorePath, LocalPath, Place, Url
from stepwell_store.data.missing import missing
from stepwell_store.data.names import fixed_parts, glob_depth, glob_matcher, is_glob, source_parts
from stepwell_store.data.walk import files_below
from stepwell_store.errors import UsageError
from stepwell_store.files import explained


class Resolved(msgspec.Struct, frozen=True):
    """The files of a dataset: `files[i]` is an absolute path, `names[i]` its name with a leading `/`.

    Names are relative to the fixed (non-glob) part of a single place, whole paths when there are several places; no name
    occurs twice. `root` is the folder below which the files lie under just these names, among others perhaps; None when
    there is no such folder. `is_single_file` when the only place is the path or address of one file.
    """

    files: tuple[str, ...]
    names: tuple[str, ...]
    root: str | None
    is_single_file: bool


class _Found(msgspec.Struct, frozen=True):
    """One file of a place: where it is, its name when the place is the only one, and when it is one of several."""

    file: str
    name: str
    full: str
    is_place: bool = False


def resolve(
    places: Sequence[Place],
    find_datastore: Callable[[str], Datastore],
    download_dir: str,
    *,
    mappings: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    notice: Notice | None = None,
) -> Resolved:
    """The files of these places. Addresses are fetched into `download_dir`, once unless they changed.

    `mappings` are paths of this machine that stand for addresses.

    UsageError names a place that has no file, with the nearest names that exist.
    """
    known = [_served(place, mappings or {}) for place in places]
    found = [_find(place, find_datastore, download_dir, progress, notice) for place in known]
    if len(found) == 1:
        named = [(item.name, item.file) for item in found[0]]
    else:
        named = _distinct((item.full, item.file) for items in found for item in items)
    names, files = tuple(name for name, _ in named), tuple(file for _, file in named)
    return Resolved(files, names, _root(named), len(found) == 1 and found[0][0].is_place)


def _served(place: Place, mappings: Mapping[str, str]) -> Place:
    """The place on this machine that stands for an address, else the place itself."""
    path = local_path(place.url, mappings) if isinstance(place, Url) else None
    return place if path is None else LocalPath(path)


def _find(
    place: Place, find_datastore: Callable[[str], Datastore], download_dir: str, progress: Progress | None, notice: Notice | None
) -> list[_Found]:
    if isinstance(place, Url):
        return [_fetched(place.url, download_dir, progress, notice)]
    if isinstance(place, LocalPath):
        return _local(place.path)
    return _on_datastore(place, find_datastore(place.datastore))


def _distinct(named: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each file once; a name that another file has already gets a number in front."""
    taken: dict[str, str] = {}
    for name, file in named:
        unique, number = name, 1
        while taken.get(unique, file) != file:
            number += 1
            unique = f"/{number}{name}"
        taken[unique] = file
    return list(taken.items())


def _root(named: Sequence[tuple[str, str]]) -> str | None:
    roots = {file[: -len(name)] if file.endswith(name) else None for name, file in named}
    return roots.pop() or "/" if len(roots) == 1 and None not in roots else None


def _relative(path: str, fixed: tuple[str, ...]) -> str:
    """A path's name below the fixed part of its place, the last part alone when the place is the path itself."""
    parts = path.split("/")
    return "/" + "/".join(parts[len(fixed) :] or parts[-1:])


def _on_datastore(place: DatastorePath, store: Datastore) -> list[_Found]:
    parts = source_parts(place.path)
    entries = store.find(place.path)
    if not entries:
        raise missing(place.path, parts, lambda prefix: _children(store, prefix), f"datastore '{store.name}'")
    fixed, whole = fixed_parts(parts), "/".join(parts)
    files = store.resolve(place.path)
    return [
        _Found(file, _relative(entry.path, fixed), f"/{entry.path}", entry.path == whole)
        for entry, file in zip(entries, files, strict=True)
    ]


def _children(store: Datastore, prefix: tuple[str, ...]) -> list[str]:
    paths = (entry.path.split("/") for entry in store.ls("/".join(prefix)))
    return sorted({path[len(prefix)] for path in paths if len(path) > len(prefix)})


def _local(path: str) -> list[_Found]:
    if not os.path.isabs(path):
        raise UsageError("a local path of a dataset must be absolute", where=path)
    parts = tuple(part for part in os.path.normpath(path).split("/") if part)
    fixed = fixed_parts(parts)
    top = "/" + "/".join(fixed)
    if not is_glob(path) and os.path.isfile(top):
        return [_Found(top, f"/{parts[-1]}", top, True)]
    with explained("reading a folder", top):
        entries = files_below(top, depth=glob_depth(parts) if is_glob(path) else None) if os.path.isdir(top) else []
    if is_glob(path):
        matcher = glob_matcher(parts[len(fixed) :])
        entries = [entry for entry in entries if matcher.fullmatch(entry.path)]
    if not entries:
        raise missing(path, parts, _local_children, "this machine")
    return [_Found(os.path.join(top, entry.path), f"/{entry.path}", os.path.join(top, entry.path)) for entry in entries]


def _local_children(prefix: tuple[str, ...]) -> list[str]:
    try:
        return sorted(os.listdir("/" + "/".join(prefix)))
    except OSError:
        return []


def _fetched(url: str, download_dir: str, progress: Progress | None, notice: Notice | None) -> _Found:
    from stepwell_store.data.fetch import fetch, name_of

    file = fetch(url, download_dir, progress=progress, notice=notice)
    return _Found(file, "/" + os.path.basename(file), name_of(url), True)
