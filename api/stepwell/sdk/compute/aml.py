"""Clusters and single machines that the service would make: here each is this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwell.sdk.compute import kept
from stepwell.sdk.compute.base import ComputeTarget, ComputeTargetProvisioningConfiguration
from stepwell.sdk.exceptions import ComputeTargetException

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace


class ScaleSettings:
    """Between how many nodes a cluster may have."""

    def __init__(self, minimum_node_count: int, maximum_node_count: int, idle_seconds_before_scaledown: int) -> None:
        self.minimum_node_count = minimum_node_count
        self.maximum_node_count = maximum_node_count
        self.idle_seconds_before_scaledown = idle_seconds_before_scaledown

    def serialize(self) -> dict[str, Any]:
        """As JSON-like data under v1's keys."""
        return {"minNodeCount": self.minimum_node_count, "maxNodeCount": self.maximum_node_count,
                "nodeIdleTimeBeforeScaleDown": f"PT{self.idle_seconds_before_scaledown}S"}  # fmt: skip


class AmlComputeStatus:
    """How a cluster is: its nodes are the steps that this machine takes at once, and are always ready."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.scale_settings = ScaleSettings(facts["min_nodes"], facts["max_nodes"], facts["idle_seconds_before_scaledown"])
        self.vm_size: str = facts["vm_size"]
        self.vm_priority: str = facts["vm_priority"]
        self.allocation_state = "Steady"
        self.provisioning_state = "Succeeded"
        self.current_node_count = self.target_node_count = self.scale_settings.minimum_node_count
        self.errors: list[Any] | None = None

    @property
    def node_state_counts(self) -> dict[str, int]:
        """Nodes by what they do."""
        states = dict.fromkeys(("preparingNodeCount", "runningNodeCount", "unusableNodeCount", "leavingNodeCount", "preemptedNodeCount"), 0)
        return {**states, "idleNodeCount": self.current_node_count}

    def serialize(self) -> dict[str, Any]:
        """As JSON-like data under v1's keys."""
        return {
            "currentNodeCount": self.current_node_count, "targetNodeCount": self.target_node_count,
            "nodeStateCounts": self.node_state_counts, "allocationState": self.allocation_state,
            "allocationStateTransitionTime": None, "errors": self.errors, "creationTime": None, "modifiedTime": None,
            "provisioningState": self.provisioning_state, "provisioningStateTransitionTime": None,
            "scaleSettings": self.scale_settings.serialize(), "vmPriority": self.vm_priority, "vmSize": self.vm_size,
        }  # fmt: skip

    def __repr__(self) -> str:
        return f"AmlComputeStatus({self.serialize()!r})"


