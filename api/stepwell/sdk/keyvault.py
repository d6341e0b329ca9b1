"""Secrets of a workspace by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepwell.sdk.datastore_registering import DATASTORE_SECRETS
from stepwell.sdk.exceptions import UserErrorException
from stepwell_store import secrets

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace


class Keyvault:
    """The secrets of a workspace, kept in a file that only its owner may read."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def get_secret(self, name: str) -> str:
        """One secret; UserErrorException when there is none of that name."""
        found = self.get_secrets([name])[name]
        if found is None:
            raise UserErrorException(f"there is no secret {name!r}", todo=f"set_secret({name!r}, value) sets it.")
        return found

    def get_secrets(self, secrets_list: list[str] | None = None, **named: list[str]) -> dict[str, str | None]:
        """Several secrets by name; None for those that there are not."""
        known = secrets.read(self.workspace.open().root)
        return {name: known.get(name) for name in secrets_list or named.get("secrets", [])}

    def set_secret(self, name: str, value: str, content_type: str | None = None) -> None:  # noqa: ARG002
        """Set a secret."""
        self.set_secrets({name: value})

    def set_secrets(self, secrets_batch: dict[str, str], content_type: str | None = None) -> None:  # noqa: ARG002
        """Set several secrets. UserErrorException for values that are no text."""
        wrong = [name for name, value in secrets_batch.items() if not isinstance(value, str)]
        if wrong:
            raise UserErrorException(f"secrets are text: {', '.join(wrong)}")
        secrets.change(self.workspace.open().root, secrets_batch)

    def list_secrets(self) -> list[dict[str, str]]:
        """The names of all secrets, each as `{"name": ...}`."""
        known = secrets.read(self.workspace.open().root)
        return [{"name": name} for name in sorted(known) if not name.startswith(DATASTORE_SECRETS)]

    def delete_secret(self, name: str) -> None:
        """Forget a secret."""
        self.delete_secrets([name])

    def delete_secrets(self, secrets_list: list[str]) -> None:
        """Forget several secrets."""
        secrets.change(self.workspace.open().root, {}, tuple(secrets_list))

    def __repr__(self) -> str:
        return "Keyvault()"
