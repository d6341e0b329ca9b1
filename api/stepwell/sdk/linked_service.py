"""Services that a workspace knows of: kept by name, so that what is attached through them can be described."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException
from stepwell_store.ledger import assets

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

KIND = "linked_service"


class PrivateEndPointConfig:
    """A private address of a workspace; kept as it is given and of no effect."""

    def __init__(self, name: str, vnet_name: str | None = None, vnet_subnet_name: str | None = None, **settings: Any) -> None:
        self.name, self.vnet_name, self.vnet_subnet_name, self.settings = name, vnet_name, vnet_subnet_name, settings


PrivateEndPoint = PrivateEndPointConfig


class SynapseWorkspaceLinkedServiceConfiguration:
    """A Synapse workspace by its place in a subscription."""

    def __init__(self, subscription_id: str, resource_group: str, name: str) -> None:
        self.subscription_id, self.resource_group, self.name = subscription_id, resource_group, name


class LinkedService:
    """A service under the name by which the workspace knows it; UserErrorException when there is none."""

    type = "Synapse"

    def __init__(self, workspace: Workspace, name: str, **_: Any) -> None:
        found = assets.find(workspace.open().database, KIND, name)
        if found is None:
            raise UserErrorException(f"there is no linked service {name!r}", todo="LinkedService.register(...) makes one.")
        self.workspace = workspace
        self.name = name
        self.id = found.id
        self.linked_service_resource_id = found.body["resource_id"]

    @staticmethod
    def register(
        workspace: Workspace, name: str, linked_service_config: SynapseWorkspaceLinkedServiceConfiguration
    ) -> LinkedService:
        """Keep a service under a name, in place of one that had it."""
        database = workspace.open().database
        before = assets.find(database, KIND, name)
        if before is not None:
            assets.remove(database, before)
        config = linked_service_config
        place = (
            f"/subscriptions/{config.subscription_id}/resourceGroups/{config.resource_group}"
            f"/providers/Microsoft.Synapse/workspaces/{config.name}"
        )
        assets.register(database, KIND, name, {"resource_id": place})
        return LinkedService(workspace, name)

    @staticmethod
    def get(workspace: Workspace, name: str) -> LinkedService:
        """The service of this name."""
        return LinkedService(workspace, name)

    @staticmethod
    def list(workspace: Workspace) -> list[LinkedService]:
        """All services."""
        return [LinkedService(workspace, name) for name in assets.newest(workspace.open().database, KIND)]

    def unregister(self) -> None:
        """Forget it."""
        found = assets.find(self.workspace.open().database, KIND, self.name)
        if found is not None:
            assets.remove(self.workspace.open().database, found)

    def __repr__(self) -> str:
        return f"LinkedService({self.name!r})"
