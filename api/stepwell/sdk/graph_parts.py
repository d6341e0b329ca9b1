"""Parts of v1's graphs that authors name: definitions of ports and parameters, outputs of training, bindings of outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.pipeline_data import PipelineData

if TYPE_CHECKING:
    from stepwell.sdk.datasets import AbstractDataset
    from stepwell.sdk.datastore import Datastore

INPUT_PORT_MODES = (None, "mount", "download", "direct", "hdfs")
OUTPUT_PORT_MODES = (None, "mount", "upload", "hdfs", "link")


class InputPortDef:
    """An input that a module declares."""

    def __init__(
        self, name: str, data_types: Sequence[str] | None = None, default_datastore_mode: str | None = None,
        default_path_on_compute: str | None = None, is_optional: bool = False, default_overwrite: bool | None = None,
        default_data_reference_name: str | None = None, is_resource: bool = False, label: str | None = None, **_: Any,
    ) -> None:  # fmt: skip
        if default_datastore_mode not in INPUT_PORT_MODES:
            raise PipelineError(f"input {name!r} cannot have mode {default_datastore_mode!r}", todo="It is mount, download or direct.")
        self.name, self.label, self.is_optional, self.is_resource = name, label, is_optional, is_resource
        self.data_types = list(data_types or ())
        self.default_datastore_mode, self.default_path_on_compute = default_datastore_mode, default_path_on_compute
        self.default_overwrite, self.default_data_reference_name = default_overwrite, default_data_reference_name


class OutputPortDef:
    """An output that a module declares."""

    def __init__(
        self, name: str, default_datastore_name: str | None = None, default_datastore_mode: str | None = None,
        default_path_on_compute: str | None = None, is_directory: bool = False, data_type: str | None = None,
        default_overwrite: bool | None = None, training_output: TrainingOutput | None = None, label: str | None = None, **_: Any,
    ) -> None:  # fmt: skip
        if default_datastore_mode not in OUTPUT_PORT_MODES:
            raise PipelineError(f"output {name!r} cannot have mode {default_datastore_mode!r}", todo="It is mount or upload.")
        self.name, self.label, self.is_directory, self.data_type = name, label, is_directory, data_type
        self.default_datastore_name, self.default_datastore_mode = default_datastore_name, default_datastore_mode
        self.default_path_on_compute, self.default_overwrite = default_path_on_compute, default_overwrite
        self.training_output = training_output


class ParamDef:
    """A parameter that a module declares."""

    def __init__(
        self, name: str, default_value: Any = None, is_metadata_param: bool = False, is_optional: bool = False, set_env_var: bool = False,
        calculate_hash: bool = True, env_var_override: str | None = None,
    ) -> None:  # fmt: skip
        self.name, self.default_value, self.is_optional = name, default_value, is_optional
        self.is_metadata_param, self.set_env_var = is_metadata_param, set_env_var
        self.calculate_hash, self.env_var_override = calculate_hash, env_var_override


class TrainingOutput:
    """Which output of a search it is: `Metrics` or `Model`; only as `PipelineData(training_output=...)`."""

    def __init__(self, type: str, iteration: int | None = None, metric: str | None = None, model_file: str | None = None) -> None:  # noqa: A002
        if type not in ("Metrics", "Model"):
            raise PipelineError(f"a TrainingOutput cannot be of type {type!r}", todo="Types are: Metrics, Model.")
        if iteration is not None and metric is not None:
            raise PipelineError("a TrainingOutput takes an iteration or a metric, and not both")
        self.type, self.iteration, self.metric, self.model_file = type, iteration, metric, model_file


class OutputPortBinding(PipelineData):
    """An output of a step under the name `name`; PipelineData with other words."""

    def __init__(
        self, name: str, datastore: Datastore | None = None, output_name: str | None = None, bind_mode: str = "mount",
        path_on_compute: str | None = None, is_directory: bool | None = None, overwrite: bool | None = None,
        data_type: str | None = None, pipeline_output_name: str | None = None, training_output: TrainingOutput | None = None, **_: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, datastore, output_name, bind_mode, path_on_compute, overwrite, data_type, is_directory, pipeline_output_name,
                         training_output)  # fmt: skip
        self.bind_mode = bind_mode


class PipelineDataset:
    """A dataset as old pipelines hand it to steps: under a name, by default its own, and perhaps as a parameter."""

    def __init__(
        self, dataset: AbstractDataset, name: str | None = None, bind_mode: str = "mount", path_on_compute: str | None = None,
        overwrite: bool = False, parameter_name: str | None = None,
    ) -> None:  # fmt: skip
        import re

        self.dataset, self.bind_mode = dataset, bind_mode
        self.path_on_compute, self.overwrite, self.parameter_name = path_on_compute, overwrite, parameter_name
        self.name = name or re.sub(r"\W", "_", dataset.name or "dataset", flags=re.ASCII)

    @staticmethod
    def create(dataset: AbstractDataset, name: str | None = None, parameter_name: str | None = None) -> PipelineDataset:
        """The dataset under a name, mounted when it is files."""
        mode = "direct" if dataset.definition.kind == "tabular" else "mount"
        return PipelineDataset(dataset, name, mode, parameter_name=parameter_name)

    @property
    def definition(self) -> Any:
        """The dataset as a definition, as which it may be the default of a parameter."""
        return self.dataset.definition

    def input_port(self) -> Any:
        """What listing it in `inputs` means."""
        from stepwell.sdk.parameter import PipelineParameter
        from stepwell.sdk.ports import DatasetBinding

        source = self.dataset if self.parameter_name is None else PipelineParameter(self.parameter_name, self.dataset)
        return DatasetBinding(self.name, source, self.bind_mode, self.path_on_compute)
