"""Registering datastores of the cloud: as definitions, for which folders of this machine may stand. Nothing is asked whether it is there.

Keys, signatures and passwords go to the workspace's private file of secrets, and nowhere else.
"""
# ruff: noqa: ARG004  (what only an account in the cloud could use)

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException
from stepwell_store import secrets
from stepwell_store.errors import UsageError
from stepwell_store.files import make_dir
from stepwell_store.ledger import definitions

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.workspace import Workspace

Keys = dict[str, str | None]


class Registering:
    """The static methods of Datastore that make one."""

    @staticmethod
    def register_azure_blob_container(
        workspace: Workspace, datastore_name: str, container_name: str, account_name: str, sas_token: str | None = None,
        account_key: str | None = None, protocol: str | None = None, endpoint: str | None = None, overwrite: bool = False,
        create_if_not_exists: bool = False, skip_validation: bool = False, blob_cache_timeout: int | None = None,
        grant_workspace_access: bool = False, subscription_id: str | None = None, resource_group: str | None = None,
    ) -> Any:  # fmt: skip
        """A container of blobs, public when there is neither key nor signature."""
        host = f"{account_name}.blob.{endpoint or 'core.windows.net'}"
        facts = {"container_name": container_name, "account_name": account_name, "protocol": protocol, "endpoint": endpoint}
        keys = {"sas_token": sas_token, "account_key": account_key}
        address = f"https://{host}/{container_name}"
        _keep_own(workspace, account_name, address, container_name)
        return _register(workspace, datastore_name, "AzureBlob", address, facts, keys, overwrite)

    @staticmethod
    def register_azure_file_share(
        workspace: Workspace, datastore_name: str, file_share_name: str, account_name: str, sas_token: str | None = None,
        account_key: str | None = None, protocol: str | None = None, endpoint: str | None = None, overwrite: bool = False,
        create_if_not_exists: bool = False, skip_validation: bool = False,
    ) -> Any:  # fmt: skip
        """A file share."""
        host = f"{account_name}.file.{endpoint or 'core.windows.net'}"
        facts = {"container_name": file_share_name, "account_name": account_name, "protocol": protocol, "endpoint": endpoint}
        keys = {"sas_token": sas_token, "account_key": account_key}
        address = f"https://{host}/{file_share_name}"
        _keep_own(workspace, account_name, address, file_share_name)
        return _register(workspace, datastore_name, "AzureFile", address, facts, keys, overwrite)

    @staticmethod
    def register_azure_data_lake(
        workspace: Workspace, datastore_name: str, store_name: str, tenant_id: str | None = None, client_id: str | None = None,
        client_secret: str | None = None, resource_url: str | None = None, authority_url: str | None = None,
        subscription_id: str | None = None, resource_group: str | None = None, overwrite: bool = False,
        grant_workspace_access: bool = False,
    ) -> Any:  # fmt: skip
        """A data lake of the first generation."""
        facts = {"store_name": store_name, "tenant_id": tenant_id, "client_id": client_id, "resource_group": resource_group}
        address = f"https://{store_name}.azuredatalakestore.net"
        return _register(workspace, datastore_name, "AzureDataLake", address, facts, {"client_secret": client_secret}, overwrite)

    @staticmethod
    def register_azure_data_lake_gen2(
        workspace: Workspace, datastore_name: str, filesystem: str, account_name: str, tenant_id: str | None = None,
        client_id: str | None = None, client_secret: str | None = None, resource_url: str | None = None, authority_url: str | None = None,
        protocol: str | None = None, endpoint: str | None = None, overwrite: bool = False, **_: Any,
    ) -> Any:  # fmt: skip
        """A data lake of the second generation."""
        facts = {"container_name": filesystem, "account_name": account_name, "tenant_id": tenant_id, "client_id": client_id,
                 "protocol": protocol, "endpoint": endpoint}  # fmt: skip
        address = f"https://{account_name}.dfs.{endpoint or 'core.windows.net'}/{filesystem}"
        return _register(workspace, datastore_name, "AzureDataLakeGen2", address, facts, {"client_secret": client_secret}, overwrite)

    @staticmethod
    def register_azure_sql_database(
        workspace: Workspace, datastore_name: str, server_name: str, database_name: str, tenant_id: str | None = None,
        client_id: str | None = None, client_secret: str | None = None, resource_url: str | None = None, authority_url: str | None = None,
        endpoint: str | None = None, overwrite: bool = False, username: str | None = None, password: str | None = None, **_: Any,
    ) -> Any:  # fmt: skip
        """A SQL database of Azure."""
        facts = {"server_name": server_name, "database_name": database_name, "tenant_id": tenant_id, "client_id": client_id,
                 "username": username}  # fmt: skip
        address = f"https://{server_name}.{endpoint or 'database.windows.net'}/{database_name}"
        keys = {"client_secret": client_secret, "password": password}
        return _register(workspace, datastore_name, "AzureSqlDatabase", address, facts, keys, overwrite)

    @staticmethod
    def register_azure_postgre_sql(
        workspace: Workspace, datastore_name: str, server_name: str, database_name: str, user_id: str, user_password: str,
        port_number: str | None = None, endpoint: str | None = None, overwrite: bool = False, enforce_ssl: bool = True, **_: Any,
    ) -> Any:  # fmt: skip
        """A PostgreSQL database of Azure."""
        facts = {"server_name": server_name, "database_name": database_name, "user_id": user_id, "port_number": port_number}
        address = f"https://{server_name}.{endpoint or 'postgres.database.azure.com'}/{database_name}"
        return _register(workspace, datastore_name, "AzurePostgreSql", address, facts, {"password": user_password}, overwrite)

    @staticmethod
    def register_azure_my_sql(
        workspace: Workspace, datastore_name: str, server_name: str, database_name: str, user_id: str, user_password: str,
        port_number: str | None = None, endpoint: str | None = None, overwrite: bool = False, **_: Any,
    ) -> Any:  # fmt: skip
        """A MySQL database of Azure."""
        facts = {"server_name": server_name, "database_name": database_name, "user_id": user_id, "port_number": port_number}
        address = f"https://{server_name}.{endpoint or 'mysql.database.azure.com'}/{database_name}"
        return _register(workspace, datastore_name, "AzureMySql", address, facts, {"password": user_password}, overwrite)

    @staticmethod
    def register_dbfs(workspace: Workspace, datastore_name: str) -> Any:
        """The file system of a Databricks workspace."""
        return _register(workspace, datastore_name, "DBFS", "dbfs:", {}, {}, False)

    @staticmethod
    def register_hdfs(
        workspace: Workspace, datastore_name: str, protocol: str, namenode_address: str, hdfs_server_certificate: str | None = None,
        kerberos_realm: str | None = None, kerberos_kdc_address: str | None = None, kerberos_principal: str | None = None,
        kerberos_keytab: str | None = None, kerberos_password: str | None = None, overwrite: bool = False,
    ) -> Any:  # fmt: skip
        """A Hadoop file system."""
        facts = {"protocol": protocol, "namenode_address": namenode_address, "kerberos_realm": kerberos_realm}
        return _register(workspace, datastore_name, "Hdfs", f"hdfs://{namenode_address}", facts, {"password": kerberos_password}, overwrite)


