"""A plan in words and as data."""

from __future__ import annotations

import os
import sys
from typing import Any

from stepwell_runner.planning.decide import Decision, Reuse, Run
from stepwell_runner.planning.reasons import words
from stepwell_runner.verbs.submit import Prepared
from stepwell_tui.render.status import status_text, wants_colour, wants_unicode
from stepwell_tui.render.text import safe_line

WORDS = {"reuse": "Reused", "run": "Running", "wait": "Queued"}


def as_data(prepared: Prepared) -> dict[str, Any]:
    """What would happen to each step: `reuse`, `run` or `wait`, with reasons in words."""
    steps = {step.key: step for step in prepared.graph.steps}
    return {"steps": [{"step": key, "name": steps[key].name, "decision": kind(decision), "reasons": reasons_of(prepared, key, decision),
                       "reused_from": decision.past.step_run if isinstance(decision, Reuse) else None,
                       "waits_for": list(getattr(decision, "on", ()))}
                      for key, decision in prepared.plan.decisions.items()]}


def kind(decision: Decision) -> str:
    """`reuse`, `run` or `wait`."""
    return "reuse" if isinstance(decision, Reuse) else "run" if isinstance(decision, Run) else "wait"


def reasons_of(prepared: Prepared, key: str, decision: Decision) -> list[str]:
    """Why the step runs, in words, with the names of the files that differ."""
    step = next(step for step in prepared.graph.steps if step.key == key)
    return [words(prepared.sight.explain(step, reason)) for reason in getattr(decision, "reasons", ())]


def lines(prepared: Prepared) -> list[str]:
    """The plan, a line a step, and a last line that sums up."""
    told = [_line(prepared, key, decision) for key, decision in prepared.plan.decisions.items()]
    counts = {name: sum(kind(decision) == name for decision in prepared.plan.decisions.values()) for name in WORDS}
    return [*told, f"{counts['run']} would run, {counts['wait']} may have to, {counts['reuse']} would be reused"]


def _line(prepared: Prepared, key: str, decision: Decision) -> str:
    colour, unicode = wants_colour(sys.stdout, os.environ), wants_unicode(sys.stdout, os.environ)
    look = status_text(WORDS[kind(decision)], colour=colour, unicode=unicode).rpartition(" ")[0].strip()
    glyph = look or "-"
    text = "; ".join(reasons_of(prepared, key, decision))
    if isinstance(decision, Reuse):
        told = "fresh: would be reused"
    elif isinstance(decision, Run):
        told = f"would run: {text}"
    else:
        waiting = ", ".join(decision.on)
        told = f"waits for {waiting}: " + (f"would run: {text}" if text else "runs if what it gets from there changes")
    return f"{glyph} {safe_line(key):16} {safe_line(told)}"
