"""Where the files of a dataset are: the forms of path that v1 takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeAlias

from stepwell.sdk.data_reference import DataPath, DataReference
from stepwell.sdk.exceptions import UserErrorException
from stepwell_store.data.definition import DatastorePath, LocalPath, Place, Url

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.workspace import Workspace

OnePath: TypeAlias = "str | os.PathLike[str] | DataPath | DataReference | tuple[Datastore | str, str]"
Paths: TypeAlias = "OnePath | list[OnePath]"

_ADDRESSES = ("http://", "https://", "wasb://", "wasbs://", "abfs://", "abfss://", "adl://")


def places(path: Paths) -> tuple[Place, ...]:
    """Where the files are: paths on a datastore, addresses, local paths (made absolute), or a list of those."""
    if not isinstance(path, list):
        return (_place(path),)
    if not path:
        raise UserErrorException("a dataset needs at least one path")
    return tuple(place for item in path for place in _several(item))


def _several(item: Any) -> tuple[Place, ...]:
    """One item of a list, which may be a datastore with a list of paths."""
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], list):
        return tuple(_place((item[0], path)) for path in item[1])
    return (_place(item),)


def workspace_of(path: Paths) -> Workspace | None:
    """The workspace of the first datastore among the paths, or None."""
    items = path if isinstance(path, list) else [path]
    for item in items:
        store = item[0] if isinstance(item, tuple) else getattr(item, "datastore", None)
        if store is not None and not isinstance(store, str):
            workspace: Workspace | None = store.workspace
            return workspace
    return None


def _place(path: Any) -> Place:
    if isinstance(path, tuple) and len(path) == 2:
        return DatastorePath(path[0] if isinstance(path[0], str) else path[0].name, _inside(_text(path[1])))
    if isinstance(path, (DataPath, DataReference)):
        return DatastorePath(path.datastore.name, _inside(path.path_on_datastore or ""))
    if isinstance(path, (str, os.PathLike)):
        text = os.fspath(path)
        return Url(text) if text.startswith(_ADDRESSES) else LocalPath(os.path.abspath(os.path.expanduser(text)))
    raise UserErrorException(
        f"a dataset cannot be made from {path!r}",
        todo="Use (datastore, 'path'), a DataPath, an http(s) address, a local path, or a list of those.",
    )


def _text(path: object) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise UserErrorException(f"a path on a datastore is a str, not {path!r}", todo="An environment variable may be unset.")
    return os.fspath(path)


def _inside(path: str) -> str:
    if ".." in path.split("/"):
        raise UserErrorException(f"a path on a datastore may not contain '..': {path!r}")
    return path.lstrip("/")


def store_and_path(target: Any) -> tuple[Datastore, str]:
    """A target of writing: a datastore, a DataPath, or (datastore, path)."""
    if isinstance(target, tuple) and len(target) == 2:
        return target[0], _inside(_text(target[1]))
    if isinstance(target, (DataPath, DataReference)):
        return target.datastore, _inside(target.path_on_datastore or "")
    if not hasattr(target, "upload_files"):
        raise UserErrorException(f"{target!r} is no place on a datastore", todo="Use a datastore, a DataPath, or (datastore, 'path').")
    return target, ""
