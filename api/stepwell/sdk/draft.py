"""Drafts: pipelines kept to be changed, tried and published."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.labels import as_words, holds
from stepwell.sdk.pipeline import Pipeline
from stepwell_runner.graph.model import Graph, decode, encode
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset

if TYPE_CHECKING:
    from stepwell.sdk.published_pipeline import PublishedPipeline
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.workspace import Workspace

KIND = "draft"

_Drafts = list["PipelineDraft"]


class PipelineDraft:
    """A pipeline that is not published, with the name, experiment and parameters that it would be run under."""

    def __init__(self, workspace: Workspace, asset: Asset) -> None:
        self.workspace = workspace
        self._asset = asset

    @staticmethod
    def create(
        workspace: Workspace,
        pipeline: Any,
        name: str | None = None,
        description: str | None = None,
        experiment_name: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool | None = None,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> PipelineDraft:
        """Keep a Pipeline, a PublishedPipeline, a PipelineRun or another draft; of a Pipeline both names are needed."""
        if isinstance(pipeline, Pipeline) and (name is None or experiment_name is None):
            raise UserErrorException("a draft of a Pipeline needs a name and an experiment_name")
        graph, source = _graph_of(pipeline)
        stored = workspace.open()
        experiment = experiment_name or getattr(getattr(pipeline, "experiment", None), "name", None) or graph.name
        body = {"graph": stored.objects.put_bytes(encode(graph)), "name": name or graph.name, "experiment": experiment, "source": source,
                "parameters": _kept(pipeline_parameters or {}), "continue": continue_on_step_failure}  # fmt: skip
        made = assets.register(stored.database, KIND, os.urandom(8).hex(), body, description=description, tags=as_words(dict(tags or {})),
                               properties=as_words(dict(properties or {})))  # fmt: skip
        return PipelineDraft(workspace, made)

    @staticmethod
    def get(workspace: Workspace, id: str, **_: Any) -> PipelineDraft:  # noqa: A002
        """The draft of this id; UserErrorException when there is none."""
        found = assets.by_id(workspace.open().database, KIND, id)
        if found is None:
            raise UserErrorException(f"there is no draft {id}", todo="PipelineDraft.list(workspace) lists them.")
        return PipelineDraft(workspace, found)

    @staticmethod
    def list(workspace: Workspace, tags: Mapping[str, Any] | None = None, **_: Any) -> _Drafts:
        """The drafts, newest first; with `tags` those that have all of these."""
        return [PipelineDraft(workspace, one) for one in assets.listed(workspace.open().database, KIND) if holds(one.tags, tags)]

    # --- what it is

    @property
    def id(self) -> str:
        """Its id."""
        return self._asset.id

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._asset.body["name"])

    @property
    def description(self) -> str | None:
        """What it is for."""
        return self._asset.description

    @property
    def experiment_name(self) -> str:
        """The experiment that its runs count to."""
        return str(self._asset.body["experiment"])

    @property
    def pipeline_parameters(self) -> dict[str, Any]:
        """The values that its runs take."""
        return dict(self._asset.body["parameters"])

    @property
    def continue_on_step_failure(self) -> bool | None:
        """Whether steps go on that need nothing of one that failed."""
        found: bool | None = self._asset.body["continue"]
        return found

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return dict(self._asset.tags)

    @property
    def properties(self) -> dict[str, str]:
        """Its properties."""
        return dict(self._asset.properties)

    def get_graph(self) -> Graph:
        """The pipeline as Stepwell's own graph."""
        return decode(self.workspace.open().objects.read(self._asset.body["graph"]))

    # --- what can be done with it

    def update(
        self,
        name: str | None = None,
        description: str | None = None,
        experiment_name: str | None = None,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool | None = None,
        tags: Mapping[str, Any] | None = None,
        pipeline: Any = None,
        properties: Mapping[str, Any] | None = None,
    ) -> None:
        """Change what is given; the rest stays."""
        body = dict(self._asset.body)
        given = {"name": name, "experiment": experiment_name, "continue": continue_on_step_failure,
                 "parameters": None if pipeline_parameters is None else _kept(pipeline_parameters)}  # fmt: skip
        body.update({key: value for key, value in given.items() if value is not None})
        if pipeline is not None:
            graph, body["source"] = _graph_of(pipeline)
            body["graph"] = self.workspace.open().objects.put_bytes(encode(graph))
        changes: dict[str, Any] = {"body": body}
        for key, value in (("tags", tags), ("properties", properties)):
            if value is not None:
                changes[key] = as_words(dict(value))
        if description is not None:
            changes["description"] = description
        self._asset = assets.change(self.workspace.open().database, self._asset, **changes)

    def submit_run(self) -> PipelineRun:
        """Run it, as its experiment, with its parameters and tags."""
        from stepwell.sdk.experiment import Experiment
        from stepwell.sdk.submitting import submit_graph

        values = {name: _restored(value) for name, value in self._asset.body["parameters"].items()}
        return submit_graph(
            Experiment(self.workspace, self.experiment_name), self.get_graph(), self.name, source=self._asset.body["source"],
            parameters=values, tags=self.tags, continue_on_failure=bool(self.continue_on_step_failure),
        )  # fmt: skip

    def publish(self) -> PublishedPipeline:
        """Publish it under its name."""
        from stepwell.sdk.published_pipeline import PublishedPipeline
        from stepwell_runner.verbs.publish import publish_graph

        record = publish_graph(self.workspace.open(), self.get_graph(), name=self.name, description=self.description, version=None,
                               continue_on_failure=self.continue_on_step_failure, source=self._asset.body["source"])  # fmt: skip
        return PublishedPipeline(self.workspace, record)

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write it as v1's YAML, by default to `pipeline.yml` of the current folder; where it is."""
        from stepwell.sdk.pipeline_yaml import save

        return save(self.get_graph(), path)

    def delete(self) -> None:
        """Forget it."""
        assets.remove(self.workspace.open().database, self._asset)

    def __repr__(self) -> str:
        return f"PipelineDraft({self.name!r}, {self.id!r})"


def _graph_of(pipeline: Any) -> tuple[Graph, str | None]:
    from stepwell.sdk.submitting import main_file

    if isinstance(pipeline, Pipeline):
        return pipeline.graph, main_file()
    if hasattr(pipeline, "get_graph"):
        return pipeline.get_graph(), None
    raise UserErrorException(
        f"a draft cannot be made from a {type(pipeline).__name__}", todo="Give a Pipeline, a PublishedPipeline, a PipelineRun or a draft."
    )


def _kept(parameters: Mapping[str, Any]) -> dict[str, Any]:
    from stepwell.sdk.submitting import plain_value

    values = {name: plain_value(name, value) for name, value in parameters.items()}
    found: dict[str, Any] = msgspec.to_builtins(values)
    return found


def _restored(value: Any) -> Any:
    return msgspec.convert(value, DatasetDefinition) if isinstance(value, dict) else value
