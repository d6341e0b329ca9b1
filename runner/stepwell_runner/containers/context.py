"""What an image is built from: files under the names that they have for the builder, and their digest."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from typing import IO

import msgspec

from stepwell_runner.graph.model import Dockerfile
from stepwell_store.content.digest import digest_file, digest_parts
from stepwell_store.errors import UsageError

GENERATED = ".stepwell.Dockerfile"
"""The name, in a context, of a Dockerfile that was given as text or lies outside of it."""


class Piece(msgspec.Struct, frozen=True):
    """A file of a context: its name there, and its content or the path that has it."""

    name: str
    content: bytes | None = None
    path: str | None = None
    mode: int = 0o644


def pieces_of(spec: Dockerfile) -> tuple[str, list[Piece]]:
    """The name of the Dockerfile in the context, and all files. UsageError when one is missing."""
    folder = spec.context
    if folder is not None and not os.path.isdir(folder):
        raise UsageError(f"there is no folder {folder} to build an image from", todo="correct the build context of the environment")
    if spec.text is not None:
        return GENERATED, [Piece(GENERATED, spec.text.encode()), *_files(folder, GENERATED)]
    path = os.path.join(folder or "/", spec.path or "Dockerfile")
    if not os.path.isfile(path):
        raise UsageError(f"there is no Dockerfile {path}", todo="correct the environment of the step")
    name = os.path.relpath(path, folder) if folder else ".."
    if name.startswith(".."):
        with open(path, "rb") as file:
            return GENERATED, [Piece(GENERATED, file.read()), *_files(folder, GENERATED)]
    return name, list(_files(folder, name))


def _files(folder: str | None, dockerfile: str) -> Iterator[Piece]:
    """Those that .dockerignore does not leave out, in order."""
    if folder is None:
        return
    from docker.utils.build import exclude_paths

    for name in sorted(exclude_paths(folder, _ignored(folder), dockerfile=dockerfile)):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            yield Piece(name, path=path, mode=0o755 if os.access(path, os.X_OK) else 0o644)


def _ignored(folder: str) -> list[str]:
    try:
        with open(os.path.join(folder, ".dockerignore"), encoding="utf-8", errors="replace") as file:
            lines = (line.strip() for line in file)
            return [line for line in lines if line and not line.startswith("#")]
    except FileNotFoundError:
        return []


def digest_of(pieces: list[Piece]) -> str:
    """The digest of all files under their names, with whether they can be executed."""
    parts = []
    for piece in pieces:
        content = piece.content if piece.path is None else digest_file(piece.path)[0].encode()
        parts += [piece.name.encode("utf-8", "surrogateescape"), b"x" if piece.mode & 0o100 else b"-", content or b""]
    return digest_parts("build-context-1", parts)


def packed(pieces: list[Piece]) -> IO[bytes]:
    """The files as a tar, in a temporary file at its beginning."""
    import tempfile

    made = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    with tarfile.open(fileobj=made, mode="w") as tar:
        for piece in pieces:
            _add(tar, piece)
    made.seek(0)
    return made


def _add(tar: tarfile.TarFile, piece: Piece) -> None:
    entry = tarfile.TarInfo(piece.name)
    entry.mode = piece.mode
    if piece.path is None:
        entry.size = len(piece.content or b"")
        tar.addfile(entry, io.BytesIO(piece.content or b""))
        return
    with open(piece.path, "rb") as file:
        entry.size = os.fstat(file.fileno()).st_size
        tar.addfile(entry, file)
