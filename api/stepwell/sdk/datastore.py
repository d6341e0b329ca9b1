"""Datastores by name: where people's files are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stepwell.sdk.data_reference import DataReference

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace
    from stepwell_store.data.datastores import Datastore as Store
    from stepwell_store.data.datastores import Progress

_TYPES = {"blob": "AzureBlob", "file": "AzureFile"}


class Datastore:
    """A datastore of a workspace, by default its default one. Nothing is opened until files are asked for."""

    __slots__ = ("name", "workspace")

    def __init__(self, workspace: Workspace, name: str | None = None) -> None:
        self.workspace = workspace
        self.name = workspace.checked_datastore_name(name)

    @classmethod
    def get(cls, workspace: Workspace, datastore_name: str) -> Datastore:
        """The datastore of this name; UserErrorException with the names that there are."""
        return cls(workspace, datastore_name)

    @classmethod
    def get_default(cls, workspace: Workspace) -> Datastore:
        """The workspace's default datastore."""
        return cls(workspace)

    def open(self) -> Store:
        """The datastore itself, with paths and files."""
        return self.workspace.open().datastore(self.name)

    @property
    def datastore_type(self) -> str:
        """v1's word for its kind, such as `AzureBlob`."""
        return _TYPES[self.open().kind]

    def path(self, path: str | None = None, data_reference_name: str | None = None) -> DataReference:
        """A reference to a file or folder on it, in mode `mount`."""
        return DataReference(self, data_reference_name, path)

    def as_mount(self) -> DataReference:
        """A reference to its root."""
        return DataReference(self)

    def as_download(self, path_on_compute: str | None = None) -> DataReference:
        """A reference to its root, in mode `download`."""
        return DataReference(self).as_download(path_on_compute)

    def as_upload(self, path_on_compute: str | None = None) -> DataReference:
        """A reference to its root, in mode `upload`."""
        return DataReference(self).as_upload(path_on_compute)

    def upload(self, src_dir: str, target_path: str | None = None, overwrite: bool = False, show_progress: bool = True) -> DataReference:
        """Copy all below a local folder to `target_path`; a reference to it. Existing files are skipped unless `overwrite`."""
        done = self.open().upload(str(src_dir), target_path or "", overwrite=overwrite, progress=_printer(show_progress))
        _tell_skipped(done.skipped)
        return self.path(target_path)

    def upload_files(
        self,
        files: Sequence[str],
        relative_root: str | None = None,
        target_path: str | None = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> DataReference:
        """Copy local files; each keeps its path below `relative_root`, by default the folder common to all."""
        done = self.open().upload_files(
            [str(file) for file in files],
            target_path or "",
            relative_root=relative_root,
            overwrite=overwrite,
            progress=_printer(show_progress),
        )
        _tell_skipped(done.skipped)
        return self.path(target_path)

    def download(self, target_path: str, prefix: str | None = None, overwrite: bool = False, show_progress: bool = True) -> int:
        """Copy the file or folder `prefix` into a local folder; how many files were copied."""
        return self.open().download(str(target_path), prefix or "", overwrite=overwrite, progress=_printer(show_progress))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Datastore) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Datastore({self.name!r})"


def _printer(show: bool) -> Progress | None:
    return _print_file if show else None


def _print_file(done: int, total: int, path: str) -> None:
    print(f"{path} ({done} of {total} bytes)")


def _tell_skipped(paths: Sequence[str]) -> None:
    for path in paths:
        print(f"{path} exists already, skipped")
