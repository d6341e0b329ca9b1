"""Datastores of the cloud: definitions by account and container, which a folder of this machine may stand for."""
# ruff: noqa: ARG002  (what is refused is refused whatever it is)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from stepwell_store.data.addresses import local_path
from stepwell_store.data.datastores import Datastore, Entry, Progress, Uploaded
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.errors import MachineError

KIND = "distant"
"""How the table of datastores calls them; `config` has `type`, `address` and what else belongs to the definition, no secrets."""

_SHARES = ("AzureFile",)


class DistantDatastore:
    """A datastore that cannot be reached from here; whatever is asked of it is one MachineError that says what to do."""

    kind = "blob"

    def __init__(self, name: str, type: str, address: str) -> None:  # noqa: A002
        self.name: str = name
        self.type: str = type
        self.address: str = address

    def _refuse(self) -> NoReturn:
        raise MachineError(
            f"datastore {self.name} is {self.type} at {self.address}, which is not read from here",
            todo=f"Copy what is needed into a folder, and let it stand for it: stepwell datastore map {self.address} FOLDER",
        )

    def upload(self, source: str, target: str = "", *, overwrite: bool = False, progress: Progress | None = None) -> Uploaded:
        """Refused."""
        self._refuse()

    def upload_files(
        self, files: Sequence[str], target: str = "", *, relative_root: str | None = None, overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Uploaded:  # fmt: skip
        """Refused."""
        self._refuse()

    def download(self, target: str, prefix: str = "", *, overwrite: bool = False, progress: Progress | None = None) -> int:
        """Refused."""
        self._refuse()

    def ls(self, prefix: str = "") -> list[Entry]:
        """Refused."""
        self._refuse()

    def find(self, pattern: str) -> list[Entry]:
        """Refused."""
        self._refuse()

    def resolve(self, pattern: str) -> list[str]:
        """Refused."""
        self._refuse()

    def remove(self, path: str) -> int:
        """Refused."""
        self._refuse()


class FileAsDatastore(DistantDatastore):
    """A database of the cloud for which a file of this machine stands: it has that one file, whatever is asked for."""

    def __init__(self, name: str, type: str, address: str, path: str) -> None:  # noqa: A002
        super().__init__(name, type, address)
        self.path = path

    def _refuse(self) -> NoReturn:
        raise MachineError(f"datastore {self.name} is a database ({self.path}); it has no files", todo="Ask it with a query.")

    def find(self, pattern: str) -> list[Entry]:
        """The file."""
        import os

        found = os.stat(self.path)
        return [Entry(os.path.basename(self.path), found.st_size, found.st_mtime)] if not pattern else self._refuse()

    def resolve(self, pattern: str) -> list[str]:
        """The file's path."""
        return [self.path] if not pattern else self._refuse()


def opened(name: str, config: Mapping[str, Any], mappings: Mapping[str, str]) -> Datastore:
    """The datastore of a definition: the folder or file that stands for it, or one that cannot be reached."""
    import os

    kind, address = str(config["type"]), str(config["address"])
    path = local_path(address, mappings)
    if path is None:
        return DistantDatastore(name, kind, address)
    if os.path.isfile(path):
        return FileAsDatastore(name, kind, address, path)
    return FolderDatastore(name, "file" if kind in _SHARES else "blob", path)
