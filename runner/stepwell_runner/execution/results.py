"""Earlier results from the ledger, and whether what they left is still there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from stepwell_runner.planning.decide import Past
from stepwell_runner.planning.reasons import AnyReason, OutputChanged, OutputMissing
from stepwell_store.content.sealed import current_seal, measure
from stepwell_store.errors import StepwellError
from stepwell_store.ledger import history
from stepwell_store.ledger.records import OutputRecord
from stepwell_store.workspace import Workspace


class LedgerHistory:
    """History for the planner. The newest results of the pipeline's steps are read at once; others are asked for one by one.

    `run`, once it is known, is the run that asks: what it made itself is no earlier result, so that a step which an author
    wrote three times runs three times.
    """

    def __init__(self, workspace: Workspace, pipeline: str, root_of: Callable[[str], str]) -> None:
        self._workspace = workspace
        self._root_of = root_of
        self._latest = history.latest_results(workspace.database, pipeline)
        self.run: str | None = None
        self.resealed: list[tuple[OutputRecord, str]] = []

    def results(self, step: str, wanted: str) -> Iterator[Past]:
        """Results with this fingerprint: the step's own newest one, then those of any pipeline."""
        latest = self._latest.get(step)
        if latest is not None and latest.fingerprint == wanted:
            yield Past(latest.step_run, latest.fingerprint, latest.outputs)
        for found in history.results_with(self._workspace.database, wanted, not_of=self.run):
            if latest is None or found.step_run != latest.step_run:
                yield Past(found.step_run, found.fingerprint, found.outputs)

    def problems(self, past: Past) -> tuple[AnyReason, ...]:
        """Outputs that are missing or were changed."""
        found = [self._problem(output) for output in past.outputs]
        return tuple(one for one in found if one is not None)

    def last_ingredients(self, step: str) -> dict[str, str] | None:
        """What the newest result of this step in this pipeline was made from."""
        latest = self._latest.get(step)
        return None if latest is None else history.get_step(self._workspace.database, latest.step_run).ingredients

    def _problem(self, output: OutputRecord) -> AnyReason | None:
        path = os.path.join(self._root_of(output.datastore), output.path)
        seal = current_seal(path)
        if seal == output.seal:
            return None
        where = f"{output.datastore}/{output.path}"
        if seal is None:
            return OutputMissing(output.name, where)
        # Another inode or time is no proof of other bytes: the workspace may have been copied or restored.
        try:
            found = measure(path)
        except StepwellError:  # a device, a link to nowhere, a file that may not be read: no result, but no reason to give up
            return OutputChanged(output.name, where)
        if found.digest != output.digest or found.kind != output.kind:
            return OutputChanged(output.name, where)
        self.resealed.append((output, found.seal))
        return None
