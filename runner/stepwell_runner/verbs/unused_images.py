"""Images that were built for a workspace and that no step uses any longer: they go with the notes by which the workspace knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepwell_store.errors import StepwellError
from stepwell_store.housekeeping.plan import Plan
from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    from stepwell_runner.containers.client import Engine
    from stepwell_runner.containers.provide import MadeImage


def unused_images(workspace: Workspace, planned: Plan) -> list[MadeImage]:
    """The images whose notes are planned to go."""
    going = {item.path for item in planned.items if item.kind == "environment"}
    if not going:
        return []
    from stepwell_runner.containers.provide import made_images, note_of

    envs = str(workspace.envs)
    return [image for image in made_images(envs) if note_of(envs, image.digest) in going]


def remove_images(workspace: Workspace, planned: Plan) -> Plan:
    """Remove those images from their engines; the plan, without the notes of images that could not be removed, which it says."""
    kept: dict[str, str] = {}
    for image in unused_images(workspace, planned):
        from stepwell_runner.containers.images import remove
        from stepwell_runner.containers.provide import note_of

        try:
            remove(_engine_at(workspace, image.where), image.tag)
        except StepwellError as error:
            kept[note_of(str(workspace.envs), image.digest)] = error.what
    items = tuple(item for item in planned.items if item.path not in kept)
    return msgspec.structs.replace(planned, items=items, notes=(*planned.notes, *kept.values()))


def _engine_at(workspace: Workspace, where: str) -> Engine:
    """The engine at an address, reached as the workspace reached it."""
    from stepwell_runner.containers.client import engine
    from stepwell_runner.containers.leftovers import engines_used

    for settings in engines_used(str(workspace.root)):
        found = engine(settings)
        if found.where == where:
            return found
    return engine({"host": where})
