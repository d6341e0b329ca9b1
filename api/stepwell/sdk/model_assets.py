"""Models as assets of the workspace: what is kept of one, and which of them a question means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.labels import Labels, as_words, holds
from stepwell.sdk.resource_configuration import ResourceConfiguration
from stepwell_store import models
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace


def keep(
    workspace: Workspace, name: str, files: Iterable[tuple[str, str]], facts: Mapping[str, Any], tags: Mapping[str, Any] | None,
    properties: Mapping[str, Any] | None, description: str | None,
) -> Asset:  # fmt: skip
    """Keep files, each under its name, as the next version of a model. UserErrorException for a name that cannot be one."""
    if not isinstance(name, str) or not name or "/" in name or ":" in name or name.startswith("."):
        raise UserErrorException(f"{name!r} cannot name a model", todo="Use a name without / and :, not beginning with a dot.")
    print(f"Registering model {name}")
    return models.register(workspace.open(), name, files, facts, description=description, tags=as_words(tags or {}),
                            properties=as_words(properties or {}))  # fmt: skip


def facts_of(
    datasets: Sequence[tuple[str, Any]] | None, framework: str | None, framework_version: str | None, sample_input: Any, sample_output: Any,
    resources: ResourceConfiguration | None,
) -> dict[str, Any]:  # fmt: skip
    """What is kept with a model's files, without what nobody said."""
    found = {
        "datasets": [{"for": scenario, "id": dataset.id} for scenario, dataset in datasets or ()],
        "framework": framework, "framework_version": framework_version,
        "sample_input": getattr(sample_input, "id", None), "sample_output": getattr(sample_output, "id", None),
        "resources": None if resources is None else resources.serialize(),
    }  # fmt: skip
    return {key: value for key, value in found.items() if value}


def matching(
    workspace: Workspace, name: str | None, tags: Labels, properties: Labels, run_id: str | None, version: int | None,
    framework: str | None,
) -> list[Asset]:  # fmt: skip
    """The registered models, newest first, that have all of this; None asks for nothing."""
    found = assets.listed(workspace.open().database, models.KIND, name)
    return [
        one for one in found
        if (version is None or one.version == str(version))
        and (run_id is None or one.body.get("run") == run_id)
        and (framework is None or one.body.get("framework") == framework)
        and holds(one.tags, tags) and holds(one.properties, properties)
    ]  # fmt: skip
