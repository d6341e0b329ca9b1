"""The rest of what a workspace has: secrets, default datastore, facts, services, ways to sign in."""

from __future__ import annotations

import stat

import pytest

from stepwell import Workspace
from stepwell.sdk.authentication import InteractiveLoginAuthentication, ServicePrincipalAuthentication
from stepwell.sdk.exceptions import NotLocalError, UserErrorException
from stepwell.sdk.linked_service import LinkedService, SynapseWorkspaceLinkedServiceConfiguration


def test_secrets_are_in_a_private_file_and_nowhere_else(made: Workspace) -> None:
    vault = made.get_default_keyvault()
    vault.set_secret("password", "hush-hush")
    vault.set_secrets({"a": "1", "b": "2"})
    assert (vault.get_secret("password"), vault.get_secrets(["a", "c"])) == ("hush-hush", {"a": "1", "c": None})
    vault.delete_secret("a")
    assert vault.list_secrets() == [{"name": "b"}, {"name": "password"}]
    root = made.open().root
    holding = [path for path in root.rglob("*") if path.is_file() and b"hush-hush" in path.read_bytes()]
    assert holding == [root / "secrets.json"]
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600
    with pytest.raises(UserErrorException, match="no secret 'a'"):
        vault.get_secret("a")
    with pytest.raises(UserErrorException, match="secrets are text"):
        vault.set_secret("n", 1)  # type: ignore[arg-type]


def test_the_default_datastore_can_be_another(made: Workspace) -> None:
    made.set_default_datastore("workspacefilestore")
    assert made.get_default_datastore().name == "workspacefilestore"
    with pytest.raises(UserErrorException):
        made.set_default_datastore("nothing")


def test_facts(made: Workspace) -> None:
    details = made.get_details()
    assert (details["name"], details["location"], details["type"].endswith("/workspaces")) == (made.name, "local", True)
    assert (made.images, made.webservices, list(made.models), list(made.environments)) == ({}, {}, [], [])
    assert list(Workspace.list("s")) == [made.name]
    assert made.get_default_compute_target("CPU") is None
    with pytest.raises(NotLocalError):
        made.delete()
    with pytest.raises(NotLocalError):
        made.list_keys()


def test_linked_services(made: Workspace) -> None:
    LinkedService.register(made, "synapse", SynapseWorkspaceLinkedServiceConfiguration("s", "rg", "w"))
    assert [service.name for service in LinkedService.list(made)] == ["synapse"]
    assert made.linked_services["synapse"].linked_service_resource_id.endswith("/workspaces/w")
    made.linked_services["synapse"].unregister()
    with pytest.raises(UserErrorException, match="no linked service"):
        LinkedService.get(made, "synapse")


def test_ways_to_sign_in_give_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEPWELL_TOKEN", raising=False)
    assert InteractiveLoginAuthentication(force=True).get_authentication_header()["Authorization"].startswith("Bearer ")
    monkeypatch.setenv("STEPWELL_TOKEN", "t")
    assert ServicePrincipalAuthentication("t", "id", "password").get_authentication_header() == {"Authorization": "Bearer t"}
