"""What is said of each step of a plan: fresh, stale and why, or following a step that is stale."""

from __future__ import annotations

from typing import Literal

import msgspec

from stepwell_runner.graph.model import Source, Step
from stepwell_runner.planning.reasons import AnyReason, SourceChanged, words
from stepwell_runner.verbs.submit import Prepared
from stepwell_runner.verbs.why import Told, why_planned
from stepwell_runner.watch.linecounts import told_with_counts
from stepwell_store.workspace import Workspace

State = Literal["fresh", "stale", "follows", "unknown"]


class StepState(msgspec.Struct, frozen=True, kw_only=True):
    """One step as it is now. `why` are reasons in words; `after` are the stale steps that it needs.

    `fresh` would be reused, `stale` would run, `follows` would run if what it gets from `after` changes, `unknown` cannot
    be told because the pipeline is broken.
    """

    step: str
    name: str
    state: State
    why: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


States = tuple[StepState, ...]


def states(workspace: Workspace, prepared: Prepared) -> States:
    """The states of all steps of a plan, in an order in which they can run."""
    steps = {step.key: step for step in prepared.graph.steps}
    wording = _Wording(workspace)
    return tuple(_state(steps[told.step], told, wording) for told in why_planned(workspace, prepared))


def _state(step: Step, told: Told, wording: _Wording) -> StepState:
    unused = ", which it does not use" if told.hint is not None else ""
    why = tuple(text + unused for reason in told.reasons for text in wording.of(step, reason))
    state: State = "fresh" if told.outcome == "is fresh" else "stale" if why else "follows"
    return StepState(step=told.step, name=told.name, state=state, why=why, after=told.waits_for)


class _Wording:
    """Reasons in words; a change of one folder is counted once, however many steps it concerns."""

    def __init__(self, workspace: Workspace) -> None:
        self._objects = workspace.objects
        self._counted: dict[tuple[SourceChanged, Source | None], tuple[str, ...]] = {}

    def of(self, step: Step, reason: AnyReason) -> tuple[str, ...]:
        """What is said of one reason."""
        if not isinstance(reason, SourceChanged):
            return (words(reason),)
        key = reason, step.source
        if key not in self._counted:
            self._counted[key] = tuple(told_with_counts(reason, step, self._objects))
        return self._counted[key]


def unknown(states: States) -> States:
    """The same steps, of which nothing can be said."""
    return tuple(StepState(step=one.step, name=one.name, state="unknown") for one in states)


def changed(old: States, new: States) -> States:
    """Those of the new states that are not among the old."""
    before = set(old)
    return tuple(one for one in new if one not in before)


def gone(old: States, new: States) -> tuple[str, ...]:
    """The keys of steps that are no longer in the pipeline."""
    keys = {one.step for one in new}
    return tuple(one.step for one in old if one.step not in keys)


def in_words(one: StepState) -> str:
    """Why a step is in its state, on one line; nothing for a fresh one."""
    match one.state:
        case "stale":
            return "; ".join(one.why) + (f" (after {', '.join(one.after)})" if one.after else "")
        case "follows":
            return f"runs again if what it gets from {', '.join(one.after)} changes"
        case _:
            return ""
