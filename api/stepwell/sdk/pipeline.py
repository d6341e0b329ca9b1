"""A pipeline: steps, checked and compiled to a graph when it is made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stepwell.projectfile import configured
from stepwell.sdk.compile import Compiler
from stepwell.sdk.datastore import Datastore
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.order import Membership
from stepwell.sdk.workspace import Workspace
from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import Graph
from stepwell_runner.targets.kinds import KINDS
from stepwell_store.errors import UsageError

if TYPE_CHECKING:
    from stepwell.sdk.published_pipeline import PublishedPipeline
    from stepwell.sdk.runs.pipeline_run import PipelineRun


class Pipeline:
    """Steps and all that they depend on. Making one builds its `graph` and checks it: PipelineError says what does not fit.

    `steps` is a list, a StepSequence or a step, nested as one likes; a list says nothing about order. Steps without a
    `source_directory` take `default_source_directory`, by default the current folder. `name` is a Stepwell extension.
    """

    def __init__(
        self,
        workspace: Workspace,
        steps: Any,
        description: str | None = None,
        default_datastore: Datastore | str | None = None,
        default_source_directory: str | os.PathLike[str] | None = None,
        resolve_closure: bool = True,
        *,
        name: str | None = None,
        enable_email_notification: bool | None = None,  # noqa: ARG002  v1 scripts pass it; nobody sends mail here
    ) -> None:
        self.workspace = workspace
        self.description = description
        self.name = name
        datastore = default_datastore.name if isinstance(default_datastore, Datastore) else default_datastore
        members = Membership(steps, resolve_closure)
        if not members.steps:
            raise PipelineError("a pipeline needs at least one step")
        compiler = Compiler(workspace, members, datastore, os.fspath(default_source_directory or os.getcwd()))
        self.graph: Graph = configured(compiler.graph(name or "pipeline", description, os.getcwd()))
        try:
            check(self.graph)
        except UsageError as error:
            raise PipelineError(error.what, where=error.where, todo=error.todo) from None
        if workspace.is_made and any(step.target not in KINDS for step in self.graph.steps):
            from stepwell.sdk.compute.implied import define

            define(workspace, self.graph)

    def validate(self) -> list[str]:
        """What is wrong with the pipeline, in words; an empty list when nothing is. Prints a line for every step."""
        try:
            check(self.graph)
        except UsageError as error:
            return [str(error)]
        for step in self.graph.steps:
            print(f"Step {step.name} is ready to be run [{step.key}]")
        return []

    def submit(
        self,
        experiment_name: str,
        pipeline_parameters: Mapping[str, Any] | None = None,
        continue_on_step_failure: bool = False,
        regenerate_outputs: bool = False,
        parent_run_id: str | None = None,  # noqa: ARG002
        credential_passthrough: bool | None = None,  # noqa: ARG002
        *,
        enable_email_notification: bool | None = None,  # noqa: ARG002
    ) -> PipelineRun:
        """Run it under the name of an experiment, as `Experiment.submit` does."""
        from stepwell.sdk.experiment import Experiment

        run: PipelineRun = Experiment(self.workspace, experiment_name).submit(
            self,
            pipeline_parameters=pipeline_parameters,
            continue_on_step_failure=continue_on_step_failure,
            regenerate_outputs=regenerate_outputs,
        )
        return run

    def publish(
        self,
        name: str | None = None,
        description: str | None = None,
        version: str | None = None,
        continue_on_step_failure: bool | None = None,
    ) -> PublishedPipeline:
        """Keep it as it is now, sources and all, to be run later by others. Without a name it takes the pipeline's, or `pipeline`."""
        from stepwell.sdk.published_pipeline import PublishedPipeline
        from stepwell.sdk.submitting import main_file
        from stepwell_runner.verbs.publish import publish_graph

        record = publish_graph(self.workspace.open(), self.graph, name=name or self.graph.name, description=description, version=version,
                               continue_on_failure=continue_on_step_failure, source=main_file())
        return PublishedPipeline(self.workspace, record)

    @staticmethod
    def load_yaml(workspace: Workspace, filename: str, **_: Any) -> Pipeline:
        """The pipeline that a file in v1's YAML describes; UserErrorException for a file that is none."""
        from stepwell.sdk.pipeline_yaml import load

        return load(workspace, filename)

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write it as v1's YAML, by default to `pipeline.yml` of the current folder; where it is."""
        from stepwell.sdk.pipeline_yaml import save

        return save(self.graph, path)

    def _set_experiment_name(self, name: str) -> None:
        """Nothing: a submission names its experiment. Private in v1, and yet mentioned by many drivers."""

    def __repr__(self) -> str:
        return f"Pipeline({self.name or ''!r}, {len(self.graph.steps)} steps)"
