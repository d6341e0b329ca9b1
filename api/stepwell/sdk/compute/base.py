"""What all compute targets have, and how one is found, made, attached and listed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from stepwell.sdk.compute import implied, kept
from stepwell.sdk.exceptions import ComputeTargetException, UserErrorException
from stepwell_store.errors import UsageError

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

_CLASSES: dict[str, type[ComputeTarget]] = {}
"""v1's word for a kind → the class that stands for it."""

RESERVED = ("amlcompute", "local", "containerinstance")


class ComputeTargetProvisioningConfiguration:
    """What a compute target is to be; `type` is v1's word for its kind. `facts` are kept with it, secrets are not."""

    def __init__(self, type: str, facts: Mapping[str, Any], location: str | None = None) -> None:  # noqa: A002
        self.type = type
        self.location = location
        self.facts = dict(facts)
        for name, value in self.facts.items():
            setattr(self, name, value)

    def validate_configuration(self) -> None:
        """Nothing is asked of it here."""


class ComputeTargetAttachConfiguration(ComputeTargetProvisioningConfiguration):
    """A machine or service that exists already."""


class ComputeTarget:
    """A compute target of a workspace, as an object of its own class; ComputeTargetException when there is none of that name."""

    _type: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        # Classes of one type share it; the first to be defined stands for it.
        _CLASSES.setdefault(cls._type, cls)

    def __new__(cls, workspace: Workspace, name: str) -> ComputeTarget:  # noqa: PYI034  what it makes depends on the name
        found = kept.find(workspace, name) or implied.unless_expected(workspace, name)
        if found is None:
            known = ", ".join(sorted(kept.every(workspace))) or "none yet"
            raise ComputeTargetException(
                f"ComputeTargetNotFound: Compute Target with name {name} not found in provided workspace",
                todo=f"There are: {known}. Make one: `stepwell compute add {name}`, or ComputeTarget.create(workspace, name, ...).",
            )
        return _made(workspace, found)

    workspace: Workspace
    name: str
    location: str
    description: str | None
    tags: dict[str, str]
    facts: dict[str, Any]

    @property
    def type(self) -> str:
        """v1's word for its kind, such as `AmlCompute`."""
        return self._type

    @property
    def id(self) -> str:
        """A name that no other one has."""
        return kept.resource_id(self.workspace, self.name)

    @property
    def cluster_resource_id(self) -> str | None:
        """The service behind it, where one was attached."""
        found: str | None = self.facts.get("resource_id")
        return found or (self.id if self._type == "AmlCompute" else None)

    @property
    def provisioning_state(self) -> str:
        """`Succeeded`: it was there as soon as it was named."""
        return "Succeeded"

    @property
    def provisioning_errors(self) -> None:
        """None: nothing can go wrong in making it."""
        return

    @property
    def provisioning_configuration_facts(self) -> dict[str, Any]:
        """What it was made with. A Stepwell extension."""
        return dict(self.facts)

    @property
    def status(self) -> Any:
        """The same as `get_status()`."""
        return self.get_status()

    def get_status(self) -> Any:
        """`Succeeded`; a cluster says more."""
        return self.provisioning_state

    @staticmethod
    def create(workspace: Workspace, name: str, provisioning_configuration: ComputeTargetProvisioningConfiguration) -> ComputeTarget:
        """Make a compute target, in place of one that had the name. UserErrorException for a name that cannot be one."""
        _check_name(name)
        try:
            kept.put(workspace, name, provisioning_configuration.type, provisioning_configuration.facts)
        except UsageError as error:
            raise ComputeTargetException(error.what, todo=error.todo) from None
        return ComputeTarget(workspace, name)

    @staticmethod
    def attach(workspace: Workspace, name: str, attach_configuration: ComputeTargetProvisioningConfiguration) -> ComputeTarget:
        """Keep a machine or service that exists under a name, in place of one that had it. It is not asked whether it is there."""
        return ComputeTarget.create(workspace, name, attach_configuration)

    @staticmethod
    def list(workspace: Workspace) -> list[ComputeTarget]:
        """All compute targets of a workspace, by name."""
        return [_made(workspace, found) for _, found in sorted(kept.every(workspace).items())]

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False) -> None:  # noqa: ARG002
        """Nothing to wait for; with `show_output` a line says so."""
        if show_output:
            print("Succeeded\nProvisioning operation finished, operation Succeeded")

    def refresh_state(self) -> None:
        """Read again what is stored."""
        found = kept.find(self.workspace, self.name)
        if found is not None:
            _fill(self, self.workspace, found)

    def delete(self) -> None:
        """Forget it; runs that used it stay as they are."""
        kept.remove(self.workspace, self.name)

    def detach(self) -> None:
        """The same as `delete()`."""
        self.delete()

    def serialize(self) -> dict[str, Any]:
        """As JSON-like data under v1's keys."""
        properties = {"computeType": self.type, "provisioningState": self.provisioning_state, "resourceId": self.cluster_resource_id,
                      "properties": self.facts, "description": self.description}  # fmt: skip
        return {"id": self.id, "name": self.name, "location": self.location, "tags": self.tags, "properties": properties}

    @classmethod
    def deserialize(cls, workspace: Workspace, object_dict: dict[str, Any]) -> ComputeTarget:
        """The one that `serialize` told of."""
        return ComputeTarget(workspace, object_dict["name"])

    def __repr__(self) -> str:
        return f"{type(self).__name__}(workspace={self.workspace!r}, name={self.name!r})"

    def __str__(self) -> str:
        return json.dumps({"name": self.name, "type": self.type, "state": self.provisioning_state})


def _check_name(name: object) -> None:
    if not isinstance(name, str):
        raise UserErrorException(f"the name of a compute target is a str, not {name!r}", todo="An environment variable may be unset.")
    if name.lower() in RESERVED:
        raise UserErrorException(f"the name {name!r} is reserved", todo=f"Choose a name other than {', '.join(RESERVED)}.")


def _made(workspace: Workspace, found: kept.Kept) -> ComputeTarget:
    from stepwell.sdk.compute import aml, attached  # noqa: F401  their classes announce themselves

    made: ComputeTarget = object.__new__(_CLASSES.get(found.type, _CLASSES["AmlCompute"]))
    _fill(made, workspace, found)
    return made


def _fill(target: ComputeTarget, workspace: Workspace, found: kept.Kept) -> None:
    target.workspace = workspace
    target.name = found.name
    target.facts = dict(found.facts)
    target.location = workspace.location
    target.description = found.facts.get("description")
    target.tags = dict(found.facts.get("tags") or {})
