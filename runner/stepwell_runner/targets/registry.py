"""Which class stands behind the name of a kind of target; imported when it is asked for, so that nobody pays for Docker."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stepwell_runner.targets.protocol import Target
from stepwell_store.errors import UsageError

TARGETS: Mapping[str, str] = {
    "local": "stepwell_runner.targets.process:ProcessTarget",
}
"""Name to `module:attribute` of a factory."""


def require(name: str, targets: Mapping[str, str] = TARGETS) -> str:
    """The place of the factory of this name; UsageError with the nearest right names when there is none. Imports nothing."""
    place = targets.get(name)
    if place is None:
        raise _unknown(name, targets)
    return place


def factory(name: str, targets: Mapping[str, str] = TARGETS) -> Callable[..., Target]:
    """What makes a target of this name; UsageError with the nearest right names when there is none."""
    from importlib import import_module

    module, _, attribute = require(name, targets).partition(":")
    made: Callable[..., Target] = getattr(import_module(module), attribute)
    return made


def _unknown(name: str, targets: Mapping[str, str]) -> UsageError:
    import difflib

    near = difflib.get_close_matches(name, targets)
    todo = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(sorted(targets))}."
    return UsageError(f"there is no compute target named {name!r}", todo=todo)
