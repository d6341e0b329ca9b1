"""Endpoints: one name and one address for the versions of a published pipeline."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.as_value_errors import raised_as
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.pipeline import Pipeline
from stepwell.sdk.publication import Publication
from stepwell.sdk.published_pipeline import PublishedPipeline
from stepwell_runner.verbs.publish import Called, called_by_endpoint
from stepwell_store.ledger import publishing

if TYPE_CHECKING:
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.workspace import Workspace


class EndpointError(UserErrorException, ValueError):
    """A name, a version or a pipeline does not fit the endpoint."""


class PipelineVersion(msgspec.Struct, frozen=True):
    """One version of an endpoint, such as `"0"`, and its published pipeline."""

    version: str
    pipeline: PublishedPipeline


class PipelineEndpoint(Publication[publishing.Endpoint]):
    """An endpoint: versions are strings, the first one `"0"`; one of them is the default."""

    @staticmethod
    def publish(workspace: Workspace, name: str, description: str | None, pipeline: Pipeline | PublishedPipeline) -> PipelineEndpoint:
        """Make an endpoint whose version 0 is this pipeline; EndpointError (a ValueError) when the name is taken."""
        database = workspace.open().database
        if publishing.endpoint_named(database, name) is not None:
            raise EndpointError(f"there is an endpoint {name} already", todo="Choose another name, or add a version to that one.")
        published = _published(name, pipeline)
        with raised_as(EndpointError):
            return PipelineEndpoint(workspace, publishing.create_endpoint(database, name, published.id, description))

    @staticmethod
    def get(workspace: Workspace, id: str | None = None, name: str | None = None) -> PipelineEndpoint:  # noqa: A002
        """The endpoint of this id or name; UserErrorException when there is none."""
        database = workspace.open().database
        if id is None and name is None:
            raise UserErrorException("an endpoint is found by its id or its name", todo="Pass one of them.")
        found = publishing.get_endpoint(database, id) if id is not None else publishing.endpoint_named(database, name or "")
        if found is None:
            raise UserErrorException(f"there is no endpoint {id or name}", todo="`stepwell endpoint ls` lists them.")
        return PipelineEndpoint(workspace, found)

    @staticmethod
    def list(workspace: Workspace, active_only: bool = True, max_results: int = 100) -> list[PipelineEndpoint]:
        """The endpoints by name, so many at most."""
        found = publishing.list_endpoints(workspace.open().database, active_only=active_only, limit=max_results)
        return [PipelineEndpoint(workspace, record) for record in found]

    @staticmethod
    def get_all(workspace: Workspace, active_only: bool = True) -> Any:
        """All endpoints by name."""
        return PipelineEndpoint.list(workspace, active_only, max_results=-1)

    # --- what it is

    @property
    def default_version(self) -> str:
        """The version that runs when none is named."""
        return self._record.default_version

    @property
    def pipeline_version_list(self) -> Any:
        """Its versions."""
        return self.list_versions()

    @property
    def endpoint(self) -> str:
        """Where a POST runs its default version, while `stepwell serve` runs; `/VERSION` after it runs another."""
        from stepwell.sdk.calling import route

        return route(self.workspace, f"/PipelineRuns/PipelineEndpointSubmit/Id/{self.id}")

    @property
    def swaggerurl(self) -> str:
        """The OpenAPI document of the server."""
        from stepwell.server.address import url_of

        return f"{url_of(self.workspace.open())}/schema/openapi.json"

    # --- versions

    def get_default_version(self) -> str:
        """The version that runs when none is named."""
        return self._fresh().default_version

    def get_pipeline(self, version: str | None = None) -> PublishedPipeline:
        """The published pipeline of a version, of the default one for None; EndpointError when there is no such version."""
        return PublishedPipeline(self.workspace, self.called(_text(version)).published)

    def list_versions(self) -> Any:
        """Its versions with their published pipelines, the first one first."""
        versions = publishing.versions_of(self._database, self.id)
        return [PipelineVersion(one.version, PublishedPipeline.get(self.workspace, one.published)) for one in versions]

    def list_pipelines(self, active_only: bool = True) -> Any:
        """The published pipelines of its versions; those that are disabled only when asked for."""
        found = [version.pipeline for version in self.list_versions()]
        return [pipeline for pipeline in found if not active_only or pipeline.status == "Active"]

    def add(self, pipeline: Pipeline | PublishedPipeline) -> None:
        """Make a pipeline the next version; EndpointError when it is one already."""
        self._add(pipeline, default=False)

    def add_default(self, pipeline: Pipeline | PublishedPipeline) -> None:
        """Make a pipeline the next version, and the default one."""
        self._add(pipeline, default=True)

    def _add(self, pipeline: Pipeline | PublishedPipeline, *, default: bool) -> None:
        published = _published(self.name, pipeline)
        with raised_as(EndpointError):
            publishing.add_version(self._database, self._record, published.id, default=default)
        self._fresh()

    def set_default(self, pipeline: PublishedPipeline) -> None:
        """Make the version of this published pipeline the default one; EndpointError when it is none of them."""
        for one in publishing.versions_of(self._database, self.id):
            if one.published == pipeline.id:
                self.set_default_version(one.version)
                return
        raise EndpointError(f"the pipeline {pipeline.id} is no version of the endpoint {self.name}", todo="Add it first.")

    def set_default_version(self, version: str) -> None:
        """Make a version the default one; EndpointError when there is none of that name."""
        with raised_as(EndpointError):
            chosen = publishing.version_of(self._database, self._record, _text(version))
        self._change(default_version=chosen.version)

    # --- running, switching, naming

    def called(self, version: str | None = None) -> Called:
        """What a submission runs. A Stepwell extension."""
        with raised_as(EndpointError):
            return called_by_endpoint(self.workspace.open(), self._fresh(), _text(version))

    def submit(
        self,
        experiment_name: str,
        pipeline_parameters: Mapping[str, Any] | None = None,
        parent_run_id: str | None = None,  # noqa: ARG002
        pipeline_version: str | None = None,
        **_others: Any,
    ) -> PipelineRun:
        """Run its default version, or another; EndpointError when it is disabled or has no such version."""
        from stepwell.sdk.calling import submit_called
        from stepwell.sdk.experiment import Experiment

        with raised_as(EndpointError):
            return submit_called(Experiment(self.workspace, experiment_name), self.called(pipeline_version), parameters=pipeline_parameters)

    def enable(self) -> None:
        """Let it be called."""
        self._change(status="Active")

    def disable(self) -> None:
        """Let nobody call it until it is enabled again."""
        self._change(status="Disabled")

    def set_name(self, name: str) -> None:
        """Give it another name; EndpointError when that is taken."""
        self._change(name=name)

    def set_description(self, description: str) -> None:
        """Say what it is for."""
        self._change(description=description)

    def archive(self) -> None:
        """Disable it and free its name."""
        from stepwell_store.ledger.records import new_id

        self._change(name=new_id(), status="Disabled")

    def reactivate(self, name: str) -> None:
        """Enable it again, under a name that is free."""
        self._change(name=name, status="Active")

    # --- below

    @property
    def _database(self) -> Any:
        return self.workspace.open().database

    def _fresh(self) -> publishing.Endpoint:
        found = publishing.get_endpoint(self._database, self.id)
        assert found is not None, "nothing removes an endpoint"
        self._record = found
        return found

    def _change(self, **changes: Any) -> None:
        with raised_as(EndpointError):
            publishing.change_endpoint(self._database, self.id, **changes)
        self._fresh()

    def __str__(self) -> str:
        return f"Name: {self.name}\nId: {self.id}\nStatus: {self.status}\nEndpoint: {self.endpoint}"

    def __repr__(self) -> str:
        return f"PipelineEndpoint({', '.join(str(self).splitlines())})"


def _text(version: str | None) -> str | None:
    if version is not None and not isinstance(version, str):
        raise EndpointError(f"a version is text, such as '0', not {version!r}")
    return version


def _published(name: str, pipeline: Any) -> PublishedPipeline:
    if type(pipeline) is PublishedPipeline:
        return pipeline
    if type(pipeline) is Pipeline:
        named = f"{name}-{time.strftime('%m-%d-%Y-%H-%M')}-Pipeline"
        return pipeline.publish(name=named, description=f"Description for {named}")
    raise EndpointError(f"a {type(pipeline).__name__} cannot be a version of an endpoint", todo="Give a Pipeline or a PublishedPipeline.")
