"""Making the environments of a pipeline's steps before it runs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from stepwell_runner.verbs.submit import Prepared, keys_of


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """An environment that is ready: the steps that it is for, its interpreter, and its image where it is one."""

    digest: str
    steps: tuple[str, ...]
    python: str
    image: str | None = None


def build(prepared: Prepared, names: tuple[str, ...], tell: Callable[[str], None]) -> list[Made]:
    """Make what the steps of these names run in, of all steps when none is named. Raises what a run of them would."""
    wanted = keys_of(prepared.graph, names) if names else [step.key for step in prepared.graph.steps]
    habitats = prepared.sight.habitats
    groups: dict[str, list[str]] = {}
    for step in prepared.graph.steps:
        if step.key in wanted:
            groups.setdefault(f"{habitats.identity(step).digest} {step.target}", []).append(step.key)
    steps = {step.key: step for step in prepared.graph.steps}
    made = []
    for key, group in groups.items():
        found = habitats.provide(steps[group[0]], tell)
        made.append(Made(digest=key.partition(" ")[0], steps=tuple(group), python=found.python, image=found.image))
    return made
