"""Containers that no run needs any longer: finding them, and removing them."""

from __future__ import annotations

import os

import msgspec

from stepwell_store.errors import StepwellError
from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace


class Orphan(msgspec.Struct, frozen=True, kw_only=True):
    """A container of a step whose run has ended. `settings` find its engine, `where` is its address."""

    id: str
    name: str
    run: str
    step: str
    status: str
    where: str
    settings: dict[str, str]


class Orphans(msgspec.Struct, frozen=True):
    """Those that were found, and what could not be looked at."""

    containers: tuple[Orphan, ...] = ()
    notes: tuple[str, ...] = ()


def orphans(workspace: Workspace) -> Orphans:
    """The containers of this workspace whose run has ended, on all engines that it has used. Asks nobody when it used none."""
    if not os.path.isdir(workspace.cache / "engines"):
        return Orphans()
    from stepwell_runner.containers.client import engine
    from stepwell_runner.containers.leftovers import containers_of, engines_used

    alive = set(history.unfinished_runs(workspace.database))
    found: list[Orphan] = []
    notes: list[str] = []
    for settings in engines_used(str(workspace.root)):
        try:
            left = containers_of(engine(settings), str(workspace.root))
        except StepwellError as error:
            notes.append(f"what was left in containers cannot be told: {error.what}")
            continue
        found += [Orphan(id=one.id, name=one.name, run=one.run, step=one.step, status=one.status, where=one.where, settings=settings)
                  for one in left if one.run not in alive]
    return Orphans(tuple(found), tuple(notes))


def remove(found: Orphans) -> tuple[str, ...]:
    """Remove them, running or not; what could not be removed, in words."""
    from stepwell_runner.containers.client import engine
    from stepwell_runner.containers.leftovers import remove_container

    notes = []
    for one in found.containers:
        try:
            remove_container(engine(one.settings), one.id)
        except StepwellError as error:
            notes.append(f"{one.name} could not be removed: {error.what}")
    return tuple(notes)
