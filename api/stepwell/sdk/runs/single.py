"""Runs that are no pipelines: of one script, and of a driver that logs by itself."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.runs import details
from stepwell.sdk.runs.ledger import is_run, run_record
from stepwell.sdk.runs.run import Run
from stepwell.sdk.runs.status import run_word
from stepwell_runner.execution.ids import new_run_id
from stepwell_runner.execution.ownership import own, request_cancel
from stepwell_runner.graph.model import Graph, encode
from stepwell_store.ledger import events, history, records
from stepwell_store.ledger.events import AnyEvent
from stepwell_store.locks import FileLock

if TYPE_CHECKING:
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.runs.step_run import StepRun

KIND, PARENT = "stepwell.kind", "azureml.parentRunId"
"""Properties of runs: what kind a run is that is no pipeline, and the run that it is part of."""

_owned: dict[str, FileLock] = {}
"""The locks of the runs that this process keeps going."""


class SingleRun(Run):
    """What such runs share: their status is in the words of run history, and they may have children."""

    type = "azureml.run"

    def _check(self) -> None:
        if not is_run(self._stored, self.id):
            raise UserErrorException(f"there is no run {self.id}", todo="`stepwell runs` lists them.")

    def _record(self) -> records.Run:
        return run_record(self._stored, self.id)

    def _owner(self) -> str:
        return self.id

    def _described(self, **labels: Any) -> AnyEvent:
        return events.RunDescribed(at=time.time(), run=self.id, **labels)

    def _title(self) -> str:
        return self._record().pipeline

    @property
    def number(self) -> int:
        """Its number in the workspace."""
        return self._record().number

    @property
    def parent(self) -> Run | None:
        """The run that it is part of."""
        found = self._record().properties.get(PARENT)
        return None if found is None else Run(self.experiment, found)

    def get_status(self) -> str:
        """`Queued`, `Running`, `Completed`, `Failed` or `Canceled`."""
        return run_word(self._record().status)

    def get_details(self) -> dict[str, Any]:
        """Id, status, times, properties, log files; `error` when it failed."""
        return details.details(self._stored, self._record(), self.get_properties(), self._logs())

    def _children(self) -> Iterable[Run]:
        from stepwell.sdk.runs.listing import runs_of

        for run in runs_of(self.experiment, include_children=False):
            if isinstance(run, SingleRun) and run.get_properties().get(PARENT) == self.id:
                yield run

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: str | None = None) -> Run:  # noqa: ARG002
        """A run that is part of this one, begun now."""
        return begin(self.experiment, name or self.display_name, parent=self.id, run_id=run_id)

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True  # noqa: ARG002
    ) -> dict[str, Any]:  # fmt: skip
        """Wait until it has ended; its details. ActivityFailedException when it failed and `raise_on_error`."""
        from stepwell.sdk.runs.waiting import wait_for_single

        return wait_for_single(self, show_output, raise_on_error)

    def cancel(self) -> None:
        """Ask it to stop; nothing happens when it is over already."""
        if self._record().ended_at is not None:
            return
        if self.id in _owned:
            _end(self, "Canceled", None)
        else:
            request_cancel(self._stored, self.id)


class InteractiveRun(SingleRun):
    """A run that a driver began with `Experiment.start_logging()`; it ends when the driver says so."""

    type = None  # type: ignore[assignment]  # v1 has it so

    def start(self) -> None:
        """Nothing: it began when it was made."""

    def complete(self, _set_status: bool = True) -> None:
        """It went well and is over."""
        _end(self, "Completed", None)

    def fail(self, error_details: object = None, error_code: object = None, _set_status: bool = True) -> None:
        """It failed and is over."""
        text = str(error_details) if error_details is not None else "the run was said to have failed"
        _end(self, "Failed", text if error_code is None else f"{text} ({error_code})")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, where: object) -> None:
        if error is None:
            self.complete()
        else:
            self.fail(f"{type(error).__name__}: {error}")


class ScriptRun(SingleRun):
    """A run of one script or command, which `Experiment.submit(ScriptRunConfig(...))` began."""

    type = "azureml.scriptrun"

    def _step(self) -> StepRun | None:
        from stepwell.sdk.runs.step_run import StepRun

        found = history.steps_of(self._stored.database, self.id)
        return StepRun.listed(self.experiment, found[0].id) if found else None

    def _owner(self) -> str:
        step = self._step()
        return self.id if step is None else step.id

    def _described(self, **labels: Any) -> AnyEvent:
        return events.RunDescribed(at=time.time(), run=self.id, **labels)

    def _files(self) -> dict[str, str]:
        step = self._step()
        return {**super()._files(), **(step.files_now() if step is not None else {})}

    def _logs(self) -> dict[str, str]:
        step = self._step()
        return step.log_files() if step is not None else {}

    def get_tags(self) -> dict[str, str]:
        """Its tags now, with those that its script set."""
        step = self._step()
        script = {} if step is None else {key: value for key, value in step.get_tags().items() if not key.startswith("azureml.")}
        return {**script, **super().get_tags()}

    def get_details(self) -> dict[str, Any]:
        """Id, status, times, properties, datasets, log files; `error` when it failed."""
        own, step = super().get_details(), self._step()
        return own if step is None else {**step.get_details(), **{key: own[key] for key in ("runId", "status", "properties")}}

    def _children(self) -> Iterable[Run]:
        return ()

    def get_snapshot_id(self) -> str | None:
        """The digest of the source that it ran in."""
        step = self._step()
        return None if step is None else step.get_snapshot_id()


def begin(experiment: Experiment, title: str, *, parent: str | None = None, run_id: str | None = None,
          tags: dict[str, str] | None = None) -> InteractiveRun:  # fmt: skip
    """A run of this process, under way from now on; UserErrorException for an id that cannot be one, or that is taken."""
    workspace = experiment.workspace.open()
    run, now = run_id or new_run_id(), time.time()
    if "/" in run or run.startswith(".") or is_run(workspace, run):
        raise UserErrorException(f"{run!r} cannot be the id of a new run", todo="Leave it out, or give one that is new and has no /.")
    _owned[run] = own(workspace, run)
    graph = workspace.objects.put_bytes(encode(Graph(name=title, steps=())))
    properties = {KIND: "interactive", **({PARENT: parent} if parent else {})}

    def record(number: int) -> events.AnyEvent:
        return events.RunCreated(at=now, run=run, record=records.Run(
            number=number, id=run, experiment=experiment.name, pipeline=title, status="Queued", graph=graph, parameters={}, options={},
            created_at=now, tags=tags or {}, properties=properties))  # fmt: skip

    workspace.record_run(record, [events.RunStarted(at=now, run=run)])
    found: InteractiveRun = InteractiveRun.listed(experiment, run)
    return found


def _end(run: SingleRun, status: records.RunStatus, error: str | None) -> None:
    lock = _owned.pop(run.id, None)
    if lock is None:
        if run._record().ended_at is not None:  # noqa: SLF001
            return
        raise UserErrorException(f"run {run.id} is not kept going by this process", todo="Only the driver that began it can end it.")
    run._stored.record(events.RunEnded(at=time.time(), run=run.id, status=status, error=error))  # noqa: SLF001
    lock.release()
