"""The run that a script belongs to: `Run.get_context()`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from stepwell import asking, context, wire
from stepwell.errors import RunEnvironmentException, UserErrorException
from stepwell.files import Files
from stepwell.labels import Labels
from stepwell.metrics import Metrics, collect
from stepwell.offline import _OfflineRun
from stepwell.recorder import Recorder

_current: _SubmittedRun | None = None


class Run(Files, Labels, Metrics, asking.Asking):
    """A run that is recorded. `get_metrics`, `get_tags` and the like tell what this step, in all its processes, has reported."""

    def __init__(self, recorder: Recorder, run_id: str, name: str) -> None:
        self._recorder = recorder
        self._id = run_id
        self._name = name
        self._children = 0
        self._shown_as = ""

    @staticmethod
    def get_context(allow_offline: bool = True) -> Any:
        """The run of this process, the same object every time. Outside a step an `_OfflineRun`, or RunEnvironmentException."""
        global _current  # noqa: PLW0603
        if _current is not None:
            return _current
        facts = context.read()
        if facts is not None:
            _current = _SubmittedRun(facts)
            return _current
        if allow_offline:
            return _OfflineRun()
        raise RunEnvironmentException(f"this process is not a step of a run: {context.VARIABLE} is not set")

    def __repr__(self) -> str:
        return f"Run(Experiment: {self.experiment.name}, Id: {self.id}, Status: {self.status})"

    @property
    def id(self) -> str:
        """The id of the run."""
        return self._id

    @property
    def name(self) -> str:
        """The name that its author gave it."""
        return self._name

    @property
    def display_name(self) -> str:
        """What it is called: `name`, unless the script called it something else."""
        return self._shown_as or self._name

    @display_name.setter
    def display_name(self, name: str) -> None:
        # Kept with the run as a tag: what its author named it stays its name in every list.
        self._shown_as = wire.text(name)
        self.tag("display_name", self._shown_as)

    @property
    def number(self) -> int | None:
        """Its number in the experiment, where the runner tells it."""
        found: int | None = self._recorder.facts.get("number")
        return found

    @property
    def status(self) -> str:
        """A run that can ask is running."""
        return "Running"

    def get_status(self) -> str:
        """The same as `status`."""
        return self.status

    @property
    def experiment(self) -> asking.Experiment:
        """The experiment, with `name` and `workspace`."""
        return asking.Experiment(self._recorder.facts)

    @property
    def parent(self) -> Run | None:
        """The run that this one is part of."""
        return None

    def get_details(self) -> dict[str, Any]:
        """Id, status and properties, under the documented keys."""
        return {"runId": self.id, "status": self.status, "properties": self.get_properties(), "inputDatasets": [],
                "outputDatasets": [], "runDefinition": {}, "logFiles": {}}  # fmt: skip

    def _metric(self, kind: str, name: str, value: Any, step: int | None = None, description: str = "") -> None:
        said = wire.text(description) if description else None
        self._recorder.send("metric", name=self._recorder.named(name), type=kind, value=wire.encode(value), step=step,
                            description=said, at=time.time())  # fmt: skip

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: Any = None, populate: bool = False
    ) -> dict[str, Any]:
        """Metrics by name. A picture is `aml://artifactId/<run id>/<name of its file>`."""
        del recursive, run_type, populate  # a step knows of no other run's metrics
        reports = [report for report in self._recorder.sent("metric", "name") if name in (None, report["name"])]
        return collect([{**report, "value": self._shown(report)} for report in reports])

    def _shown(self, report: dict[str, Any]) -> Any:
        value = wire.decode(report["value"])
        return f"aml://artifactId/{self.id}/{value}" if report["type"] == "image" else value

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: str | None = None) -> Run:
        """A run within this one. It is no entry of its own: its metrics, tags and files are this run's, named `<child>/...`."""
        del outputs
        self._children += 1
        title = run_id or name or f"child_{self._children}"
        recorder = Recorder(self._recorder.facts, self._recorder.scope, self._recorder.named(title) + "/")
        return _ChildRun(recorder, f"{self.id}_{title}", title, self)

    def create_children(self, count: int | None = None, tag_key: str | None = None, tag_values: Any = None) -> list[Run]:
        """Several child runs, `count` of them or one per tag value; 100 at most."""
        values = [None] * (count or 0) if tag_values is None else list(tag_values)
        if len(values) > 100:
            raise UserErrorException(f"create_children: {len(values)} children; 100 at most")
        children = [self.child_run() for _ in values]
        if tag_key is not None:
            for child, value in zip(children, values):  # noqa: B905  (Python 3.8 has no strict=)
                child.tag(tag_key, value)
        return children

    def start(self) -> None:
        """Nothing: it runs already."""

    def complete(self, _set_status: bool = True) -> None:
        """Nothing: how the step's process ends decides."""

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        """Nothing: a step fails by its exit code. What it says goes to the log."""
        if error_details is not None:
            print(f"Run.fail: {error_details}" if error_code is None else f"Run.fail: {error_details} ({error_code})")

    def cancel(self) -> None:
        """Accepted, and nothing happens; `stepwell cancel` ends a run."""

    def flush(self, timeout_seconds: int = 300) -> None:
        """Nothing: every report is written when it is made."""

    def __enter__(self) -> Run:  # noqa: PYI034  (Python 3.8 has no Self)
        return self

    def __exit__(self, *_: object) -> None:
        self.complete()


