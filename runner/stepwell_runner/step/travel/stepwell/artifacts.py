"""Files that a script uploads: copied below the folder that the runner keeps for them, never over one that is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, Any

from stepwell.errors import UserErrorException

RUN_FOLDER = ".run"




def store(root: str, pieces: list[str], source: Any) -> None:
    """Copy a file or an open stream below `root`. UserErrorException when the name is taken or the file cannot be read."""
    if hasattr(source, "read"):
        return _write(root, pieces, source)
    try:
        stream = open(source, "rb")  # noqa: SIM115  (an error of opening is told apart from one of copying)
    except OSError as problem:
        raise UserErrorException(f"cannot read {os.fspath(source)!r}: {problem.strerror}") from None
    with stream:
        return _write(root, pieces, stream)


def _write(root: str, pieces: list[str], stream: IO[Any]) -> None:
    import shutil

    target = os.path.join(root, *pieces)
    try:
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except (FileExistsError, NotADirectoryError):
        name = "/".join(pieces)
        raise UserErrorException(f"this run has a file named {name!r} already; files of a run are never replaced") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(_Bytes(stream), file)
    except BaseException:
        os.unlink(target)
        raise


class _Bytes:
    """A stream read as bytes, whether it gives bytes or text."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        piece: bytes | str = self._stream.read(size)
        return piece.encode("utf-8") if isinstance(piece, str) else piece


def parts(name: str) -> list[str]:
    """The parts of an artifact's name, which is relative and has `/` between them."""
    pieces = [piece for piece in str(name).replace("\\", "/").split("/") if piece not in ("", ".")]
    if not pieces or str(name).startswith("/") or ".." in pieces or "\0" in str(name) or pieces[0] == RUN_FOLDER:
        raise UserErrorException(f"{name!r} cannot name a file of a run; a relative path such as 'outputs/model.pkl' can")
    return pieces


def files_below(folder: str) -> Iterator[tuple[str, str]]:
    """(name with `/` between its parts, path) of every file below a folder, in order of name."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            yield os.path.relpath(path, folder).replace(os.sep, "/"), path
