"""One pure function says whether a step is reused or runs; plan, why, watch and the engine all ask it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from stepwell_runner.graph.model import Step
from stepwell_runner.graph.trials import family
from stepwell_runner.planning.fingerprint import Ingredients, compare, fingerprint
from stepwell_runner.planning.reasons import AnyReason, Forced, NeverRan, ResultGone, ReuseDisabled
from stepwell_store.ledger.records import OutputRecord


class Past(msgspec.Struct, frozen=True):
    """A finished step run whose result may be taken."""

    step_run: str
    fingerprint: str
    outputs: tuple[OutputRecord, ...] = ()


class History(Protocol):
    """What happened before, as lookups."""

    def results(self, step: str, wanted: str) -> Iterable[Past]:
        """Results with this fingerprint, the likeliest first."""
        ...

    def problems(self, past: Past) -> tuple[AnyReason, ...]:
        """Why a result no longer counts: outputs that are missing or were changed. Empty when it does."""
        ...

    def last_ingredients(self, step: str) -> Ingredients | None:
        """What the newest result of this step in this pipeline was made from."""
        ...


class Policy(msgspec.Struct, frozen=True):
    """What the person asked for: `force` all steps, or those named; `only` these steps may run (None: all may)."""

    force: bool = False
    forced: frozenset[str] = frozenset()
    only: frozenset[str] | None = None


class Reuse(msgspec.Struct, frozen=True):
    """The result of an earlier step run is taken."""

    past: Past


class Run(msgspec.Struct, frozen=True):
    """The step runs, for at least one reason."""

    reasons: tuple[AnyReason, ...]
    ingredients: Ingredients
    fingerprint: str


class Wait(msgspec.Struct, frozen=True):
    """It cannot be said before these steps have run; `reasons` are those that hold in any case."""

    on: tuple[str, ...]
    reasons: tuple[AnyReason, ...] = ()


Decision = Reuse | Run | Wait


def decide(step: Step, found: Ingredients, history: History, policy: Policy) -> Reuse | Run:
    """Whether a step with these ingredients is reused or runs, and why."""
    wanted = fingerprint(found)
    if policy.force or family(step.key) in policy.forced:
        return Run((Forced(),), found, wanted)
    if not step.allow_reuse:
        return Run((ReuseDisabled(),), found, wanted)
    broken: tuple[AnyReason, ...] = ()
    for past in history.results(step.key, wanted):
        problems = history.problems(past)
        if not problems:
            return Reuse(past)
        broken = broken or problems
    return Run(broken or _changes(step, found, history), found, wanted)


def _changes(step: Step, found: Ingredients, history: History) -> tuple[AnyReason, ...]:
    earlier = history.last_ingredients(step.key)
    if earlier is None:
        return (NeverRan(),)
    return compare(earlier, found, step) or (ResultGone(),)