class _PipelineRun(Run):
    """The run of the whole pipeline, as one of its steps has it: what any step reported for it, this step's own even before it is kept."""

    def _with(self, own: dict[str, Any], ask: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        try:
            return {**ask(self._known()), **own}
        except RunEnvironmentException:  # there is no door; what this step knows is better than nothing
            return own

    def get_metrics(
        self, name: str | None = None, recursive: bool = False, run_type: Any = None, populate: bool = False
    ) -> dict[str, Any]:
        """Metrics of the run; with `recursive` those of its steps too, by run id."""
        own = super().get_metrics(name)
        if recursive:
            return self._with({}, lambda known: known.get_metrics(name, recursive, run_type, populate))
        return self._with(own, lambda known: known.get_metrics(name))

    def get_tags(self) -> dict[str, str]:
        """Tags of the run."""
        return self._with(super().get_tags(), lambda known: known.get_tags())

    def get_properties(self) -> dict[str, str]:
        """Properties of the run."""
        return self._with(super().get_properties(), lambda known: known.get_properties())

    def get_details(self) -> dict[str, Any]:
        """Id, status, times and what else there is, under the documented keys."""
        return self._with({}, lambda known: known.get_details()) or super().get_details()

    def get_file_names(self) -> list[str]:
        """Files that any step uploaded for the run."""
        found = self._with(dict.fromkeys(super().get_file_names(), True), lambda known: dict.fromkeys(known.get_file_names()))
        return sorted(found)

    def cancel(self) -> None:
        """Cancel the whole run, this step too."""
        self._known().cancel()


class _SubmittedRun(Run):
    """The step that this process is."""

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__(Recorder(facts, "step"), facts["step_run"], facts["name"])
        self._parent = _PipelineRun(Recorder(facts, "run"), facts["run"], facts["pipeline"])
        self._datasets: dict[str, Any] | None = None

    @property
    def parent(self) -> Run:
        """The pipeline's run. What is logged, tagged and uploaded there belongs to the whole run."""
        return self._parent

    @property
    def input_datasets(self) -> dict[str, Any]:
        """Name → path, or for mode `direct` a dataset that is read when asked."""
        if self._datasets is None:
            self._datasets = {name: _delivered(name, given) for name, given in self._recorder.facts["inputs"].items()}
        return self._datasets

    @property
    def output_datasets(self) -> dict[str, str]:
        """Name → path at which to leave the output."""
        return dict(self._recorder.facts["outputs"])

    def get_details(self) -> dict[str, Any]:
        """Id, status, properties and datasets, under the documented keys."""
        inputs = [{"consumptionDetails": {"inputName": name}, "dataset": data} for name, data in self.input_datasets.items()]
        return {**super().get_details(), "inputDatasets": inputs}


class _ChildRun(Run):
    """A part of another run, told apart by its name in front of everything that it reports."""

    def _known(self) -> Any:
        raise asking.missing(self.name)

    def __init__(self, recorder: Recorder, run_id: str, name: str, parent: Run) -> None:
        super().__init__(recorder, run_id, name)
        self._parent = parent

    @property
    def parent(self) -> Run:
        """The run that made it."""
        return self._parent


def _delivered(name: str, given: dict[str, Any]) -> Any:
    if given["mode"] != "direct":
        return given["path"]
    from stepwell.data import dataset

    return dataset(name, given)
