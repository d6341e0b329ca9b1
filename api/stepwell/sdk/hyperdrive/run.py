"""What came out of a search: its trials as runs, the best of them, their values and metrics."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.runs.ledger import graph_of
from stepwell.sdk.runs.status import run_word
from stepwell.sdk.runs.step_run import StepRun
from stepwell_runner.graph.sweep import Goal, Sweep
from stepwell_runner.verbs.control import ask_to_stop
from stepwell_runner.verbs.trials import TrialTold, ranked, sweep_of, trials_told
from stepwell_store.ledger import history

if TYPE_CHECKING:
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.hyperdrive.config import HyperDriveConfig


class HyperDriveRun(StepRun):
    """The run of a search, by the id of its step run."""

    type = "hyperdrive"

    def __new__(cls, *_: Any, **__: Any) -> HyperDriveRun:  # noqa: PYI034  as Run has it
        return object.__new__(cls)

    def __init__(self, experiment: Experiment, run_id: str, hyperdrive_config: HyperDriveConfig | None = None) -> None:
        super().__init__(experiment, run_id)
        self.hyperdrive_config = hyperdrive_config

    def _check(self) -> None:
        super()._check()
        if self._sweep() is None:
            raise UserErrorException(f"run {self.id} is no search", todo="HyperDriveStepRun takes the run of a HyperDriveStep.")

    def _sweep(self) -> Sweep | None:
        return sweep_of(self._stored, self._made())

    def _children(self) -> Iterator[StepRun]:
        return (StepRun.listed(self.experiment, one.step.id) for one in reversed(self._told()))

    def _told(self) -> list[TrialTold]:
        return trials_told(self._stored, self._made())

    @property
    def _goal(self) -> Goal:
        sweep = self._sweep()
        assert sweep is not None
        return sweep.goal

    def get_best_run_by_primary_metric(
        self, include_failed: bool = True, include_canceled: bool = True, include_resume_from_runs: bool = True  # noqa: ARG002
    ) -> StepRun | None:
        """The trial with the best value of the primary metric; None when none of them logged it."""
        left_out = ([] if include_failed else ["Failed"]) + ([] if include_canceled else ["Canceled"])
        ranked = [one for one in self._ranked() if one.step.status not in left_out and not math.isnan(one.score)]
        return StepRun.listed(self.experiment, ranked[0].step.id) if ranked else None

    def get_children_sorted_by_primary_metric(
        self, top: int = 0, reverse: bool = False, discard_no_metric: bool = False
    ) -> list[dict[str, Any]]:
        """For each trial `run_id`, `hyperparameters` (JSON text), `best_primary_metric`, `status`; the best first, or last with `reverse`.

        `top` 0 is all. Those without the metric come last and have None, unless they are left out.
        """
        ranked = self._ranked()
        known = [one for one in ranked if not math.isnan(one.score)]
        ordered = (known[::-1] if reverse else known) + ([] if discard_no_metric else [one for one in ranked if math.isnan(one.score)])
        return [_told(one) for one in (ordered[:top] if top > 0 else ordered)]

    def _ranked(self) -> list[TrialTold]:
        return ranked(self._goal, self._told())

    def get_hyperparameters(self) -> dict[str, str]:
        """The values of each trial as JSON text, by the id of its run."""
        return {one.step.id: json.dumps(one.values) for one in self._told()}

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: str | None = None, populate: bool = False  # noqa: ARG002
    ) -> dict[str, Any]:
        """The metrics of each trial that logged any, by the id of its run."""
        found = {child.id: child.get_metrics(name) for child in self._children()}
        return {run_id: metrics for run_id, metrics in found.items() if metrics}

    def get_status(self) -> str:
        """`Completed`, `Failed`, `Canceled` or `Running`: a search speaks like runs of scripts do."""
        return run_word(self._record().status)

    def wait_for_completion(  # type: ignore[override]  # v1 has it so
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True  # noqa: ARG002
    ) -> dict[str, Any]:
        """Wait until it has ended; its details. ActivityFailedException when it failed and `raise_on_error`."""
        super().wait_for_completion(show_output=show_output, raise_on_error=raise_on_error)
        return self.get_details()

    def cancel(self) -> None:  # type: ignore[override]
        """Stop it, when it is all that its pipeline run does; UserErrorException else. Nothing happens when it is over."""
        run = history.get_run(self._stored.database, self.pipeline_run_id)
        if len(graph_of(self._stored, run.graph).steps) > 1:
            super().cancel()
        if run.ended_at is None:
            ask_to_stop(self._stored, run.id)

    def get_diagnostics(self) -> None:
        """Nothing: the log of the search tells all, `get_stdout_log()`."""


def _told(one: TrialTold) -> dict[str, Any]:
    return {"run_id": one.step.id, "hyperparameters": json.dumps(one.values),
            "best_primary_metric": None if math.isnan(one.score) else one.score, "status": run_word(one.step.status)}  # fmt: skip
