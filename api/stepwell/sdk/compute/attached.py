"""Machines and services that exist elsewhere. They are kept by name; which steps can run there is said by the steps.

Passwords, keys and tokens of a configuration are not kept: nothing signs in anywhere.
"""
# ruff: noqa: ARG004  (the secrets)

from __future__ import annotations

from typing import Any

from stepwell.sdk.compute.base import ComputeTarget, ComputeTargetAttachConfiguration, ComputeTargetProvisioningConfiguration


class RemoteCompute(ComputeTarget):
    """A Linux machine by its address."""

    _type = "VirtualMachine"

    @staticmethod
    def attach_configuration(username: str, address: str | None = None, ssh_port: int = 22, password: str = "",
                             private_key_file: str = "", private_key_passphrase: str = "",
                             resource_id: str | None = None) -> ComputeTargetAttachConfiguration:  # fmt: skip
        """How it would be reached."""
        facts = {"username": username, "address": address, "ssh_port": ssh_port, "resource_id": resource_id}
        return ComputeTargetAttachConfiguration("VirtualMachine", facts)


class DsvmCompute(RemoteCompute):
    """A data science machine; the same as RemoteCompute once it is attached."""

    @staticmethod
    def provisioning_configuration(vm_size: str | None = None, ssh_port: str | int | None = None,
                                   location: str | None = None) -> ComputeTargetProvisioningConfiguration:  # fmt: skip
        """What it is to be."""
        return ComputeTargetProvisioningConfiguration("VirtualMachine", {"vm_size": vm_size, "ssh_port": ssh_port}, location)


class DatabricksCompute(ComputeTarget):
    """A Databricks workspace."""

    _type = "Databricks"

    @staticmethod
    def attach_configuration(resource_group: str | None = None, workspace_name: str | None = None, resource_id: str | None = None,
                             access_token: str = "") -> ComputeTargetAttachConfiguration:  # fmt: skip
        """Which one it is."""
        facts = {"resource_group": resource_group, "workspace_name": workspace_name, "resource_id": resource_id}
        return ComputeTargetAttachConfiguration("Databricks", facts)


class _ByAccount(ComputeTarget):
    """A service with accounts."""

    @classmethod
    def attach_configuration(cls, resource_group: str | None = None, account_name: str | None = None,
                             resource_id: str | None = None) -> ComputeTargetAttachConfiguration:  # fmt: skip
        """Which account it is."""
        facts = {"resource_group": resource_group, "account_name": account_name, "resource_id": resource_id}
        return ComputeTargetAttachConfiguration(cls._type, facts)


class AdlaCompute(_ByAccount):
    """An account of Data Lake Analytics."""

    _type = "DataLakeAnalytics"


class BatchCompute(_ByAccount):
    """An account of Azure Batch."""

    _type = "Batch"


class DataFactoryCompute(ComputeTarget):
    """A data factory, which moves data."""

    _type = "DataFactory"

    @staticmethod
    def attach_configuration(resource_group: str | None = None, factory_name: str | None = None,
                             resource_id: str | None = None) -> ComputeTargetAttachConfiguration:  # fmt: skip
        """Which one it is."""
        facts = {"resource_group": resource_group, "factory_name": factory_name, "resource_id": resource_id}
        return ComputeTargetAttachConfiguration("DataFactory", facts)

    @staticmethod
    def provisioning_configuration(location: str | None = None) -> ComputeTargetProvisioningConfiguration:
        """A new one."""
        return ComputeTargetProvisioningConfiguration("DataFactory", {}, location)


class HDInsightCompute(ComputeTarget):
    """An HDInsight cluster."""

    _type = "HDInsight"

    @staticmethod
    def attach_configuration(username: str, subscription_id: str | None = None, resource_group: str | None = None,
                             cluster_name: str | None = None, resource_id: str | None = None, address: str | None = None,
                             ssh_port: int = 22, password: str = "", private_key_file: str = "",
                             private_key_passphrase: str = "") -> ComputeTargetAttachConfiguration:  # fmt: skip
        """Which one it is."""
        facts = {"username": username, "subscription_id": subscription_id, "resource_group": resource_group, "cluster_name": cluster_name,
                 "resource_id": resource_id, "address": address, "ssh_port": ssh_port}  # fmt: skip
        return ComputeTargetAttachConfiguration("HDInsight", facts)


class KustoCompute(ComputeTarget):
    """A Kusto cluster."""

    _type = "Kusto"

    @staticmethod
    def attach_configuration(resource_group: str | None = None, workspace_name: str | None = None, resource_id: str | None = None,
                             tenant_id: str | None = None, kusto_connection_string: str | None = None, application_id: str | None = None,
                             application_key: str | None = None) -> ComputeTargetAttachConfiguration:  # fmt: skip
        """Which one it is."""
        facts = {"resource_group": resource_group, "workspace_name": workspace_name, "resource_id": resource_id, "tenant_id": tenant_id,
                 "application_id": application_id}  # fmt: skip
        return ComputeTargetAttachConfiguration("Kusto", facts)


class SynapseCompute(ComputeTarget):
    """A Spark pool of a linked Synapse workspace."""

    _type = "SynapseSpark"

    @staticmethod
    def attach_configuration(linked_service: Any, type: str, pool_name: str) -> ComputeTargetAttachConfiguration:  # noqa: A002
        """Which one it is."""
        facts = {"linked_service": getattr(linked_service, "name", str(linked_service)), "pool_type": type, "pool_name": pool_name,
                 "resource_id": getattr(linked_service, "linked_service_resource_id", None)}  # fmt: skip
        return ComputeTargetAttachConfiguration("SynapseSpark", facts)


class AksCompute(ComputeTarget):
    """A Kubernetes cluster of Azure."""

    _type = "AKS"

    @staticmethod
    def attach_configuration(resource_group: str | None = None, cluster_name: str | None = None, resource_id: str | None = None,
                             cluster_purpose: str | None = None, **_: Any) -> ComputeTargetAttachConfiguration:  # fmt: skip
        """Which one it is."""
        facts = {"resource_group": resource_group, "cluster_name": cluster_name, "resource_id": resource_id,
                 "cluster_purpose": cluster_purpose}  # fmt: skip
        return ComputeTargetAttachConfiguration("AKS", facts)

    @staticmethod
    def provisioning_configuration(agent_count: int | None = None, vm_size: str | None = None, location: str | None = None,
                                   cluster_purpose: str | None = None, **_: Any) -> ComputeTargetProvisioningConfiguration:  # fmt: skip
        """A new one."""
        facts = {"agent_count": agent_count, "vm_size": vm_size, "cluster_purpose": cluster_purpose}
        return ComputeTargetProvisioningConfiguration("AKS", facts, location)


class KubernetesCompute(ComputeTarget):
    """A Kubernetes cluster."""

    _type = "Kubernetes"

    @staticmethod
    def attach_configuration(resource_id: str | None = None, namespace: str | None = None, identity_type: str | None = None,
                             identity_ids: list[str] | None = None, **_: Any) -> ComputeTargetAttachConfiguration:  # fmt: skip
        """Which one it is."""
        facts = {"resource_id": resource_id, "namespace": namespace, "identity_type": identity_type, "identity_ids": identity_ids}
        return ComputeTargetAttachConfiguration("Kubernetes", facts)
