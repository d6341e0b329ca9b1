"""Datastores by name: where people's files are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from stepwell.sdk.data_reference import DataReference
from stepwell.sdk.datastore_registering import Registering
from stepwell_store.ledger import definitions

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace
    from stepwell_store.data.datastores import Datastore as Store
    from stepwell_store.data.datastores import Progress

_CLASSES: dict[str, type[Datastore]] = {}
"""v1's word for a kind → the class that stands for it."""


class Datastore(Registering):
    """A datastore of a workspace, by default its default one, as an object of the class of its kind; DatastoreNotFound when there is none.

    Nothing is opened until files are asked for.
    """

    _type: ClassVar[str] = "AzureBlob"
    name: str
    workspace: Workspace

    def __init_subclass__(cls) -> None:
        if "_type" in vars(cls):
            _CLASSES[cls._type] = cls

    def __new__(cls, workspace: Workspace, name: str | None = None) -> Datastore:  # noqa: PYI034  what it makes depends on the name
        known = workspace.checked_datastore_name(name)
        made: Datastore = object.__new__(_CLASSES.get(_type_of(workspace, known), AzureBlobDatastore))
        made.workspace, made.name = workspace, known
        return made

    @classmethod
    def get(cls, workspace: Workspace, datastore_name: str) -> Datastore:
        """The datastore of this name; DatastoreNotFound with the names that there are."""
        return Datastore(workspace, datastore_name)

    @classmethod
    def get_default(cls, workspace: Workspace) -> Datastore:
        """The workspace's default datastore."""
        return Datastore(workspace)

    def open(self) -> Store:
        """The datastore itself, with paths and files."""
        return self.workspace.open().datastore(self.name)

    @property
    def datastore_type(self) -> str:
        """v1's word for its kind, such as `AzureBlob`."""
        return self._type

    @property
    def facts(self) -> dict[str, Any]:
        """What it was defined with, without secrets. A Stepwell extension."""
        if not self.workspace.is_made:
            return {}
        return definitions.datastore_config(self.workspace.open().database, self.name) or {}

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return dict(self.facts.get("tags") or {})

    # --- references

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

    # --- files

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

    # --- definition

    def set_as_default(self) -> None:
        """Make it the default datastore of its workspace."""
        self.workspace.set_default_datastore(self.name)

    def unregister(self) -> None:
        """Forget it; its files stay. UserErrorException for the two that are part of every workspace."""
        from stepwell.sdk.datastore_registering import forget

        forget(self.workspace, self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Datastore) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


AbstractDatastore = Datastore


OWN_ACCOUNT = "local"
"""The account of the datastores that are part of the workspace."""


class _WithAccount(Datastore):
    """A place in a storage account, or the folder that stands for it."""

    @property
    def account_name(self) -> str:
        """The account; `local` for what is part of the workspace."""
        return str(self.facts.get("account_name") or OWN_ACCOUNT)

    @property
    def container_name(self) -> str:
        """The container or share; the datastore's own name for what is part of the workspace."""
        return str(self.facts.get("container_name") or self.name)

    @property
    def protocol(self) -> str:
        """How its address begins."""
        return str(self.facts.get("protocol") or "https")

    @property
    def endpoint(self) -> str:
        """The domain of its address."""
        return str(self.facts.get("endpoint") or "core.windows.net")

    @property
    def account_key(self) -> str | None:
        """The key that was given for it."""
        return self._secret("account_key")

    @property
    def sas_token(self) -> str | None:
        """The signature that was given for it."""
        return self._secret("sas_token")

    @property
    def is_sas(self) -> bool:
        """Whether a signature was given for it."""
        return self.sas_token is not None

    @property
    def credential_type(self) -> str:
        """What was given for it: `AccountKey`, `Sas` or `None`."""
        return "Sas" if self.is_sas else "AccountKey" if self.account_key else "None"

    def _secret(self, name: str) -> str | None:
        from stepwell.sdk.datastore_registering import secret_of

        return secret_of(self.workspace, self.name, name) if self.workspace.is_made else None


class AzureBlobDatastore(_WithAccount):
    """A container of blobs. The workspace's own, and folders of this machine, are of this kind."""

    _type = "AzureBlob"


class AzureFileDatastore(_WithAccount):
    """A file share."""

    _type = "AzureFile"


class AzureDataLakeDatastore(Datastore):
    """A data lake of the first generation."""

    _type = "AzureDataLake"

    @property
    def store_name(self) -> str:
        """The name of the lake."""
        return str(self.facts.get("store_name"))


class AzureDataLakeGen2Datastore(_WithAccount):
    """A data lake of the second generation."""

    _type = "AzureDataLakeGen2"


class _Database(Datastore):
    """A database."""

    @property
    def server_name(self) -> str:
        """The server."""
        return str(self.facts.get("server_name"))

    @property
    def database_name(self) -> str:
        """The database on it."""
        return str(self.facts.get("database_name"))


class AzureSqlDatabaseDatastore(_Database):
    """A SQL database of Azure."""

    _type = "AzureSqlDatabase"


class AzurePostgreSqlDatastore(_Database):
    """A PostgreSQL database of Azure."""

    _type = "AzurePostgreSql"


class AzureMySqlDatastore(_Database):
    """A MySQL database of Azure."""

    _type = "AzureMySql"


class DBFSDatastore(Datastore):
    """The file system of a Databricks workspace."""

    _type = "DBFS"


class HDFSDatastore(Datastore):
    """A Hadoop file system."""

    _type = "Hdfs"


def _type_of(workspace: Workspace, name: str) -> str:
    if name == "workspacefilestore":
        return "AzureFile"
    if name == "workspaceblobstore" or not workspace.is_made:
        return "AzureBlob"
    return str((definitions.datastore_config(workspace.open().database, name) or {}).get("type", "AzureBlob"))


def _printer(show: bool) -> Progress | None:
    return _print_file if show else None


def _print_file(done: int, total: int, path: str) -> None:
    print(f"{path} ({done} of {total} bytes)")


def _tell_skipped(paths: Sequence[str]) -> None:
    for path in paths:
        print(f"{path} exists already, skipped")
