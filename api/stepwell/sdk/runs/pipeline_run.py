"""A run of a whole pipeline."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.runs import details
from stepwell.sdk.runs.ledger import graph_of, is_run, newest_first, run_record
from stepwell.sdk.runs.run import Run
from stepwell.sdk.runs.status import pipeline_word
from stepwell_store.ledger import events, history, records

if TYPE_CHECKING:
    from stepwell.sdk.published_pipeline import PublishedPipeline
    from stepwell.sdk.runs.port_data import PortDataReference
    from stepwell.sdk.runs.step_run import StepRun
    from stepwell.sdk.workspace import Workspace
    from stepwell_runner.graph.model import Graph


class PipelineRun(Run):
    """One submission of a pipeline. It goes on by itself, whatever becomes of the process that submitted it."""

    type = "azureml.PipelineRun"

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> PipelineRun:
        """The pipeline run of this id, beginning of one, `#12` or `@last`; UserErrorException when there is none."""
        from stepwell.sdk.runs.find import find

        found = find(workspace, run_id)
        if not isinstance(found, PipelineRun):
            pipeline = getattr(found, "pipeline_run_id", None)
            raise UserErrorException(f"{run_id} is no run of a pipeline", todo=pipeline and f"Its pipeline run is {pipeline}.")
        return found

    def _check(self) -> None:
        if not is_run(self._stored, self.id):
            raise UserErrorException(f"there is no pipeline run {self.id}", todo="`stepwell runs` lists them.")

    def _record(self) -> records.Run:
        return run_record(self._stored, self.id)

    def _owner(self) -> str:
        return self.id

    def _described(self, **labels: Any) -> events.AnyEvent:
        return events.RunDescribed(at=time.time(), run=self.id, **labels)

    def _title(self) -> str:
        return self._record().pipeline

    def _files(self) -> dict[str, str]:
        found = super()._files()
        if self._record().ended_at is not None:
            return found
        for step in self._children():  # what steps that still run have uploaded for their run
            found.update({name.removeprefix(".run/"): path for name, path in step.files_now().items() if name.startswith(".run/")})
        return dict(sorted(found.items()))

    @property
    def number(self) -> int:
        """Its number in the workspace."""
        return self._record().number

    @property
    def parent(self) -> None:
        """None: nothing is above it."""
        return

    def get_status(self) -> str:
        """`NotStarted`, `Running`, `Finished`, `Failed` or `Canceled`."""
        return pipeline_word(self._record().status)

    def get_properties(self) -> dict[str, str]:
        """Its properties now, with what Git said of the source."""
        record = self._record()
        return {"azureml.runsource": self.type, "runSource": "SDK", **details.git_properties(record.git), **record.properties}

    def get_details(self) -> dict[str, Any]:
        """Id, status (`Completed` where `get_status()` says `Finished`), times, properties; `error` names the steps that failed."""
        record = self._record()
        found = details.details(self._stored, record, self.get_properties(), {})
        if record.error is not None:
            steps = history.steps_of(self._stored.database, self.id)
            failed = [(step.id, step.name, step.error or "") for step in steps if step.status == "Failed"]
            found["error"] = details.error(_told(record.error, failed), failed)
        return found

    # --- steps

    def _children(self) -> Iterator[StepRun]:
        from stepwell.sdk.runs.step_run import StepRun

        for record in newest_first(history.steps_of(self._stored.database, self.id)):
            yield StepRun.listed(self.experiment, record.id)

    def get_steps(self) -> Iterator[StepRun]:
        """The runs of its steps that have begun or were left out, newest first."""
        return self._children()

    def find_step_run(self, name: str) -> list[StepRun]:
        """The runs of all steps of this name; an empty list when there is none."""
        from stepwell.sdk.runs.step_run import StepRun

        steps = newest_first(history.steps_of(self._stored.database, self.id))
        return [cast("StepRun", StepRun.listed(self.experiment, step.id)) for step in steps if step.name == name]

    def get_graph(self) -> Graph:
        """What was run, as Stepwell's own graph."""
        return graph_of(self._stored, self._record().graph)

    def get_pipeline_output(self, pipeline_output_name: str) -> PortDataReference:
        """An output that the pipeline names. UserErrorException when it has none of that name, or not yet."""
        from stepwell.sdk.runs.step_run import StepRun

        named = {output.name: output for output in self.get_graph().outputs}
        if pipeline_output_name not in named:
            known = ", ".join(named) or "none"
            raise UserErrorException(f"the pipeline has no output {pipeline_output_name!r}", todo=f"Its outputs are: {known}.")
        output = named[pipeline_output_name]
        steps = {step.step: step.id for step in history.steps_of(self._stored.database, self.id)}
        if output.step not in steps:
            raise UserErrorException(f"step {output.step}, which leaves output {pipeline_output_name!r}, has not begun")
        found: StepRun = StepRun.listed(self.experiment, steps[output.step])
        return found.get_output_data(output.output)

    # --- going on and ending

    def wait_for_completion(
        self, show_output: bool = True, timeout_seconds: float = sys.maxsize, raise_on_error: bool = True
    ) -> str:
        """Wait until it has ended; its status. With `show_output` it tells what happens and what the steps print.

        ActivityFailedException when it failed and `raise_on_error`. When the time is over, it says so and returns the status.
        """
        from stepwell.sdk.runs.waiting import wait_for_pipeline

        return wait_for_pipeline(self, show_output, timeout_seconds, raise_on_error)

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write it as v1's YAML, by default to `pipeline.yml` of the current folder; where it is."""
        from stepwell.sdk.pipeline_yaml import save

        return save(self.get_graph(), path)

    @staticmethod
    def get_pipeline_runs(workspace: Workspace, pipeline_id: str, **_: Any) -> list[PipelineRun]:
        """The runs of a published pipeline, newest first."""
        from stepwell_runner.verbs.publish import PUBLISHED

        wanted = {PUBLISHED: pipeline_id}
        found = [run for experiment in workspace.experiments.values() for run in experiment.get_runs(properties=wanted)]
        runs = [run for run in found if isinstance(run, PipelineRun)]
        return sorted(runs, key=lambda run: run.number, reverse=True)

    def get_snapshot_id(self) -> None:
        """None: its steps have snapshots."""
        return

    def cancel(self) -> None:
        """Ask it to stop; nothing happens when it is over already."""
        if self._record().ended_at is None:
            from stepwell_runner.verbs.control import ask_to_stop

            ask_to_stop(self._stored, self.id)

    # --- publishing

    def publish_pipeline(
        self,
        name: str,
        description: str,
        version: str,
        continue_on_step_failure: bool | None = None,
        *,
        enable_email_notification: bool | None = None,  # noqa: ARG002
    ) -> PublishedPipeline:
        """Publish what this run ran, with its parameters' values as defaults."""
        from stepwell.sdk.published_pipeline import PublishedPipeline
        from stepwell_runner.verbs.publish import publish_run

        workspace = self.experiment.workspace
        record = publish_run(workspace.open(), self._record(), name=name, description=description, version=version,
                             continue_on_failure=continue_on_step_failure)
        return PublishedPipeline(workspace, record)


def _told(message: str, failed: list[tuple[str, str, str]]) -> str:
    runs = ", ".join(f"{name} ({run})" for run, name, _ in failed)
    return f"{message}. Failed child runs: {runs}. Their logs say why." if runs else message
