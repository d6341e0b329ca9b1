"""Experiments: the names under which runs are gathered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.workspace import Workspace

if TYPE_CHECKING:
    from stepwell.sdk.runs.matching import Labels
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.runs.run import Run

_NAME = re.compile(r"[a-zA-Z0-9][\w-]{0,254}", re.ASCII)


class Experiment:
    """A name under which runs are gathered; it exists from its first run on."""

    __slots__ = ("name", "workspace")

    def __init__(self, workspace: Workspace, name: str) -> None:
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

    def submit(
        self,
        config: Any,
        tags: dict[str, Any] | None = None,
        *,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        **others: Any,
    ) -> PipelineRun:
        """Run a pipeline, in a process of its own that goes on when this one ends.

        `regenerate_outputs` takes no earlier results. With `continue_on_step_failure` steps go on that need nothing of one
        that failed. Unknown keywords are warned of and ignored. UsageError when the run cannot begin.
        """
        from stepwell.sdk.submitting import old_keywords, submit

        return submit(
            self,
            config,
            parameters=old_keywords(others, pipeline_parameters),
            tags=tags or {},
            continue_on_failure=continue_on_step_failure,
            force=regenerate_outputs,
            others=others,
        )

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