class AmlCompute(ComputeTarget):
    """A cluster that is this machine; `max_nodes` is how many steps run on it at once."""

    _type = "AmlCompute"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: int | str = 0,
        max_nodes: int | str | None = None,
        idle_seconds_before_scaledown: int | str = 1800,
        admin_username: str | None = None,
        admin_user_password: str | None = None,  # noqa: ARG004  nobody signs in to this machine by it
        admin_user_ssh_key: str | None = None,  # noqa: ARG004
        vnet_resourcegroup_name: str | None = None,
        vnet_name: str | None = None,
        subnet_name: str | None = None,
        tags: dict[str, str] | None = None,
        description: str | None = None,
        remote_login_port_public_access: str = "NotSpecified",
        identity_type: str | None = None,
        identity_id: list[str] | None = None,
        location: str | None = None,
        enable_node_public_ip: bool = True,
    ) -> ComputeTargetProvisioningConfiguration:
        """What a cluster is to be. Numbers may be text. ComputeTargetException for a number of nodes that is none."""
        low, high = _count("min_nodes", min_nodes), _count("max_nodes", 1 if max_nodes is None else max_nodes)
        if low > high:
            raise ComputeTargetException(f"min_nodes {low} is more than max_nodes {high}")
        facts = {
            "vm_size": vm_size, "vm_priority": vm_priority, "min_nodes": low, "max_nodes": high,
            "idle_seconds_before_scaledown": _count("idle_seconds_before_scaledown", idle_seconds_before_scaledown),
            "admin_username": admin_username, "vnet_resourcegroup_name": vnet_resourcegroup_name, "vnet_name": vnet_name,
            "subnet_name": subnet_name, "tags": dict(tags or {}), "description": description,
            "remote_login_port_public_access": remote_login_port_public_access, "identity_type": identity_type,
            "identity_id": identity_id, "enable_node_public_ip": enable_node_public_ip,
        }  # fmt: skip
        return ComputeTargetProvisioningConfiguration("AmlCompute", facts, location)

    @property
    def vm_size(self) -> str:
        """The size of machine that was asked for; it has no effect."""
        return str(self.facts.get("vm_size", ""))

    @property
    def vm_priority(self) -> str:
        """`dedicated` or `lowpriority`, as it was asked for."""
        return str(self.facts.get("vm_priority", "dedicated"))

    @property
    def scale_settings(self) -> ScaleSettings:
        """Between how many nodes it may have."""
        return self.get_status().scale_settings

    def get_status(self) -> AmlComputeStatus:
        """How it is."""
        return AmlComputeStatus(_complete(self.facts))

    def wait_for_completion(  # type: ignore[override]  # v1 has it so
        self, show_output: bool = False, min_node_count: int | None = None, timeout_in_minutes: int = 25,  # noqa: ARG002
        is_delete_operation: bool = False,  # noqa: ARG002
    ) -> None:  # fmt: skip
        """Nothing to wait for; with `show_output` lines say so."""
        if show_output:
            print("Succeeded\nAmlCompute wait for completion finished\n\nMinimum number of nodes requested have been provisioned")

    def update(
        self, min_nodes: int | str | None = None, max_nodes: int | str | None = None, idle_seconds_before_scaledown: int | str | None = None
    ) -> None:
        """Change its numbers; what is None stays."""
        given = {"min_nodes": min_nodes, "max_nodes": max_nodes, "idle_seconds_before_scaledown": idle_seconds_before_scaledown}
        changes = {name: _count(name, value) for name, value in given.items() if value is not None}
        kept.put(self.workspace, self.name, self.type, {**self.facts, **changes})
        self.refresh_state()

    def list_nodes(self) -> list[dict[str, Any]]:
        """One entry for this machine."""
        import platform

        node = {"nodeId": platform.node(), "port": None, "publicIpAddress": None, "privateIpAddress": "127.0.0.1"}
        return [{**node, "nodeState": "idle"}]

    def add_identity(self, identity_type: str, identity_id: list[str] | None = None) -> None:
        """Keep an identity; it has no effect."""
        kept.put(self.workspace, self.name, self.type, {**self.facts, "identity_type": identity_type, "identity_id": identity_id})

    @staticmethod
    def supported_vmsizes(workspace: Workspace, location: str | None = None) -> list[dict[str, Any]]:  # noqa: ARG004
        """One entry for this machine; any size that a script asks for is taken to be it."""
        import os

        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        return [{"name": "local", "vCPUs": os.cpu_count() or 1, "gpus": 0, "memoryGB": round(memory, 1), "maxResourceVolumeMB": None}]


class ComputeInstance(ComputeTarget):
    """A single machine that is this machine."""

    _type = "ComputeInstance"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "", ssh_public_access: bool = False, admin_user_ssh_public_key: str | None = None,  # noqa: ARG004
        vnet_resourcegroup_name: str | None = None, vnet_name: str | None = None, subnet_name: str | None = None,
        tags: dict[str, str] | None = None, description: str | None = None, assigned_user_object_id: str | None = None, **_: Any,
    ) -> ComputeTargetProvisioningConfiguration:  # fmt: skip
        """What a machine is to be."""
        facts = {"vm_size": vm_size, "ssh_public_access": ssh_public_access, "vnet_resourcegroup_name": vnet_resourcegroup_name,
                 "vnet_name": vnet_name, "subnet_name": subnet_name, "tags": dict(tags or {}), "description": description,
                 "assigned_user_object_id": assigned_user_object_id}  # fmt: skip
        return ComputeTargetProvisioningConfiguration("ComputeInstance", facts)

    def start(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Nothing: this machine runs."""

    def stop(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Nothing: this machine goes on."""

    def restart(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Nothing: this machine goes on."""


def _count(name: str, value: int | str) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ComputeTargetException(f"{name} is {value!r}, which is no number") from None
    if number < (1 if name == "max_nodes" else 0):
        raise ComputeTargetException(f"{name} is {number}", todo="A cluster has one node at least, and none at rest.")
    return number


def _complete(facts: dict[str, Any]) -> dict[str, Any]:
    import os

    known = {"vm_size": "", "vm_priority": "dedicated", "min_nodes": 0, "idle_seconds_before_scaledown": 1800}
    return {**known, "max_nodes": os.cpu_count() or 1, **facts}
