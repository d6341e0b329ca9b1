"""What all runs have: identity, status, tags, metrics, files, details."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.experiment import Experiment
from stepwell.sdk.labels import Labels, as_words
from stepwell.sdk.runs.files import copy_many, copy_one
from stepwell.sdk.runs.keeping import Keeping
from stepwell.sdk.runs.matching import Wanted
from stepwell.sdk.runs.members import RunMembers
from stepwell.sdk.runs.metrics import metrics_of
from stepwell.sdk.runs.status import run_word
from stepwell_store.ledger import history, records

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace
    from stepwell_store import workspace as stored
    from stepwell_store.ledger.events import AnyEvent


_Names = list[str]

DISPLAY_NAME, DESCRIPTION = "azureml.displayName", "azureml.description"
"""Properties of runs that people may change."""


class Run(Keeping, RunMembers):
    """A run of an experiment, by its id: `Run(experiment, run_id)` is a PipelineRun, a StepRun or another kind, whichever it names.

    UserErrorException when there is none. Everything that it tells is read when it is asked.
    """

    type = "run"

    def __new__(cls, experiment: Experiment, run_id: str, **_: Any) -> Run:  # noqa: PYI034  what it makes depends on the id
        if cls is not Run:
            return super().__new__(cls)
        from stepwell.sdk.runs.find import class_of

        return super().__new__(class_of(experiment.workspace, run_id))

    def __init__(self, experiment: Experiment, run_id: str, **_: Any) -> None:
        self.experiment = experiment
        self.id = run_id
        self._check()

    @classmethod
    def listed(cls, experiment: Experiment, run_id: str) -> Any:
        """A run of which it is known that it is there. A Stepwell extension."""
        made = object.__new__(cls)
        made.experiment, made.id = experiment, run_id
        return made

    @staticmethod
    def get_context(allow_offline: bool = True) -> Any:
        """The run of this process: in a driver an offline one, whose metrics are printed; in a step the step's own run."""
        from stepwell.sdk.step_modules import step_module

        return step_module("run").Run.get_context(allow_offline)

    @staticmethod
    def list(
        experiment: Experiment, type: str | None = None, tags: Labels = None, properties: Labels = None, status: str | None = None,  # noqa: A002
        include_children: bool = False,
    ) -> Iterator[Run]:  # fmt: skip
        """The runs of an experiment, newest first."""
        return (run for run in experiment.get_runs(type, tags, properties, include_children)
                if status is None or status in (run.status, run.get_status()))  # fmt: skip

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> Run:
        """The pipeline or step run of this id. The beginning of an id, `#12` and `@last` do as well for pipeline runs."""
        from stepwell.sdk.runs.find import find

        return find(workspace, run_id)

    # --- what kinds of run tell differently

    def _check(self) -> None:
        """UserErrorException unless there is such a run."""
        raise NotImplementedError

    def _record(self) -> records.Run | records.StepRun:
        """What is known now."""
        raise NotImplementedError

    def _owner(self) -> str:
        """Whose metrics and files are its: its own id, or that of the step run whose result it took."""
        raise NotImplementedError

    def _described(self, **labels: Any) -> AnyEvent:
        """The event that gives it tags or properties, or takes tags away."""
        raise NotImplementedError

    def get_status(self) -> str:
        """Its status in the words of its kind."""
        raise NotImplementedError

    def get_details(self) -> dict[str, Any]:
        """Id, status, times, properties, datasets, log files; `error` when it failed."""
        raise NotImplementedError

    def get_children(
        self,
        recursive: bool = False,  # noqa: ARG002
        tags: Labels = None,
        properties: Labels = None,
        type: str | None = None,  # noqa: A002
        status: str | None = None,
    ) -> Iterator[Run]:
        """The runs below it, newest first."""
        wanted = Wanted(tags, properties, type, status)
        return (child for child in self._children() if wanted.has(child))

    def _children(self) -> Iterable[Run]:
        return ()

    # --- identity

    @property
    def _stored(self) -> stored.Workspace:
        return self.experiment.workspace.open()

    @property
    def status(self) -> str:
        """Its status in the words of run history: `Completed` where `get_status()` of a pipeline says `Finished`."""
        return run_word(self._record().status)

    def _run_id(self) -> str:
        """The run that it is or belongs to."""
        return self.id

    def _title(self) -> str:
        """What it is called unless somebody said otherwise."""
        raise NotImplementedError

    @property
    def display_name(self) -> str:
        """What it is called; it can be set."""
        return self._record().properties.get(DISPLAY_NAME) or self._title()

    @display_name.setter
    def display_name(self, name: str) -> None:
        self._stored.record(self._described(properties={DISPLAY_NAME: name}))

    @property
    def description(self) -> str | None:
        """What somebody says of it; it can be set."""
        return self._record().properties.get(DESCRIPTION)

    @description.setter
    def description(self, text: str) -> None:
        self._stored.record(self._described(properties={DESCRIPTION: text}))

    @property
    def name(self) -> str:
        """The same as `display_name`."""
        return self.display_name

    def get_portal_url(self) -> str:
        """The address of the folder with all that the run wrote."""
        return (self._stored.runs / self._folder()).as_uri()

    def _folder(self) -> str:
        return self.id

    # --- tags and properties

    def get_tags(self) -> dict[str, str]:
        """Its tags now."""
        return dict(self._record().tags)

    def get_properties(self) -> dict[str, str]:
        """Its properties now, v1's own among them."""
        return dict(self._record().properties)

    @property
    def tags(self) -> dict[str, str]:
        """The same as `get_tags()`."""
        return self.get_tags()

    @property
    def properties(self) -> dict[str, str]:
        """The same as `get_properties()`."""
        return self.get_properties()

    def tag(self, key: str, value: Any = None) -> None:
        """Set a tag."""
        self.set_tags({key: value})

    def set_tags(self, tags: dict[str, Any]) -> None:
        """Set several tags; others stay."""
        self._stored.record(self._described(tags=as_words(tags)))

    def remove_tags(self, tags: Sequence[str]) -> None:
        """Take tags away."""
        self._stored.record(self._described(untagged=list(tags)))

    def add_properties(self, properties: dict[str, Any]) -> None:
        """Add properties, which never change: UserErrorException when one has another value already."""
        known, new = self.get_properties(), as_words(properties)
        for key, value in new.items():
            if known.get(key, value) != value:
                raise UserErrorException(f"property {key!r} is {known[key]!r} and cannot be changed")
        self._stored.record(self._described(properties=new))

    # --- metrics and files

    def get_metrics(
        self,
        name: str | None = None,
        recursive: bool = False,
        run_type: str | None = None,  # noqa: ARG002
        populate: bool = False,  # noqa: ARG002
    ) -> dict[str, Any]:
        """What was logged, by name; with `recursive` a dictionary of that for it and each child that logged anything, by run id."""
        own = metrics_of(self._stored, self._owner(), name)
        if not recursive:
            return own
        found = {self.id: own, **{child.id: child.get_metrics(name) for child in self._children()}}
        return {run_id: metrics for run_id, metrics in found.items() if metrics}

    def get_file_names(self) -> _Names:
        """The names of the files that are kept with it, logs among them."""
        return list(self._files())

    def _files(self) -> dict[str, str]:
        """Absolute paths by name, in order of name."""
        kept = history.artifacts_of(self._stored.database, self._owner())
        found = {one.name: os.path.join(self._stored.root, one.path) for one in kept}
        return dict(sorted({**found, **self._logs()}.items()))

    def _logs(self) -> dict[str, str]:
        return {}

    def download_file(self, name: str, output_file_path: str | os.PathLike[str] | None = None) -> None:
        """Copy one of its files, by default into the current folder; a folder, or a path that ends like one, takes it by its own name."""
        copy_one(self._files(), name, output_file_path)

    def download_files(
        self,
        prefix: str | None = None,
        output_directory: str | os.PathLike[str] | None = None,
        output_paths: Sequence[str] | None = None,
        batch_size: int = 100,  # noqa: ARG002
        append_prefix: bool = True,
    ) -> None:
        """Copy its files whose names begin so, by default all, below a folder or to paths given in the order of the names."""
        copy_many(self._files(), prefix, output_directory, output_paths, append_prefix)

    # --- what only the runner decides

    def start(self) -> None:
        """Nothing: a run starts by itself."""

    def complete(self, _set_status: bool = True) -> None:
        """Refused: a run ends by itself."""
        raise NotImplementedError("complete() is for runs of single scripts; this run ends by itself")

    def fail(self, error_details: object = None, error_code: object = None, _set_status: bool = True) -> None:
        """Refused: a run ends by itself; `cancel()` stops it."""
        raise NotImplementedError("fail() is for runs of single scripts; cancel() stops this run")

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: str | None = None) -> Run:
        """Refused: the children of a pipeline run are its steps."""
        raise NotImplementedError("child_run() is for runs of single scripts; in a step Run.get_context() has it")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.experiment.name!r}, {self.id!r})"
