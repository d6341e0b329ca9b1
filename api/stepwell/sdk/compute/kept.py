"""Where compute targets are kept: among the definitions of the workspace, a cluster as this machine with a limit of steps."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell_runner.targets.kinds import KINDS
from stepwell_store.errors import UsageError
from stepwell_store.ledger import compute

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

_SPARK = ("Databricks", "SynapseSpark", "HDInsight")
_TYPE, _FACTS = "v1.type", "v1.facts"


class Kept(msgspec.Struct, frozen=True):
    """A compute target: v1's word for its kind, and what it was made with, without secrets."""

    name: str
    type: str
    facts: dict[str, Any]


def find(workspace: Workspace, name: str) -> Kept | None:
    """The one of this name, or None."""
    found = compute.find_target(workspace.open().database, name)
    return None if found is None else _kept(found)


def every(workspace: Workspace) -> dict[str, Kept]:
    """All, by name; those that were not made through this vocabulary are clusters."""
    return {found.name: _kept(found) for found in compute.list_targets(workspace.open().database)}


def _kept(found: compute.ComputeTarget) -> Kept:
    import json

    facts = json.loads(found.properties.get(_FACTS, "{}"))
    if found.max_steps is not None:
        facts["max_nodes"] = found.max_steps
    return Kept(found.name, found.properties.get(_TYPE, "AmlCompute"), facts)


def put(workspace: Workspace, name: str, kind: str, facts: Mapping[str, Any], *, implied: bool = False) -> None:
    """Keep one, in place of one that had the name; UsageError for a name that cannot be one.

    One that exists already keeps its kind and settings: what a person set on the command line outlasts a script that makes sure of it.
    An `implied` one gives way to whatever is defined under its name.
    """
    import json

    database = workspace.open().database
    before = compute.find_target(database, name)
    made = compute.ComputeTarget(
        name=name,
        kind=before.kind if before is not None else "spark" if kind in _SPARK and "spark" in KINDS else "local",
        max_steps=facts.get("max_nodes"),
        settings=before.settings if before is not None else {},
        description=facts.get("description"),
        properties={_TYPE: kind, _FACTS: json.dumps(facts), **({compute.IMPLIED: "true"} if implied else {})},
    )
    compute.put_target(database, made, replace=not implied)


def remove(workspace: Workspace, name: str) -> None:
    """Forget one, if it is there."""
    with suppress(UsageError):
        compute.remove_target(workspace.open().database, name)


def resource_id(workspace: Workspace, name: str) -> str:
    """A name that no other compute target has, in the form that v1 gives such names."""
    return (
        f"/subscriptions/{workspace.subscription_id}/resourceGroups/{workspace.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{workspace.name}/computes/{name}"
    )
