"""Why each step of a run ran or was reused, and why each step of a pipeline would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from stepwell_runner.graph.model import Step
from stepwell_runner.planning.decide import Decision, Reuse, Run, Wait
from stepwell_runner.planning.reasons import AnyReason, Forced, NeverRan, ReuseDisabled, decode
from stepwell_runner.verbs.hints import hint
from stepwell_store.ledger.lineage import Origin, earlier_result, origin_of, origins
from stepwell_store.ledger.records import Run as RunRecord
from stepwell_store.ledger.records import StepRun
from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    from stepwell_runner.verbs.submit import Prepared

Outcome = Literal["ran", "reused", "did not run", "has not begun", "will run", "is fresh", "waits"]

_COMPARED_WITH_NOTHING = (NeverRan, Forced, ReuseDisabled)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a step, or would happen, and why.

    `since` is where the result comes from that was taken, or with which the step was compared. `waits_for` are keys of steps
    that must run before more can be said; `note` says why a step did not run, `hint` what could be done about a reason that is none.
    """

    step: str
    name: str
    outcome: Outcome
    status: str
    reasons: tuple[AnyReason, ...] = ()
    since: Origin | None = None
    waits_for: tuple[str, ...] = ()
    note: str | None = None
    hint: str | None = None


def why_run(workspace: Workspace, run: RunRecord, steps: list[StepRun]) -> list[Told]:
    """Why these steps of a run ran or were reused, from what was recorded then."""
    taken = origins(workspace.database, run.id)
    return [_past(workspace, run, step, taken.get(step.id)) for step in steps]


def _past(workspace: Workspace, run: RunRecord, step: StepRun, taken: Origin | None) -> Told:
    if step.reused_from is not None:
        return Told(step=step.step, name=step.name, outcome="reused", status="Reused", since=taken)
    if step.started_at is None:
        outcome: Outcome = "has not begun" if step.status == "Queued" else "did not run"
        return Told(step=step.step, name=step.name, outcome=outcome, status=step.status, note=step.error)
    reasons = decode(step.reasons)
    return Told(step=step.step, name=step.name, outcome="ran", status=step.status, reasons=reasons,
                since=_compared(workspace, run, step) if _compares(reasons) else None)


def _compares(reasons: tuple[AnyReason, ...]) -> bool:
    return not any(isinstance(reason, _COMPARED_WITH_NOTHING) for reason in reasons)


def _compared(workspace: Workspace, run: RunRecord, step: StepRun) -> Origin | None:
    earlier = earlier_result(workspace.database, run.pipeline, step.step, run.number)
    return None if earlier is None else origin_of(workspace.database, earlier.id)


def why_planned(workspace: Workspace, prepared: Prepared) -> list[Told]:
    """Why the steps of a pipeline would run or be reused now."""
    steps = {step.key: step for step in prepared.graph.steps}
    return [_planned(workspace, prepared, steps[key], decision) for key, decision in prepared.plan.decisions.items()]


def _planned(workspace: Workspace, prepared: Prepared, step: Step, decision: Decision) -> Told:
    match decision:
        case Reuse(past):
            since = origin_of(workspace.database, past.step_run)
            return Told(step=step.key, name=step.name, outcome="is fresh", status="Reused", since=since)
        case Run(reasons) | Wait(_, reasons):
            explained = tuple(prepared.sight.explain(step, reason) for reason in reasons)
            waits = decision.on if isinstance(decision, Wait) else ()
            return Told(step=step.key, name=step.name, outcome="waits" if waits else "will run", status="Queued" if waits else "Running",
                        reasons=explained, waits_for=waits, since=_latest(workspace, prepared, step.key) if _compares(reasons) else None,
                        hint=hint(step, explained))


def _latest(workspace: Workspace, prepared: Prepared, key: str) -> Origin | None:
    earlier = earlier_result(workspace.database, prepared.graph.name, key, _AFTER_ALL)
    return None if earlier is None else origin_of(workspace.database, earlier.id)


_AFTER_ALL = 2**62
