"""What a registered model says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from stepwell.sdk.resource_configuration import ResourceConfiguration
from stepwell_store.ledger.records import Asset

if TYPE_CHECKING:
    from stepwell.sdk.runs.run import Run
    from stepwell.sdk.workspace import Workspace


class Framework:
    """Names of frameworks, for `model_framework`."""

    CUSTOM = "Custom"
    TENSORFLOW = "TensorFlow"
    SCIKITLEARN = "ScikitLearn"
    ONNX = "Onnx"
    PYTORCH = "PyTorch"
    MULTI = "Multi"

    _SUPPORTED_RESOURCE_CONFIGURATIONS: ClassVar[tuple[str, ...]] = ()


class ModelFacts:
    """Base of Model: what is read of it."""

    _workspace: Workspace
    _asset: Asset

    @property
    def workspace(self) -> Workspace:
        """Where it is registered."""
        return self._workspace

    @property
    def name(self) -> str:
        """Its name."""
        return self._asset.name

    @property
    def version(self) -> int:
        """Its version, from 1."""
        return int(self._asset.version)

    @property
    def id(self) -> str:
        """`name:version`."""
        return f"{self.name}:{self.version}"

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return dict(self._asset.tags)

    @property
    def properties(self) -> dict[str, str]:
        """Its properties."""
        return dict(self._asset.properties)

    @property
    def description(self) -> str | None:
        """What its author says of it."""
        return self._asset.description

    @property
    def created_time(self) -> Any:
        """When it was registered, as a datetime in UTC."""
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self._asset.created_at, UTC)

    @property
    def run_id(self) -> str | None:
        """The run that it was registered from."""
        return self._asset.body.get("run")

    @property
    def run(self) -> Run | None:
        """The run that it was registered from."""
        return None if self.run_id is None else self._workspace.get_run(self.run_id)

    @property
    def experiment_name(self) -> str | None:
        """The experiment of that run."""
        return self._asset.body.get("experiment")

    @property
    def model_framework(self) -> str:
        """The framework that it was made with."""
        return self._asset.body.get("framework") or Framework.CUSTOM

    framework = model_framework

    @property
    def model_framework_version(self) -> str | None:
        """The version of that framework."""
        return self._asset.body.get("framework_version")

    @property
    def url(self) -> str:
        """A name that no other model has, in the form that v1 gives such names."""
        return f"aml://asset/{self._asset.id}"

    @property
    def mime_type(self) -> str:
        """Whatever files it has."""
        return "application/x-python"

    @property
    def resource_configuration(self) -> ResourceConfiguration | None:
        """How large a machine it wants."""
        found = self._asset.body.get("resources")
        return None if not found else ResourceConfiguration(found["cpu"], found["memoryInGB"], found["gpu"])

    @property
    def datasets(self) -> dict[str, Sequence[Any]]:
        """The datasets that it was made from, by what they were for."""
        from stepwell.sdk.dataset_factory import Dataset

        found: dict[str, Any] = {}
        for one in self._asset.body.get("datasets", []):
            found.setdefault(one["for"], []).append(Dataset.get_by_id(self._workspace, one["id"]))
        return found

    @property
    def sample_input_dataset(self) -> Any:
        """An example of what it takes, if one was given."""
        return self._dataset("sample_input")

    @property
    def sample_output_dataset(self) -> Any:
        """An example of what it gives, if one was given."""
        return self._dataset("sample_output")

    def _dataset(self, key: str) -> Any:
        from stepwell.sdk.dataset_factory import Dataset

        found = self._asset.body.get(key)
        return None if found is None else Dataset.get_by_id(self._workspace, found)

    def serialize(self) -> dict[str, Any]:
        """As JSON-like data under v1's keys."""
        return {
            "createdTime": self.created_time.isoformat(), "description": self.description, "id": self.id, "name": self.name,
            "version": self.version, "tags": self.tags, "properties": self.properties, "url": self.url, "mimeType": self.mime_type,
            "framework": self.model_framework, "frameworkVersion": self.model_framework_version, "runId": self.run_id,
            "experimentName": self.experiment_name, "unpack": False,
        }  # fmt: skip
