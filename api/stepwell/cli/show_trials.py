"""The trials of a sweep as a table."""

from __future__ import annotations

import math

from stepwell.cli.common import print_table, say
from stepwell.cli.printing import plain, print_heading, seconds, step_seconds
from stepwell_runner.sweep.told import values_words
from stepwell_runner.verbs.steps import shown_status
from stepwell_runner.verbs.trials import TrialTold, ranked, sweep_of, trials_told
from stepwell_store.ledger.records import StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column

SHOWN = 10


def print_trials(workspace: Workspace, step: StepRun, *, limit: int | None = None) -> None:
    """Print the trials of a sweep, the best first; nothing for other steps."""
    sweep, trials = sweep_of(workspace, step), trials_told(workspace, step)
    if sweep is None or not trials:
        return
    print_heading(f"trials of {step.step}, to {sweep.goal} {sweep.metric}")
    columns = [Column("trial", keep=True), Column("status", keep=True, status=True), Column(sweep.metric, right=True, keep=True),
               Column("took", right=True), Column("values"), Column("why")]
    ordered = ranked(sweep.goal, trials)
    print_table(columns, [_row(one) for one in ordered[:limit]])
    if limit is not None and len(ordered) > limit:
        say(f"{len(ordered) - limit} more: `stepwell show RUN/{step.step}`")


def _row(one: TrialTold) -> tuple[str, ...]:
    number = f"{one.step.step} *" if one.is_best else one.step.step
    score = "" if math.isnan(one.score) else f"{one.score:.6g}"
    return (number, shown_status(one.step), score, seconds(step_seconds(one.step)), plain(values_words(one.values)),
            plain((one.step.error or "").partition("\n")[0]))
