"""Files that clients send, fetch and list, below folders of the step."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import IO, Any, Protocol

from stepwell_runner.tracking.errors import Refusal, missing
from stepwell_store.files import make_dir, remove_tree, temporary_name

_BLOCK = 1 << 20


class Reads(Protocol):
    """Something that gives bytes until there are none left."""

    def read(self, size: int, /) -> bytes: ...


class Writes(Protocol):
    """Something that takes bytes."""

    def write(self, data: bytes, /) -> object: ...


def inside(root: str, path: str) -> str:
    """The place of a path below a folder; Refusal for a path that leads out of it, also by a link."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    place = os.path.join(root, *parts)
    if "\0" in path or ".." in parts or not _is_below(root, place):
        raise Refusal("INVALID_PARAMETER_VALUE", f"'{path}' is no path of an artifact")
    return place


def _is_below(root: str, place: str) -> bool:
    real, top = os.path.realpath(place), os.path.realpath(root)
    return real == top or real.startswith(top + os.sep)


def put(place: str, body: Reads) -> None:
    """Keep a file, whole or not at all; one that is there is replaced."""
    if os.path.isdir(place):
        raise Refusal("INVALID_PARAMETER_VALUE", "there is a folder of that name")
    make_dir(os.path.dirname(place))
    temporary = temporary_name(os.path.dirname(place))
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            while data := body.read(_BLOCK):
                file.write(data)
        os.replace(temporary, place)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def remove(place: str) -> None:
    """Remove a file or folder that is there."""
    if os.path.isdir(place):
        remove_tree(place)
    elif os.path.lexists(place):
        os.unlink(place)


def opened(place: str) -> IO[bytes]:
    """A file to be read."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise missing("artifact", os.path.basename(place)) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise missing("artifact", os.path.basename(place))
    return open(descriptor, "rb")


def size_of(file: IO[bytes]) -> int:
    """Its size in bytes."""
    return os.fstat(file.fileno()).st_size


def pour(file: IO[bytes], target: Writes, size: int) -> None:
    """Send so many bytes, and no more, should the file have grown meanwhile."""
    while size > 0 and (data := file.read(min(_BLOCK, size))):
        target.write(data)
        size -= len(data)


def listed(place: str) -> dict[str, Any]:
    """What is directly in a folder, by name; the file itself when it is one; nothing when it is not there."""
    return {"files": [_entry(name, os.path.join(place, name)) for name in _names(place)]}


def _names(place: str) -> list[str]:
    return sorted(os.listdir(place)) if os.path.isdir(place) else []


def _entry(name: str, path: str) -> dict[str, Any]:
    if os.path.isdir(path):
        return {"path": name, "is_dir": True}
    return {"path": name, "is_dir": False, "file_size": os.path.getsize(path)}
