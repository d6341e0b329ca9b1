"""What a datastore is, and the two that every workspace has: folders under `<workspace>/datastores`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

Progress = Callable[[int, int, str], None]
"""Called after every file with bytes done, bytes in total and the path on the datastore."""

Notice = Callable[[str], None]
"""Takes one sentence that a person should see, such as that a cached copy was used."""

DEFAULT_DATASTORE = "workspaceblobstore"
FILE_DATASTORE = "workspacefilestore"
EMBEDDED_DATASTORES = (DEFAULT_DATASTORE, FILE_DATASTORE)


class Entry(msgspec.Struct, frozen=True):
    """A file on a datastore; `size` in bytes, `mtime` in seconds since 1970."""

    path: str
    size: int
    mtime: float


class Uploaded(msgspec.Struct, frozen=True):
    """What an upload did, as paths on the datastore; a target that existed was skipped."""

    uploaded: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class Datastore(Protocol):
    """A place for people's files. Paths on it have `/` between their parts and cannot lead out of it.

    One contract suite (tests/contract/datastore_contract.py) runs against every kind. UsageError for what the caller
    can mend, MachineError for the rest. A file appears whole or not at all.
    """

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str:
        """`blob` or `file`, which differ in `download` only."""
        ...

    def upload(self, source: str, target: str = "", *, overwrite: bool = False, progress: Progress | None = None) -> Uploaded:
        """Copy a local file, or everything below a local folder, to the folder `target`."""
        ...

    def upload_files(
        self,
        files: Sequence[str],
        target: str = "",
        *,
        relative_root: str | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Uploaded:
        """Copy local files; each keeps its path below `relative_root`, by default the folder common to all."""
        ...

    def download(self, target: str, prefix: str = "", *, overwrite: bool = False, progress: Progress | None = None) -> int:
        """Copy the file or folder `prefix` into the local folder `target`; how many files were copied.

        Kind `blob` keeps the whole path below `target`; kind `file` only what comes below `prefix`. Files that exist
        are left alone unless `overwrite`.
        """
        ...

    def ls(self, prefix: str = "") -> list[Entry]:
        """The file `prefix`, or all files below that folder, in order of path; empty when there is neither."""
        ...

    def find(self, pattern: str) -> list[Entry]:
        """The files that a path or a glob (`*` within a part, `**` for any number of parts) names, in order of path."""
        ...

    def resolve(self, pattern: str) -> list[str]:
        """Absolute local paths of what `find` finds, in the same order; only kinds that are folders here can."""
        ...

    def remove(self, path: str) -> int:
        """Remove a file, or all files below a folder; how many there were."""
        ...


def embedded(datastores_folder: str, name: str = DEFAULT_DATASTORE) -> Datastore:
    """One of the two embedded datastores; its folder is made when it is not there."""
    from stepwell_store.data.folder_datastore import FolderDatastore
    from stepwell_store.errors import UsageError

    if name not in EMBEDDED_DATASTORES:
        known = ", ".join(EMBEDDED_DATASTORES)
        raise UsageError(f"there is no datastore '{name}'", todo=f"Datastores of this workspace: {known}.")
    return FolderDatastore(name, "file" if name == FILE_DATASTORE else "blob", f"{datastores_folder}/{name}")
