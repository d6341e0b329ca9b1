"""Keeps watching from running the same thing again and again."""

from __future__ import annotations

from collections.abc import Iterable

from stepwell_runner.planning.decide import Run
from stepwell_runner.planning.reasons import OutputChanged, OutputMissing, ResultGone
from stepwell_runner.verbs.submit import Prepared
from stepwell_store.ledger.records import StepRun

MOST_IN_A_ROW = 5
"""So many runs may each be for edits that were made during the run before; then the steps themselves are to blame."""

_LOST = (OutputMissing, OutputChanged, ResultGone)


class Guard:
    """Remembers what the last run tried, and how many runs each had their reason in the one before."""

    def __init__(self) -> None:
        self._tried: frozenset[tuple[str, str]] = frozenset()
        self._in_a_row = 0

    def is_new(self, prepared: Prepared) -> bool:
        """Whether a step would run with anything that the last run did not try, or because its result is gone since."""
        return any(isinstance(decision, Run) and ((key, decision.fingerprint) not in self._tried or _lost_its_result(decision))
                   for key, decision in prepared.plan.decisions.items())

    def is_loop(self, *, meanwhile: bool) -> bool:
        """Whether the next run would be one too many whose edits were made during the one before (`meanwhile`)."""
        self._in_a_row = self._in_a_row + 1 if meanwhile else 0
        return self._in_a_row > MOST_IN_A_ROW

    def ran(self, steps: Iterable[StepRun]) -> None:
        """Take note of a run's steps."""
        self._tried = frozenset((step.step, step.fingerprint) for step in steps if step.started_at is not None and step.fingerprint)


def _lost_its_result(decision: Run) -> bool:
    return any(isinstance(reason, _LOST) for reason in decision.reasons)
