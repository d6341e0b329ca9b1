"""The members of a workspace that tell about it and give out what is registered in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from stepwell.sdk.exceptions import NotLocalError, UserErrorException

if TYPE_CHECKING:
    import stepwell_store.workspace as stored
    from stepwell.sdk.compute.base import ComputeTarget
    from stepwell.sdk.environment import Environment
    from stepwell.sdk.keyvault import Keyvault
    from stepwell.sdk.linked_service import LinkedService
    from stepwell.sdk.model import Model
    from stepwell.sdk.workspace import Workspace


class WorkspaceFacts:
    """Base of Workspace; what is registered is read when it is asked for."""

    DEFAULT_CPU_CLUSTER_NAME: ClassVar[str] = "cpu-cluster"
    DEFAULT_GPU_CLUSTER_NAME: ClassVar[str] = "gpu-cluster"

    subscription_id: str
    resource_group: str
    location: str
    sku: str
    tags: dict[str, str]

    @property
    def name(self) -> str:
        """What people call it."""
        raise NotImplementedError

    def open(self) -> stored.Workspace:
        """What is stored."""
        raise NotImplementedError

    @property
    def _this(self) -> Workspace:
        from stepwell.sdk.workspace import Workspace

        assert isinstance(self, Workspace)
        return self

    # --- collections

    @property
    def compute_targets(self) -> dict[str, ComputeTarget]:
        """All compute targets by name."""
        from stepwell.sdk.compute.base import ComputeTarget
        from stepwell.sdk.compute.implied import Targets

        return Targets(self._this, {target.name: target for target in ComputeTarget.list(self._this)})

    @property
    def environments(self) -> Mapping[str, Environment]:
        """The newest version of every registered environment, by name."""
        from stepwell.sdk.environment import Environment

        return Environment.list(self._this)

    @property
    def models(self) -> dict[str, Model]:
        """The newest version of every registered model, by name."""
        from stepwell.sdk.model import Model

        return {model.name: model for model in reversed(Model.list(self._this, latest=True))}

    @property
    def linked_services(self) -> dict[str, LinkedService]:
        """All linked services by name."""
        from stepwell.sdk.linked_service import LinkedService

        return {service.name: service for service in LinkedService.list(self._this)}

    @property
    def images(self) -> dict[str, Any]:
        """Empty: nothing is deployed from here."""
        return {}

    @property
    def webservices(self) -> dict[str, Any]:
        """Empty: nothing is deployed from here."""
        return {}

    @property
    def private_endpoints(self) -> dict[str, Any]:
        """Empty."""
        return {}

    # --- facts

    @property
    def discovery_url(self) -> str:
        """The address of the folder in which it is."""
        return self.open().root.as_uri()

    @property
    def service_context(self) -> Workspace:
        """Itself: what v1 asks of a service is here asked of the workspace."""
        return self._this

    def get_details(self) -> dict[str, Any]:
        """Name, place and the like, under v1's keys."""
        from stepwell.sdk.runs.details import utc
        from stepwell_store.ledger.definitions import get_setting

        place = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}/providers"
        created = get_setting(self.open().database, "created_at", float, 0.0)
        return {
            "id": f"{place}/Microsoft.MachineLearningServices/workspaces/{self.name}", "name": self.name, "location": self.location,
            "type": "Microsoft.MachineLearningServices/workspaces", "tags": dict(self.tags), "sku": self.sku.capitalize(),
            "workspaceid": str(self.open().root), "description": "", "friendlyName": self.name, "creationTime": utc(created),
            "storageAccount": f"{place}/Microsoft.Storage/storageAccounts/local",
            "keyVault": f"{place}/Microsoft.Keyvault/vaults/local",
            "applicationInsights": f"{place}/Microsoft.insights/components/local", "containerRegistry": None,
            "identityPrincipalId": None, "discoveryUrl": self.discovery_url, "notebookInfo": None,
        }  # fmt: skip

    def get_mlflow_tracking_uri(self, with_auth: bool = False) -> str:  # noqa: ARG002
        """The address at which mlflow finds this workspace, when `stepwell serve` runs; else that of its folder."""
        import os

        return os.environ.get("MLFLOW_TRACKING_URI") or self.discovery_url

    def get_default_keyvault(self) -> Keyvault:
        """Its secrets."""
        from stepwell.sdk.keyvault import Keyvault

        return Keyvault(self._this)

    def get_default_compute_target(self, type: str) -> ComputeTarget | None:  # noqa: A002
        """The cluster that is named so by default; None when nobody made it. UserErrorException unless the type is CPU or GPU."""
        names = {"CPU": self.DEFAULT_CPU_CLUSTER_NAME, "GPU": self.DEFAULT_GPU_CLUSTER_NAME}
        if type not in names:
            raise UserErrorException(f"there is no default compute target of type {type!r}", todo="Types are: CPU, GPU.")
        return self.compute_targets.get(names[type])

    def set_default_datastore(self, name: str) -> None:
        """Make a datastore the default one; UserErrorException when there is none of that name."""
        from stepwell_store.ledger.definitions import set_setting

        known = self._this.checked_datastore_name(name)
        set_setting(self.open().database, "default_datastore", known)

    def list_keys(self) -> Any:
        """Refused: there is no account here that would have keys."""
        raise NotLocalError("a workspace on this machine has no keys", todo="Its files are below the folder `.stepwell`.")

    def sync_keys(self) -> None:
        """Nothing: there are no keys."""

    def update(self, friendly_name: str | None = None, description: str | None = None, tags: dict[str, str] | None = None,  # noqa: ARG002
               **_: Any) -> Workspace:  # fmt: skip
        """Take other tags; itself."""
        if tags is not None:
            self.tags = dict(tags)
        return self._this

    def delete(self, *_: Any, **__: Any) -> None:
        """Refused: removing the folder is for its owner's own hand."""
        raise NotLocalError("a workspace is not deleted by a script", todo=f"Remove the folder {self.open().root} when it is done with.")

    @staticmethod
    def list(subscription_id: str, auth: object = None, resource_group: str | None = None) -> dict[str, list[Workspace]]:  # noqa: ARG004
        """The workspace at or above the current folder, by name; empty when there is none."""
        from stepwell.sdk.workspace import Workspace

        try:
            found = Workspace(subscription_id, resource_group)
            return {found.name: [found]}
        except UserErrorException:
            return {}

    @staticmethod
    def setup() -> Workspace:
        """The workspace at or above the current folder."""
        from stepwell.sdk.workspace import Workspace

        return Workspace.from_config()
