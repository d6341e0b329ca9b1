"""Pipelines that were published: kept as they were, to be run by id, by REST or by a schedule."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.publication import Publication
from stepwell_runner.verbs.publish import Called, graph_of
from stepwell_store.ledger import publishing

if TYPE_CHECKING:
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.workspace import Workspace
    from stepwell_runner.graph.model import Graph


class PublishedPipeline(Publication[publishing.Published]):
    """A published pipeline. `Pipeline.publish` and `PipelineRun.publish_pipeline` make them; names need not be unique."""

    @staticmethod
    def get(workspace: Workspace, id: str | None = None, *, name: str | None = None) -> PublishedPipeline:  # noqa: A002
        """The published pipeline of this id; UserErrorException when there is none.

        `name` is a Stepwell extension: the newest active one of that name.
        """
        database = workspace.open().database
        if (id is None) == (name is None):
            raise TypeError("PublishedPipeline.get() takes the id of a published pipeline, or its name")
        found = publishing.get_published(database, id) if id is not None else publishing.find_published(database, name or "")
        if found is None:
            raise UserErrorException(f"there is no published pipeline {id}", todo="`stepwell published ls` lists them.")
        return PublishedPipeline(workspace, found)

    @staticmethod
    def list(workspace: Workspace, active_only: bool = True, _service_endpoint: str | None = None) -> list[PublishedPipeline]:
        """All published pipelines, the newest first; those that are disabled only when asked for."""
        found = publishing.list_published(workspace.open().database, active_only=active_only)
        return [PublishedPipeline(workspace, record) for record in found]

    @staticmethod
    def get_all(workspace: Workspace, active_only: bool = True) -> Any:
        """The same as `list`, by its old name."""
        return PublishedPipeline.list(workspace, active_only)

    # --- what it is

    @property
    def version(self) -> str | None:
        """What its publisher called this version."""
        return self._record.version

    @property
    def graph_id(self) -> str:
        """The digest of its graph."""
        return self._record.graph

    @property
    def total_run_steps(self) -> int:
        """How many steps it has."""
        return self._record.steps

    @property
    def continue_on_step_failure(self) -> bool:
        """Whether steps go on that need nothing of one that failed."""
        return self.get_graph().continue_on_failure

    @property
    def endpoint(self) -> str:
        """Where a POST runs it, while `stepwell serve` runs."""
        from stepwell.sdk.calling import route

        return route(self.workspace, f"/PipelineRuns/PipelineSubmit/{self.id}")

    def get_graph(self) -> Graph:
        """The pipeline as Stepwell's own graph."""
        return graph_of(self.workspace.open(), self._record)

    def get_step_names(self) -> dict[str, str]:
        """The names of its steps by their keys in the graph."""
        return {step.key: step.name for step in self.get_graph().steps}

    # --- what can be done with it

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write it as v1's YAML, by default to `pipeline.yml` of the current folder; where it is."""
        from stepwell.sdk.pipeline_yaml import save

        return save(self.get_graph(), path)

    def called(self, version: str | None = None) -> Called:  # noqa: ARG002
        """What a submission runs. A Stepwell extension."""
        found = publishing.get_published(self.workspace.open().database, self.id)
        assert found is not None, "nothing removes a published pipeline"
        self._record = found
        return Called(found)

    def submit(
        self,
        workspace: Workspace,
        experiment_name: str,
        pipeline_parameters: Mapping[str, Any] | None = None,
        _workflow_provider: object = None,
        _service_endpoint: object = None,
        parent_run_id: str | None = None,  # noqa: ARG002
        continue_on_step_failure: bool | None = None,
        **_others: Any,
    ) -> PipelineRun:
        """Run it under the name of an experiment. UsageError for a wrong parameter, or when it is disabled."""
        from stepwell.sdk.calling import submit_called
        from stepwell.sdk.experiment import Experiment

        return submit_called(Experiment(workspace, experiment_name), self.called(), parameters=pipeline_parameters,
                             continue_on_failure=continue_on_step_failure)

    def enable(self) -> None:
        """Let it be run."""
        self._set("Active")

    def disable(self) -> None:
        """Let nobody run it until it is enabled again."""
        self._set("Disabled")

    def _set(self, status: publishing.Status) -> None:
        publishing.set_published_status(self.workspace.open().database, self.id, status)
        self._record = msgspec.structs.replace(self._record, status=status)

    def __str__(self) -> str:
        return f"Name: {self.name}\nId: {self.id}\nStatus: {self.status}\nEndpoint: {self.endpoint}"

    def __repr__(self) -> str:
        return f"Pipeline({', '.join(str(self).splitlines())})"
