"""From the name of a compute target to the target: what people defined comes first, then the kinds, each under its own name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from stepwell_runner.targets.kinds import KINDS, Kind, check_settings, kind_of, near
from stepwell_runner.targets.protocol import Target
from stepwell_store.errors import UsageError
from stepwell_store.ledger.compute import ComputeTarget


class TargetSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A target that steps can be sent to. `home` is the workspace's folder, which marks what is left outside of it.

    `max_steps` None is what the kind finds right.
    """

    name: str
    kind: str
    home: str = ""
    max_steps: int | None = None
    settings: Mapping[str, str] = {}
    defined: bool = False


def resolve(name: str, defined: Iterable[ComputeTarget], home: str = "", kinds: Mapping[str, Kind] = KINDS) -> TargetSpec:
    """The target of this name; UsageError with the nearest right names when there is none. Imports no target."""
    known = {target.name: target for target in defined}
    if name in known:
        found = known[name]
        check_settings(found.kind, found.settings, kinds)
        return TargetSpec(name=name, kind=found.kind, home=home, max_steps=found.max_steps, settings=found.settings, defined=True)
    if name in kinds:
        return TargetSpec(name=name, kind=name, home=home)
    raise UsageError(f"there is no compute target named {name!r}",
                     todo=f"{near(name, {**kinds, **known})} `stepwell compute add {name} --kind KIND` defines it.")


def make(spec: TargetSpec, kinds: Mapping[str, Kind] = KINDS) -> Target:
    """The target itself; MachineError when what it needs is not on this machine."""
    made: Target = _attribute(kind_of(spec.kind, kinds).place)(spec)
    return made


def examine(spec: TargetSpec, kinds: Mapping[str, Kind] = KINDS) -> list[Any]:
    """What there is to say of a target: `Finding`s of `targets.examined`, the first bad one being why it cannot be used."""
    found: list[Any] = _attribute(kind_of(spec.kind, kinds).examine)(spec)
    return found


def room(spec: TargetSpec, jobs: int | None = None, kinds: Mapping[str, Kind] = KINDS) -> int:
    """How many steps run at once. `jobs` is what one submission wants; a limit that was defined is never gone beyond."""
    if spec.max_steps is not None:
        return min(jobs, spec.max_steps) if jobs else spec.max_steps
    return jobs or kind_of(spec.kind, kinds).max_steps or os.cpu_count() or 1


def _attribute(place: str) -> Callable[..., Any]:
    from importlib import import_module

    module, _, attribute = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found