def _keep_own(workspace: Workspace, account: str, address: str, container: str) -> None:
    """Let a folder of the workspace stand for a container of its own account, which scripts ask its datastores for."""
    from stepwell.sdk.datastore import OWN_ACCOUNT
    from stepwell_store.data.addresses import local_path

    database = workspace.open().database
    if account != OWN_ACCOUNT or local_path(address, definitions.addresses_of(database)) is not None:
        return
    folder = workspace.open().root / "datastores" / os.path.basename(container)
    make_dir(folder)
    definitions.map_address(database, address, folder)


def _register(workspace: Workspace, name: str, kind: str, address: str, facts: dict[str, Any], keys: Keys, overwrite: bool) -> Datastore:
    from stepwell.sdk.datastore import Datastore

    known = {key: value for key, value in facts.items() if value is not None}
    try:
        definitions.put_distant(workspace.open().database, name, {"type": kind, "address": address, **known},
                                overwrite or _is_the_same(workspace, name, kind, address))  # fmt: skip
    except UsageError as error:
        raise UserErrorException(error.what, todo=error.todo) from None
    given = {_key(name, key): value for key, value in keys.items() if value is not None}
    if given:
        secrets.change(workspace.open().root, given)
    return Datastore(workspace, name)


def _is_the_same(workspace: Workspace, name: str, kind: str, address: str) -> bool:
    """Whether what a script registers again on every run is there already."""
    found = definitions.datastore_config(workspace.open().database, name) or {}
    return (found.get("type"), found.get("address")) == (kind, address)


def secret_of(workspace: Workspace, name: str, key: str) -> str | None:
    """A key that was given for a datastore."""
    return secrets.read(workspace.open().root).get(_key(name, key))


def _key(name: str, key: str) -> str:
    return f"{DATASTORE_SECRETS}{name}/{key}"


DATASTORE_SECRETS = "datastore/"
"""What the names of these secrets begin with; they are not people's own."""


def forget(workspace: Workspace, name: str) -> None:
    """Take a datastore out of the workspace, its keys too."""
    try:
        definitions.remove_datastore(workspace.open().database, name)
    except UsageError as error:
        raise UserErrorException(error.what, todo=error.todo) from None
    root = workspace.open().root
    left = tuple(key for key in secrets.read(root) if key.startswith(_key(name, "")))
    if left:
        secrets.change(root, {}, left)
