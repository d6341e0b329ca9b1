"""A source folder with files from elsewhere in it: put together in the cache, from links where the disk allows it."""

from __future__ import annotations

import os
import zipfile

from stepwell_runner.graph.model import Source
from stepwell_store.content import snapshots
from stepwell_store.content.digest import digest_parts
from stepwell_store.errors import UsageError
from stepwell_store.files import copy_file, make_dir, remove_tree

_ALWAYS = (1980, 1, 1, 0, 0, 0)


def merged(source: Source, cache: str) -> str:
    """The folder of a source with its `extra` files and folders in it, as they are now."""
    name = digest_parts("merged-1", [one.encode() for one in (source.path, *source.only, *source.extra)]).rpartition(":")[2][:32]
    place = os.path.join(cache, "merged", name)
    remove_tree(place)
    make_dir(place)
    _take(source.path, place, cache, source.only or None)
    for extra in source.extra:
        _add(extra, os.path.join(place, os.path.basename(extra)), cache)
    return place


def _take(folder: str, place: str, cache: str, only: tuple[str, ...] | None) -> None:
    """The files of a folder that are not ignored."""
    for entry in snapshots.scan(folder, cache, include=only).tree.entries:
        _link(os.path.join(folder, entry.path), os.path.join(place, entry.path))


def _add(extra: str, place: str, cache: str) -> None:
    if os.path.isdir(extra):
        _take(extra, place, cache, None)
    elif os.path.isfile(extra):
        _link(extra, place)
    elif extra.endswith(".zip") and os.path.isdir(extra.removesuffix(".zip")):
        _zip(extra.removesuffix(".zip"), place, cache)
    else:
        raise UsageError(f"there is no file or folder {extra}", todo="correct additional_includes")


def _link(origin: str, target: str) -> None:
    if os.path.lexists(target):
        os.unlink(target)
    make_dir(os.path.dirname(target))
    try:
        os.link(origin, target)
    except OSError:
        copy_file(origin, target)


def _zip(folder: str, place: str, cache: str) -> None:
    """A zip of a folder whose bytes depend on nothing but what is in it."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in snapshots.scan(folder, cache).tree.entries:
            with open(os.path.join(folder, entry.path), "rb") as file:
                archive.writestr(zipfile.ZipInfo(f"{os.path.basename(folder)}/{entry.path}", _ALWAYS), file.read())
