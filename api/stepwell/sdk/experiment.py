"""Experiments: the names under which runs are gathered."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.labels import Labels, holds
from stepwell.sdk.workspace import Workspace

if TYPE_CHECKING:
    from stepwell.sdk.estimator import Estimator
    from stepwell.sdk.runconfig import ScriptRunConfig
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.runs.run import Run
    from stepwell.sdk.runs.single import InteractiveRun, ScriptRun

_NAME = re.compile(r"[a-zA-Z0-9][\w-]{0,254}", re.ASCII)


class Experiment:
    """A name under which runs are gathered; it exists from its first run on."""

    __slots__ = ("name", "workspace")

    def __init__(self, workspace: Workspace, name: str, *_: object, **__: object) -> None:
        if not _NAME.fullmatch(name):
            raise UserErrorException(
                f"{name!r} cannot name an experiment",
                todo="Use letters, digits, _ and -, beginning with a letter or digit; 255 characters at most.",
            )
        self.workspace = workspace
        self.name = name

    @classmethod
    def of_run(cls, workspace: Workspace, name: str) -> Experiment:
        """The experiment of a run that is there, which may have a name that v1 does not allow. A Stepwell extension."""
        made = object.__new__(cls)
        made.workspace, made.name = workspace, name
        return made

    @overload
    def submit(self, config: ScriptRunConfig | Estimator, tags: dict[str, Any] | None = None, **others: Any) -> ScriptRun: ...

    @overload
    def submit(
        self, config: Any, tags: dict[str, Any] | None = None, *, pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool = False, regenerate_outputs: bool = False, **others: Any,
    ) -> PipelineRun: ...  # fmt: skip

    def submit(
        self,
        config: Any,
        tags: dict[str, Any] | None = None,
        *,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        **others: Any,
    ) -> PipelineRun | ScriptRun:
        """Run a pipeline (gives a PipelineRun), or a ScriptRunConfig or estimator (a ScriptRun); it goes on when this process ends.

        `regenerate_outputs` takes no earlier results. With `continue_on_step_failure` steps go on that need nothing of one
        that failed. Unknown keywords are warned of and ignored. UsageError when the run cannot begin.
        """
        from stepwell.sdk.submitting import old_keywords, submit

        run: PipelineRun | ScriptRun = submit(
            self,
            config,
            parameters=old_keywords(others, pipeline_parameters),
            tags=tags or {},
            continue_on_failure=continue_on_step_failure,
            force=regenerate_outputs,
            others=others,
        )
        return run

    def start_logging(
        self, *_: Any, outputs: str | None = None, display_name: str | None = None, **__: Any
    ) -> InteractiveRun:  # fmt: skip
        """A run that this process keeps going and ends: `run.log(...)`, `run.complete()`. It fails when the process ends before it."""
        from stepwell.sdk.runs.single import begin

        run = begin(self, display_name or self.name)
        if outputs is not None:
            os.makedirs(outputs, exist_ok=True)
        return run

    # --- what is said of it

    @property
    def id(self) -> str:
        """An id, the same for the same name."""
        from stepwell_store.content.digest import digest_bytes

        return digest_bytes(self.name.encode()).partition(":")[2][:32]

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return self._facts()[0]

    @property
    def archived_time(self) -> Any:
        """When it was archived, as a datetime in UTC; None while it is not."""
        from datetime import UTC, datetime

        at = self._facts()[1]
        return None if at is None else datetime.fromtimestamp(at, UTC)

    def tag(self, key: str, value: Any = None) -> None:
        """Set a tag."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set several tags; others stay."""
        words = {str(key): "" if value is None else str(value) for key, value in tags.items()}
        self._say({**self.tags, **words}, self._facts()[1])

    def remove_tags(self, tags: Sequence[str]) -> None:
        """Take tags away."""
        self._say({key: value for key, value in self.tags.items() if key not in tags}, self._facts()[1])

    def archive(self) -> None:
        """Leave it out of lists; its runs stay."""
        import time

        self._say(self.tags, time.time())

    def reactivate(self, new_name: str | None = None) -> None:
        """Take it into lists again. UserErrorException for another name: runs keep theirs."""
        if new_name not in (None, self.name):
            raise UserErrorException(f"experiment {self.name} cannot be called {new_name}", todo="Runs keep the name of their experiment.")
        self._say(self.tags, None)

    def refresh(self) -> None:
        """Nothing: it is read whenever it is asked."""

    @staticmethod
    def list(
        workspace: Workspace, experiment_name: str | None = None, view_type: str = "ActiveOnly", tags: Labels = None
    ) -> _Experiments:
        """The experiments that have runs: active ones, `ArchivedOnly` or `All`; by name, by tags."""
        found = [Experiment.of_run(workspace, name) for name in workspace.experiments if experiment_name in (None, name)]
        views = {"ActiveOnly": (False,), "ArchivedOnly": (True,), "All": (False, True)}
        if view_type not in views:
            raise UserErrorException(f"there is no view {view_type!r} of experiments", todo=f"Views are: {', '.join(views)}.")
        kept = [one for one in found if (one.archived_time is not None) in views[view_type]]
        return [one for one in kept if holds(one.tags, tags)]

    @staticmethod
    def delete(workspace: Workspace, experiment_id: str) -> None:
        """Refused for an experiment with runs, as in v1; nothing happens for another."""
        for found in Experiment.list(workspace, view_type="All"):
            if experiment_id in (found.id, found.name):
                raise UserErrorException(f"experiment {found.name} has runs and cannot be deleted", todo="archive() takes it out of lists.")

    def get_docs_url(self) -> str:
        """Where v1 shows documentation."""
        return "https://github.com/Azure/MachineLearningNotebooks"

    def get_portal_url(self) -> str:
        """The address of the folder with the runs of its workspace."""
        return self.workspace.open().runs.as_uri()

    def _facts(self) -> tuple[dict[str, str], float | None]:
        from stepwell_store.ledger.definitions import get_setting

        tags, at = get_setting(self.workspace.open().database, f"experiment/{self.name}", tuple[dict[str, str], float | None], ({}, None))
        return dict(tags), at

    def _say(self, tags: dict[str, str], archived: float | None) -> None:
        from stepwell_store.ledger.definitions import set_setting

        set_setting(self.workspace.open().database, f"experiment/{self.name}", (tags, archived))

    def get_runs(
        self,
        type: str | None = None,  # noqa: A002
        tags: Labels = None,
        properties: Labels = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """Its runs, newest first; with `include_children` each is followed by those of its steps."""
        from stepwell.sdk.runs.listing import runs_of
        from stepwell.sdk.runs.matching import Wanted

        wanted = Wanted(tags, properties, type)
        return (run for run in runs_of(self, include_children) if wanted.has(run))

    def __repr__(self) -> str:
        return f"Experiment({self.name!r})"


_Experiments = list[Experiment]


class Experiments(Mapping[str, Experiment]):
    """The experiments of a workspace by name, read when asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def _names(self) -> list[str]:
        from stepwell_store.ledger.experiments import experiment_names

        return experiment_names(self._workspace.open().database)

    def __getitem__(self, name: str) -> Experiment:
        from stepwell_store.ledger.experiments import has_experiment

        if not has_experiment(self._workspace.open().database, name):
            raise KeyError(name)
        return Experiment.of_run(self._workspace, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())
