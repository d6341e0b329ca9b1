"""Compute targets for every door: what there is, defining, looking at one, forgetting."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from stepwell_runner.targets.examined import Finding
from stepwell_runner.targets.kinds import KINDS, check_settings, kind_of
from stepwell_runner.targets.registry import TargetSpec, examine, resolve, room
from stepwell_store.errors import StepwellError, UsageError
from stepwell_store.ledger.compute import ComputeTarget, list_targets, put_target, remove_target
from stepwell_store.locks import Holder, holder, is_locked
from stepwell_store.workspace import Workspace


class SlotState(msgspec.Struct, frozen=True):
    """One slot of a target; `holder` is the process whose step has it, None when it is free or its holder has not signed yet."""

    number: int
    taken: bool
    holder: Holder | None = None


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A compute target as people see it. `defined` is False for a kind under its own name; `max_steps` is what holds."""

    name: str
    kind: str
    max_steps: int
    defined: bool
    settings: Mapping[str, str] = {}
    description: str | None = None
    properties: Mapping[str, str] = {}
    slots: tuple[SlotState, ...] = ()

    @property
    def taken(self) -> int:
        """How many steps run on it."""
        return sum(slot.taken for slot in self.slots)


def targets(workspace: Workspace) -> list[Target]:
    """The kinds under their own names first, then those that were defined, each with its slots as they are now."""
    defined = {target.name: target for target in list_targets(workspace.database)}
    names = [*KINDS, *(name for name in defined if name not in KINDS)]
    return [_target(workspace, name, defined) for name in names]


def _target(workspace: Workspace, name: str, defined: Mapping[str, ComputeTarget]) -> Target:
    found = defined.get(name)
    spec = TargetSpec(name=name, kind=found.kind, max_steps=found.max_steps) if found else TargetSpec(name=name, kind=name)
    limit = room(spec) if spec.kind in KINDS else spec.max_steps or 1
    return Target(name=name, kind=spec.kind, max_steps=limit, defined=found is not None, settings=found.settings if found else {},
                  description=found.description if found else KINDS[name].what, properties=found.properties if found else {},
                  slots=slots(str(workspace.locks / "slots"), name, limit))


def slots(folder: str, name: str, limit: int) -> tuple[SlotState, ...]:
    """The slots of a target: as many as its limit says, and those that a run with more jobs at once has made and still holds."""
    numbers = set(range(limit)) | _held(folder, name)
    return tuple(_slot(os.path.join(folder, f"{name}-{number}.lock"), number) for number in sorted(numbers))


def _held(folder: str, name: str) -> set[int]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return set()
    tails = (entry[len(name) + 1 : -len(".lock")] for entry in names if entry.startswith(f"{name}-") and entry.endswith(".lock"))
    numbers = {int(tail) for tail in tails if tail.isdecimal()}
    return {number for number in numbers if is_locked(os.path.join(folder, f"{name}-{number}.lock"))}


def _slot(path: str, number: int) -> SlotState:
    return SlotState(number, is_locked(path), holder(path))


def define(workspace: Workspace, target: ComputeTarget, *, replace: bool = False) -> ComputeTarget:
    """Define a target; UsageError for an unknown kind, a setting that it does not have, or a name that is taken.

    A kind's own name may be defined too, with that kind: so `local` gets another limit.
    """
    check_settings(target.kind, target.settings)
    if target.name in KINDS and target.kind != target.name:
        raise UsageError(f"{target.name} is the name of a kind of target and cannot be a target of kind {target.kind}",
                         todo="choose another name")
    return put_target(workspace.database, target, replace=replace)


def remove(workspace: Workspace, name: str) -> None:
    """Forget a target; UsageError for one that nobody defined. Steps that run on it go on."""
    if name in KINDS and name not in {target.name for target in list_targets(workspace.database)}:
        raise UsageError(f"{name} is a kind of target and always there", todo="only targets that you added can be removed")
    remove_target(workspace.database, name)


def test(workspace: Workspace, name: str) -> list[Finding]:
    """Look at a target: what it can do, and what it cannot and why. UsageError when there is none of this name."""
    spec = resolve(name, list_targets(workspace.database), str(workspace.root))
    kind_of(spec.kind)
    try:
        return examine(spec)
    except StepwellError as error:
        return [Finding(spec.kind, "bad", error.what, error.todo or "")]
