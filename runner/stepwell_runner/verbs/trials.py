"""The trials of a sweep as people see them: their values, their best value of the metric, how they ended."""

from __future__ import annotations

import math

import msgspec

from stepwell_runner.graph.sweep import Goal, Sweep
from stepwell_runner.graph.trials import MARK
from stepwell_runner.sweep.policies import best_of
from stepwell_runner.sweep.told import BEST, numbers_in, trial_values
from stepwell_runner.verbs.steps import graph_of
from stepwell_store.ledger import history
from stepwell_store.ledger.records import StepRun
from stepwell_store.workspace import Workspace


class TrialTold(msgspec.Struct, frozen=True):
    """One trial. `score` is its best value of the metric, not a number when it logged none."""

    step: StepRun
    number: int
    values: dict[str, object]
    score: float
    is_best: bool = False


def sweep_of(workspace: Workspace, step: StepRun) -> Sweep | None:
    """The search that a step run was; None for other steps, and when the run's graph is no longer there."""
    if "work/space" not in step.ingredients:
        return None
    graph = graph_of(workspace, history.get_run(workspace.database, step.run))
    found = None if graph is None else next((one.work for one in graph.steps if one.key == step.step), None)
    return found if isinstance(found, Sweep) else None


def trials_told(workspace: Workspace, step: StepRun) -> list[TrialTold]:
    """The trials of a sweep in the order in which they were made; none for other steps. For a reused sweep ask for the one it took."""
    sweep = sweep_of(workspace, step)
    if sweep is None:
        return []
    best = step.properties.get(BEST)
    return [TrialTold(one, int(one.step.rpartition(MARK)[2]), trial_values(one), _score(workspace, sweep, one), one.id == best)
            for one in history.trials_of(workspace.database, step.id)]


def _score(workspace: Workspace, sweep: Sweep, trial: StepRun) -> float:
    logged = history.metrics_of(workspace.database, trial.reused_from or trial.id, sweep.metric)
    return best_of(sweep.goal, [value for metric in logged for value in numbers_in(metric)])


def ranked(goal: Goal, trials: list[TrialTold]) -> list[TrialTold]:
    """The best first; those that logged no metric last. Of equally good ones the earlier comes first."""
    known = sorted((one for one in trials if not math.isnan(one.score)), key=lambda one: one.score, reverse=goal == "maximize")
    return known + [one for one in trials if math.isnan(one.score)]


def trials_data(trials: list[TrialTold]) -> list[dict[str, object]]:
    """Trials as JSON-like data."""
    return [{"trial": one.number, "step_run": one.step.id, "step": one.step.step, "status": one.step.status, "values": one.values,
             "metric": None if math.isnan(one.score) else one.score, "best": one.is_best, "reused_from": one.step.reused_from,
             "started_at": one.step.started_at, "ended_at": one.step.ended_at, "error": one.step.error} for one in trials]
