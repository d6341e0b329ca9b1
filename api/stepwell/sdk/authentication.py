"""Ways to sign in. Nobody does here: each is accepted, kept as it is given (never stored), and answers with a token of no use elsewhere."""

from __future__ import annotations

from typing import Any

_TOKEN = "stepwell-local"  # noqa: S105  says who it is; opens nothing


class AbstractAuthentication:
    """Base of the ways to sign in."""

    def get_authentication_header(self) -> dict[str, str]:
        """The header that REST calls send; a server of Stepwell on this machine takes it for the person who runs the driver."""
        return {"Authorization": f"Bearer {self.get_token()}"}

    def get_token(self) -> str:
        """The token in that header: that of the environment variable STEPWELL_TOKEN, where it is set, else one that the workspace at
        hand makes for this process and that its server takes for some hours."""
        import os

        return os.environ.get("STEPWELL_TOKEN") or _local_token()

    def signed_session(self, session: Any = None) -> Any:
        """A session of `requests` that sends the header; ImportError where `requests` is not installed."""
        if session is None:
            from importlib import import_module

            session = import_module("requests").Session()
        session.headers.update(self.get_authentication_header())
        return session


def _local_token() -> str:
    from stepwell.sdk.reading import workspace_at_hand
    from stepwell.server.access import local_token

    workspace = workspace_at_hand()
    return local_token(workspace.open()) if workspace is not None and workspace.is_made else _TOKEN


class InteractiveLoginAuthentication(AbstractAuthentication):
    """A person who signs in with a browser."""

    def __init__(self, force: bool = False, tenant_id: str | None = None, cloud: str | None = None) -> None:
        self.force, self.tenant_id, self.cloud = force, tenant_id, cloud


class AzureCliAuthentication(AbstractAuthentication):
    """The session of the `az` command."""

    def __init__(self, cloud: str | None = None) -> None:
        self.cloud = cloud


class MsiAuthentication(AbstractAuthentication):
    """The identity of a machine in the cloud."""

    def __init__(self, identity_config: dict[str, str] | None = None, cloud: str | None = None) -> None:
        self.identity_config, self.cloud = identity_config, cloud


class ServicePrincipalAuthentication(AbstractAuthentication):
    """An account of a program."""

    def __init__(
        self, tenant_id: str, service_principal_id: str, service_principal_password: str, cloud: str | None = None,
        _enable_caching: bool = True,
    ) -> None:  # fmt: skip
        self.tenant_id, self.service_principal_id, self.cloud = tenant_id, service_principal_id, cloud
        self._service_principal_password = service_principal_password


class TokenAuthentication(AbstractAuthentication):
    """A function that gives a token."""

    def __init__(self, get_token_for_audience: Any, cloud: str | None = None) -> None:
        self._get_token_for_audience, self.cloud = get_token_for_audience, cloud

    def get_token(self) -> str:
        """What the function gives."""
        return str(self._get_token_for_audience("https://management.azure.com/"))


class ArmTokenAuthentication(AbstractAuthentication):
    """A token at hand."""

    def __init__(self, arm_access_token: str, cloud: str | None = None) -> None:
        self._arm_access_token, self.cloud = arm_access_token, cloud

    def get_token(self) -> str:
        """The token."""
        return self._arm_access_token

    def update_token(self, arm_access_token: str) -> None:
        """Take another token."""
        self._arm_access_token = arm_access_token
