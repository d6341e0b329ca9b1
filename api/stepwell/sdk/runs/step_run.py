"""A run of one step."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.runs import details
from stepwell.sdk.runs.ledger import graph_of, is_step_run, run_record, step_record
from stepwell.sdk.runs.logs import log_text, notes_of
from stepwell.sdk.runs.port_data import PortDataReference, StepRunOutput
from stepwell.sdk.runs.run import Run
from stepwell.sdk.runs.status import step_word
from stepwell.sdk.step_modules import step_module
from stepwell_runner.execution.folders import attempt_folder
from stepwell_runner.graph.trials import family
from stepwell_runner.verbs.logfiles import log_of
from stepwell_runner.verbs.sources import made_by
from stepwell_store.ledger import events, history, records

if TYPE_CHECKING:
    from stepwell.sdk.runs.pipeline_run import PipelineRun

LOG = "user_logs/std_log.txt"
"""The name under which v1 shows what a step wrote to stdout and stderr."""


class StepRun(Run):
    """One step of a pipeline run. What a reused one left, logged and printed is what the step run left whose result it took."""

    type = "azureml.StepRun"

    def _check(self) -> None:
        if not is_step_run(self._stored, self.id):
            raise UserErrorException(f"there is no step run {self.id}")

    def _record(self) -> records.StepRun:
        return step_record(self._stored, self.id)

    def _made(self) -> records.StepRun:
        return made_by(self._stored, self._record())

    def _owner(self) -> str:
        return self._made().id

    def _described(self, **labels: Any) -> events.AnyEvent:
        return events.StepDescribed(at=time.time(), run=self.pipeline_run_id, step_run=self.id, **labels)

    def _run_id(self) -> str:
        return self.pipeline_run_id

    def _title(self) -> str:
        return self._record().name

    def files_now(self) -> dict[str, str]:
        """What it has left so far while it runs, by name; those for its run are below `.run`. A Stepwell extension."""
        record = self._made()
        if record.ended_at is not None:
            return {}
        folder = attempt_folder(self._stored, record.run, record.step, record.attempt)
        below = step_module("artifacts").files_below
        found = dict(below(os.path.join(folder, "artifacts")))
        for name in ("outputs", "logs"):
            found.update({f"{name}/{inner}": path for inner, path in below(os.path.join(folder, "work", name))})
        return found

    def log_files(self) -> dict[str, str]:
        """Its logs by name. A Stepwell extension."""
        return self._logs()

    def _files(self) -> dict[str, str]:
        mine = {name: path for name, path in self.files_now().items() if not name.startswith(".run/")}
        return dict(sorted({**super()._files(), **mine}.items()))

    @property
    def pipeline_run_id(self) -> str:
        """The id of the run that it belongs to."""
        return history.get_step(self._stored.database, self.id).run

    @property
    def parent(self) -> PipelineRun | StepRun:
        """The run that it belongs to; for a trial that of its search."""
        from stepwell.sdk.runs.pipeline_run import PipelineRun

        search = history.get_step(self._stored.database, self.id).parent
        if search is not None:
            return StepRun.listed(self.experiment, search)  # type: ignore[no-any-return]
        found: PipelineRun = PipelineRun.listed(self.experiment, self.pipeline_run_id)
        return found

    def _children(self) -> Iterator[StepRun]:
        """The trials of a search; other steps have no runs below them."""
        for record in reversed(history.trials_of(self._stored.database, self._made().id)):
            yield StepRun.listed(self.experiment, record.id)

    def _folder(self) -> str:
        made = self._made()
        return f"{made.run}/{made.step}"

    def get_status(self) -> str:
        """`Queued`, `Running`, `Finished`, `Failed` or `Canceled`."""
        return step_word(self._record().status)

    def get_tags(self) -> dict[str, str]:
        """Its tags now, v1's own among them."""
        record = self._record()
        return {"azureml.pipeline": record.run, "azureml.nodeid": record.step, **record.tags}

    def get_properties(self) -> dict[str, str]:
        """Its properties now, v1's own among them; a reused step names the run whose result it took."""
        record, made = self._record(), self._made()
        found = {
            "azureml.runsource": self.type,
            "azureml.nodeid": record.step,
            "azureml.pipelinerunid": record.run,
            "StepType": record.kind,
            "ContentSnapshotId": made.snapshot or "",
            "ComputeTargetType": record.target,
        }
        if made.id != record.id:
            found |= {"azureml.isreused": "true", "azureml.reusedrunid": made.id}
            found |= {"azureml.reusednodeid": made.step, "azureml.reusedpipeline": made.run}
        return {**found, **record.properties}

    def get_snapshot_id(self) -> str | None:
        """The digest of the source that it ran in."""
        return self._made().snapshot

    def get_details(self) -> dict[str, Any]:
        """Id, status (`Completed` where `get_status()` says `Finished`), times, properties, datasets, log files, `error`."""
        record = self._record()
        found = details.details(self._stored, record, self.get_properties(), self._logs())
        run = history.get_run(self._stored.database, record.run)
        step = next(step for step in graph_of(self._stored, run.graph).steps if step.key == family(record.step))
        found["runDefinition"] = details.definition(step) | details.arguments(self._made())
        inputs = details.inputs_of(step, run.parameters)
        found["inputDatasets"] = [
            {"dataset": self._dataset(data), "consumptionDetails": {"type": "RunInput", "inputName": name}} for name, data in inputs.items()
        ]
        found["outputDatasets"] = [
            {"dataset": self._dataset(details.output_of(one)), "outputType": "RunOutput", "outputDetails": {"outputName": one.name}}
            for one in history.outputs_of(self._stored.database, self._owner())
        ]
        return found

    def _dataset(self, definition: Any) -> Any:
        from stepwell.sdk.datasets import FileDataset, TabularDataset

        return (TabularDataset if definition.kind == "tabular" else FileDataset)(definition, self.experiment.workspace)

    def get_details_with_logs(self) -> dict[str, Any]:
        """The details with the text of the logs in place of their paths, and under STDOUT, STDERR and JOBLOG."""
        texts = {"STDOUT": self.get_stdout_log(), "STDERR": self.get_stderr_log(), "JOBLOG": self.get_job_log()}
        return {**self.get_details(), "logFiles": dict.fromkeys(self._logs(), texts["STDOUT"]), **texts}

    # --- outputs

    def get_outputs(self) -> dict[str, StepRunOutput]:
        """What it left, by the name of the output; nothing before it has succeeded."""
        from stepwell.sdk.datastore import Datastore

        found = history.outputs_of(self._stored.database, self._owner())
        stores = {name: Datastore(self.experiment.workspace, name) for name in {one.datastore for one in found}}
        return {one.name: StepRunOutput(self, PortDataReference(one.name, stores[one.datastore], one.path)) for one in found}

    def get_output(self, name: str) -> StepRunOutput:
        """One output. UserErrorException when there is none of that name, or the step has not succeeded."""
        found = self.get_outputs()
        if name not in found:
            todo = f"It left: {', '.join(found)}." if found else f"It left nothing; its status is {self.get_status()}."
            raise UserErrorException(f"step {self.name} has no output {name!r}", todo=todo)
        return found[name]

    def get_output_data(self, name: str) -> PortDataReference:
        """Where one output is."""
        return self.get_output(name).get_port_data_reference()

    # --- logs

    def _logs(self) -> dict[str, str]:
        made = self._made()
        path = log_of(self._stored, made)
        return {LOG: path} if made.attempt and os.path.exists(path) else {}

    def get_stdout_log(self) -> str:
        """What it wrote to stdout and stderr, which share one log, in the order in which it came."""
        return log_text(self._stored, self._made())

    def get_stderr_log(self) -> str:
        """The same as `get_stdout_log()`."""
        return self.get_stdout_log()

    def get_job_log(self) -> str:
        """What the runner noted about it, such as an environment that was made; and how it failed."""
        return notes_of(self._stored, self._made())

    # --- going on and ending

    def wait_for_completion(
        self, show_output: bool = True, timeout_seconds: float = sys.maxsize, raise_on_error: bool = True
    ) -> str:
        """Wait until it has ended; its status. With `show_output` what it prints is shown.

        ActivityFailedException when it failed and `raise_on_error`. When the time is over, it says so and returns the status.
        """
        from stepwell.sdk.runs.waiting import wait_for_step

        return wait_for_step(self, show_output, timeout_seconds, raise_on_error)

    def cancel(self) -> NoReturn:
        """Refused: a step ends with its run."""
        raise UserErrorException("a single step cannot be cancelled", todo=f"Cancel its pipeline run {self.pipeline_run_id}.")

    def is_over(self) -> bool:
        """Whether it has ended, or cannot begin any more. A Stepwell extension."""
        record = self._record()
        return record.ended_at is not None or run_record(self._stored, record.run).ended_at is not None
