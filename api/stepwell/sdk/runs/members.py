"""The rest of what all runs have: models, secrets, snapshots, environment, children, details with logs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import NotLocalError, UserErrorException

if TYPE_CHECKING:
    from stepwell.sdk.environment import Environment
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.model import Model
    from stepwell.sdk.resource_configuration import ResourceConfiguration
    from stepwell.sdk.runs.run import Run

_Runs = list["Run"]


class RunMembers:
    """Base of Run."""

    experiment: Experiment
    id: str

    if TYPE_CHECKING:

        def _files(self) -> dict[str, str]: ...

        def _logs(self) -> dict[str, str]: ...

        def child_run(self, name: str | None = None, run_id: str | None = None, outputs: str | None = None) -> Run:
            """A run that is part of this one."""

        def get_details(self) -> dict[str, Any]:
            """What is known of it."""

        @property
        def status(self) -> str:
            """Its status."""

        def get_snapshot_id(self) -> str | None:
            """The digest of its source."""

    # --- models and secrets

    def register_model(
        self,
        model_name: str,
        model_path: str | None = None,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        description: str | None = None,
        datasets: Sequence[tuple[str, Any]] | None = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: ResourceConfiguration | None = None,
        **_: Any,
    ) -> Model:
        """Keep a file or folder of this run as the next version of a model.

        ModelPathNotFoundException when the run has no file of that name.
        """
        from stepwell.sdk.runs.registering import register_model

        facts = (datasets, model_framework, model_framework_version, sample_input_dataset, sample_output_dataset, resource_configuration)
        return register_model(self.experiment.workspace, self.id, self.experiment.name, self._files(), model_name, model_path, tags,
                              properties, description, facts)  # fmt: skip

    def get_secret(self, name: str) -> str:
        """A secret of the workspace; UserErrorException when there is none of that name."""
        return self.experiment.workspace.get_default_keyvault().get_secret(name)

    def get_secrets(self, secrets: Sequence[str]) -> dict[str, str | None]:
        """Several secrets of the workspace; None for those that there are not."""
        return self.experiment.workspace.get_default_keyvault().get_secrets([*secrets])

    # --- details

    def get_detailed_status(self) -> dict[str, Any]:
        """Its status, and where it can be followed."""
        return {"status": self.status, "details": f"stepwell show {self.id}", "queueInfo": None}

    def get_details_with_logs(self) -> dict[str, Any]:
        """The details with the text of the logs in place of their paths."""
        return {**self.get_details(), "logFiles": {name: _text(path) for name, path in self._logs().items()}}

    def get_all_logs(self, destination: str | None = None) -> list[str]:
        """Copy its logs below a folder, by default the current one; where they are."""
        from stepwell.sdk.runs.files import copy_many

        found = self._logs()
        copy_many(found, None, destination, None, True)
        return [os.path.join(destination or ".", name) for name in found]

    # --- source and environment

    def restore_snapshot(self, snapshot_id: str | None = None, path: str | None = None) -> str:
        """Put the source that it ran in into a new folder; the folder. UserErrorException when it has none."""
        from stepwell_store.content import snapshots

        digest = snapshot_id or self.get_snapshot_id()
        if not digest:
            raise UserErrorException(f"run {self.id} has no snapshot of a source")
        target = os.path.abspath(path or os.path.join(".", f"snapshot-{digest.rpartition(':')[2][:12]}"))
        if os.path.exists(target) and os.listdir(target):
            raise UserErrorException(f"{target} is there already", todo="Name a new folder.")
        snapshots.restore(digest, self.experiment.workspace.open().objects, target)
        return target

    def take_snapshot(self, file_or_folder_path: str) -> str:
        """Keep a folder as a snapshot; its digest."""
        from stepwell_store.content import snapshots

        stored = self.experiment.workspace.open()
        folder = os.path.abspath(file_or_folder_path)
        if not os.path.isdir(folder):
            raise UserErrorException(f"{file_or_folder_path!r} is not a folder")
        return snapshots.store(snapshots.scan(folder, str(stored.cache)), stored.objects).digest

    def get_environment(self) -> Environment:
        """Refused: what a run ran in is told in words."""
        raise NotLocalError(f"the environment of run {self.id} is not given as an object", todo=f"`stepwell show {self.id}` tells of it.")

    # --- children

    def create_children(
        self, count: int | None = None, tag_key: str | None = None, tag_values: Iterable[Any] | None = None
    ) -> _Runs:
        """Several child runs, `count` of them or one per tag value; 100 at most."""
        values = [None] * (count or 0) if tag_values is None else list(tag_values)
        if len(values) > 100:
            raise UserErrorException(f"create_children: {len(values)} children; 100 at most")
        children = [self.child_run() for _ in values]
        if tag_key is not None:
            for child, value in zip(children, values, strict=True):
                child.tag(tag_key, value)
        return children

    def submit_child(self, config: Any, tags: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """Submit something in the experiment of this run."""
        return self.experiment.submit(config, dict(tags or {}), **named)

    @staticmethod
    def get_submitted_run(**_: Any) -> Any:
        """The run of this process, by its old name."""
        from stepwell.sdk.runs.run import Run

        return Run.get_context()

    @staticmethod
    def add_type_provider(runtype: str, run_factory: Any) -> None:
        """Nothing: kinds of runs are known."""

    def clean(self) -> list[str]:
        """Nothing: what a run used up is taken away when it ends."""
        return []


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
