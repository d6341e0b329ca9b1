"""The steps of a run as people see them: also those that have not begun, which only the graph knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from stepwell_store.errors import IntegrityError, UsageError
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run, StepRun, StepStatus
from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    from stepwell_runner.graph.model import Graph

NEVER_BEGAN = "the run ended before it could begin"


class Named(Protocol):
    """Something that is said of one step: `step` is its key, `name` what its author called it."""

    @property
    def step(self) -> str: ...

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


class _Size(msgspec.Struct):
    steps: list[msgspec.Raw]


def graph_of(workspace: Workspace, run: Run) -> Graph | None:
    """The graph that was run; None when its object is no longer there."""
    from stepwell_runner.graph.model import decode

    try:
        return decode(workspace.objects.read(run.graph))
    except IntegrityError:
        return None


def step_count(workspace: Workspace, graph: str) -> int | None:
    """How many steps a stored graph has; None when its object is no longer there."""
    try:
        return len(msgspec.json.decode(workspace.objects.read(graph), type=_Size).steps)
    except IntegrityError:
        return None


def steps_of_run(workspace: Workspace, run: Run) -> list[StepRun]:
    """All steps in the order of the graph. One that has not begun is Queued, or Skipped once the run is over, and has no id."""
    known = history.steps_of(workspace.database, run.id)
    graph = None if run.status == "Completed" else graph_of(workspace, run)
    if graph is None or len(known) == len(graph.steps):
        return known
    begun = {step.step for step in known}
    status: StepStatus = "Queued" if run.ended_at is None else "Skipped"
    rest = [StepRun(id="", run=run.id, position=at, step=step.key, name=step.name, kind=step.kind, status=status, target=step.target,
                    error=None if run.ended_at is None else NEVER_BEGAN)
            for at, step in enumerate(graph.steps) if step.key not in begun]
    return sorted([*known, *rest], key=lambda step: step.position)


def pick(steps: Sequence[N], name: str) -> N:
    """The one of this key, or else name; UsageError says which there are."""
    found = [step for step in steps if step.step == name] or [step for step in steps if step.name == name]
    if not found:
        import difflib

        keys = [step.step for step in steps]
        near = difflib.get_close_matches(name, keys, n=1)
        raise UsageError(f"there is no step {name}" + (f"; did you mean {near[0]}?" if near else ""),
                         todo=f"the steps are: {', '.join(keys) or 'none yet'}")
    return found[0]


TRIAL_MARK = "@"


def step_named(workspace: Workspace, steps: Sequence[StepRun], name: str) -> StepRun:
    """The one of this key, or else name, among the steps of a run, or a trial of a sweep as `SWEEP@NUMBER`."""
    key, mark, number = name.partition(TRIAL_MARK)
    if not mark or any(name in (step.step, step.name) for step in steps):
        return pick(steps, name)
    sweep = pick(steps, key)
    trials = history.trials_of(workspace.database, sweep.reused_from or sweep.id) if sweep.id else []
    if not trials:
        raise UsageError(f"step {sweep.step} has no trials", todo="only the trials of a sweep are named like this")
    return pick(trials, f"{sweep.step}{mark}{number}")


def shown_status(step: StepRun) -> str:
    """The status as people see it: a step that took an earlier result is Reused."""
    return "Reused" if step.reused_from is not None else step.status
