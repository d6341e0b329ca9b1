"""Containers that a workspace left behind, by their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepwell_runner.containers.client import Engine, explained
from stepwell_runner.containers.options import LABEL

if TYPE_CHECKING:
    from docker.models.containers import Container


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A container of a workspace: which attempt it is of, and how it is (`running`, `exited`, …)."""

    id: str
    name: str
    run: str
    step: str
    step_run: str
    status: str
    where: str


def containers_of(engine: Engine, home: str) -> list[Left]:
    """All containers, running or not, of the steps of a workspace."""
    with explained(engine.where):
        # A sparse list: one that vanishes meanwhile is no error then.
        found = engine.client.containers.list(all=True, sparse=True, filters={"label": f"{LABEL}workspace={home}"})
    return [_left(container, engine.where) for container in found]


def _left(container: Container, where: str) -> Left:
    labels = container.labels
    names = container.attrs.get("Names") or [container.attrs.get("Name") or ""]
    return Left(id=str(container.id), name=str(names[0]).lstrip("/"), status=str(container.attrs.get("State") or ""), where=where,
                **{name: labels.get(f"{LABEL}{name}", "") for name in ("run", "step", "step_run")})


def remove(engine: Engine, left: Left) -> bool:
    """Remove a container, running or not; False when it was gone already."""
    from docker import errors

    with explained(engine.where):
        try:
            engine.client.api.remove_container(left.id, force=True, v=True)
        except errors.NotFound:
            return False
    return True
