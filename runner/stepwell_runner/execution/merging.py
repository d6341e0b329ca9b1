"""A source folder with files from elsewhere in it: put together in the cache, from links where the disk allows it."""

from __future__ import annotations

import io
import os
import zipfile
from contextlib import suppress

from stepwell_runner.graph.model import Source
from stepwell_store.content import snapshots
from stepwell_store.content.digest import digest_parts
from stepwell_store.errors import UsageError
from stepwell_store.files import copy_file, make_dir, remove_tree, temporary_name, write_atomic

_ALWAYS = (1980, 1, 1, 0, 0, 0)

Wanted = dict[str, str | bytes]
"""By its path in the folder where a file comes from, or what is in it."""


def merged(source: Source, cache: str) -> str:
    """The folder of a source with its `extra` files and folders in it, as they are now.

    What is right in it already is left alone: another process may be reading there, and a new link would make a file look changed.
    """
    name = digest_parts("merged-1", [one.encode() for one in (source.path, *source.only, *source.extra)]).rpartition(":")[2][:32]
    place = os.path.join(cache, "merged", name)
    wanted = _taken(source.path, "", cache, source.only or None)
    for extra in source.extra:
        wanted |= _extra(extra, cache)
    _clear(place, wanted)
    for path, origin in wanted.items():
        _put(os.path.join(place, path), origin, cache)
    return place


def _taken(folder: str, below: str, cache: str, only: tuple[str, ...] | None) -> Wanted:
    """The files of a folder that are not ignored."""
    return {os.path.join(below, entry.path): os.path.join(folder, entry.path)
            for entry in snapshots.scan(folder, cache, include=only).tree.entries}


def _extra(extra: str, cache: str) -> Wanted:
    name = os.path.basename(extra)
    if os.path.isdir(extra):
        return _taken(extra, name, cache, None)
    if os.path.isfile(extra):
        return {name: extra}
    if extra.endswith(".zip") and os.path.isdir(extra.removesuffix(".zip")):
        return {name: _zip(extra.removesuffix(".zip"), cache)}
    raise UsageError(f"there is no file or folder {extra}", todo="correct additional_includes")


def _zip(folder: str, cache: str) -> bytes:
    """A zip of a folder whose bytes depend on nothing but what is in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in snapshots.scan(folder, cache).tree.entries:
            with open(os.path.join(folder, entry.path), "rb") as file:
                archive.writestr(zipfile.ZipInfo(f"{os.path.basename(folder)}/{entry.path}", _ALWAYS), file.read())
    return made.getvalue()


def _clear(place: str, wanted: Wanted) -> None:
    """Remove what is not wanted there any longer, or is a folder where a file is wanted, or the other way round."""
    folders = {parent for path in wanted for parent in _parents(path)}
    for top, inner, names in os.walk(place):
        for name in (*inner, *names):
            path = os.path.relpath(os.path.join(top, name), place)
            if path not in (folders if name in inner else wanted):
                remove_tree(os.path.join(place, path))
        inner[:] = [name for name in inner if os.path.relpath(os.path.join(top, name), place) in folders]


def _parents(path: str) -> list[str]:
    found = []
    while path := os.path.dirname(path):
        found.append(path)
    return found


def _put(target: str, origin: str | bytes, cache: str) -> None:
    """The file in its place, whole at any moment: it is made beside the folder."""
    if _holds(target, origin) if isinstance(origin, bytes) else _is_same(target, origin):
        return
    make_dir(os.path.dirname(target))
    aside = temporary_name(cache)
    if isinstance(origin, bytes):
        write_atomic(aside, origin, durable=False)
    else:
        _link(origin, aside)
    os.replace(aside, target)
    with suppress(FileNotFoundError):
        os.unlink(aside)  # where somebody else has just put the same file, nothing was renamed


def _holds(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:
        return False


def _is_same(target: str, origin: str) -> bool:
    """Whether it is a link to the file, or a copy of it as it is now."""
    try:
        one, other = os.stat(target), os.stat(origin)
    except FileNotFoundError:
        return False
    return os.path.samestat(one, other) or (one.st_size, one.st_mtime_ns, one.st_mode & 0o100) == (
        other.st_size, other.st_mtime_ns, other.st_mode & 0o100)  # fmt: skip


def _link(origin: str, target: str) -> None:
    try:
        os.link(origin, target)
    except OSError:
        known = os.stat(origin)
        copy_file(origin, target, 0o600 | known.st_mode & 0o100)
        os.utime(target, ns=(known.st_atime_ns, known.st_mtime_ns))
