"""The runs of an experiment, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepwell.sdk.runs.find import class_of_record
from stepwell.sdk.runs.pipeline_run import PipelineRun
from stepwell_store.ledger import history

if TYPE_CHECKING:
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.runs.run import Run


def runs_of(experiment: Experiment, include_children: bool) -> Iterator[Run]:
    """The newest first; with `include_children` each is followed by those of its steps."""
    database = experiment.workspace.open().database
    before: int | None = None
    while page := history.list_runs(database, experiment=experiment.name, before=before):
        for record in page:
            run: Run = class_of_record(record).listed(experiment, record.id)
            yield run
            if include_children and isinstance(run, PipelineRun):
                yield from run.get_steps()
        before = page[-1].number
