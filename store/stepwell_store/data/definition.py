"""A dataset as a value: where its files are and how they are read. Defining one reads nothing."""

# Annotations are no texts here: msgspec would compile each of them whenever a pipeline is read.

from typing import Any, Literal

import msgspec


class DatastorePath(msgspec.Struct, frozen=True, tag="datastore"):
    """A path or glob on a named datastore, with `/` between its parts."""

    datastore: str
    path: str


class LocalPath(msgspec.Struct, frozen=True, tag="local"):
    """An absolute path or glob on this machine."""

    path: str


class Url(msgspec.Struct, frozen=True, tag="url"):
    """An http or https address of one file."""

    url: str


Place = DatastorePath | LocalPath | Url


def place_words(place: Place) -> str:
    """A place on one line; foreign text."""
    match place:
        case DatastorePath(datastore, path):
            return f"{datastore}: {path or '/'}"
        case LocalPath(path):
            return path
        case Url(url):
            return url


class Transform(msgspec.Struct, frozen=True):
    """One lazy operation on a dataset, such as `take` with `{"count": 5}`, applied in order."""

    name: str
    options: dict[str, Any] = {}


class DatasetDefinition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Files, or a table read from files.

    `format` is None for a file dataset, else `delimited`, `parquet` or `json_lines`; `options` are those of the reader
    (`separator`, `header`, `encoding`, ...). Without `must_exist` no file at all is an empty folder rather than an error.
    Files whose names, with a leading `/`, fit a pattern of `without` (`*` fits any text) are no part of it.
    """

    kind: Literal["file", "tabular"]
    places: tuple[Place, ...]
    format: str | None = None
    options: dict[str, Any] = {}
    transforms: tuple[Transform, ...] = ()
    name: str | None = None
    version: int | None = None
    must_exist: bool = True
    without: tuple[str, ...] = ()


def identity(definition: DatasetDefinition) -> str:
    """An id in the form of a UUID, the same for equal definitions of the same name and version."""
    from blake3 import blake3

    digest = blake3(b"dataset-id-1\0" + msgspec.json.encode(definition, order="deterministic")).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
