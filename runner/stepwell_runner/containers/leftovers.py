"""Containers that a workspace left behind, by their labels, on the engines that it has used."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from stepwell_runner.containers.client import Engine, explained
from stepwell_runner.containers.options import LABEL
from stepwell_store.content.digest import digest_bytes
from stepwell_store.files import make_dir, write_atomic

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
    labels = container.attrs.get("Labels") or {}
    names = container.attrs.get("Names") or [container.attrs.get("Name") or ""]
    return Left(id=str(container.id), name=str(names[0]).lstrip("/"), status=str(container.attrs.get("State") or ""), where=where,
                **{name: labels.get(f"{LABEL}{name}", "") for name in ("run", "step", "step_run")})


def remove_container(engine: Engine, name: str) -> bool:
    """Remove a container, running or not; False when it was gone already."""
    from docker import errors

    with explained(engine.where):
        try:
            engine.client.api.remove_container(name, force=True, v=True)
        except errors.NotFound:
            return False
    return True


def remember_engine(home: str, settings: Mapping[str, str], where: str) -> None:
    """Note that the workspace uses this engine, so that what is left there can be found."""
    kept = {name: settings[name] for name in ("host", "context") if name in settings} or {"host": where}
    data = msgspec.json.encode(kept, order="sorted")
    path = os.path.join(home, "cache", "engines", f"{digest_bytes(data).partition(':')[2][:20]}.json")
    if os.path.isdir(os.path.join(home, "cache")) and not os.path.exists(path):
        make_dir(os.path.dirname(path))
        write_atomic(path, data, durable=False)


def engines_used(home: str) -> list[dict[str, str]]:
    """The settings of the engines that the workspace has used."""
    folder = os.path.join(home, "cache", "engines")
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        with open(os.path.join(folder, name), "rb") as file:
            found.append(msgspec.json.decode(file.read(), type=dict[str, str]))
    return found
