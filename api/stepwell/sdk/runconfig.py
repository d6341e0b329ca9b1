"""How a step is run: environment, target and layout together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.environment import Environment
from stepwell.sdk.exceptions import PipelineError, UserErrorException
from stepwell.sdk.runconfig_sections import (
    AmlComputeConfiguration,
    Data,
    DataLocation,
    DataReferenceConfiguration,
    DockerConfiguration,
    HdiConfiguration,
    HistoryConfiguration,
    MpiConfiguration,
    OutputData,
    ParallelTaskConfiguration,
    PyTorchConfiguration,
    SparkConfiguration,
    TensorflowConfiguration,
)

if TYPE_CHECKING:
    from stepwell.sdk.data_reference import DataReference

__all__ = [
    "AmlComputeConfiguration", "Data", "DataLocation", "DataReferenceConfiguration", "DockerConfiguration", "HdiConfiguration",
    "HistoryConfiguration", "MpiConfiguration", "OutputData", "ParallelTaskConfiguration", "PyTorchConfiguration", "RunConfiguration",
    "ScriptRunConfig", "SparkConfiguration", "TensorflowConfiguration",
]  # fmt: skip

MONTH_S = 2592000


class RunConfiguration:
    """An environment, a target (by name or object) and environment variables, for the `runconfig` of steps.

    What concerns several machines (`node_count`, `mpi`, `pytorch`, ...) is kept; a step is one process of this machine.
    """

    def __init__(
        self,
        script: str | None = None,
        arguments: Sequence[Any] | None = None,
        framework: str | None = None,
        communicator: str | None = None,
        conda_dependencies: CondaDependencies | None = None,
        _history_enabled: bool | None = None,
        _path: str | None = None,
        _name: str | None = None,
        command: str | Sequence[Any] | None = None,
    ) -> None:
        self.script = script
        self.arguments = list(arguments or ())
        self.command = command
        self._target: Any = "local"
        self.environment = Environment("default-environment")
        self.environment.python.conda_dependencies = conda_dependencies
        self.environment_variables: dict[str, str] = {}
        self.framework = framework or "Python"
        self.communicator = communicator or "None"
        self.node_count = 1
        self.priority: int | None = None
        self.max_run_duration_seconds: int | None = None
        self.auto_prepare_environment = True
        self.credential_passthrough = False
        self.docker = DockerConfiguration()
        self.history = HistoryConfiguration()
        self.spark = SparkConfiguration()
        self.hdi = HdiConfiguration()
        self.mpi = MpiConfiguration()
        self.tensorflow = TensorflowConfiguration()
        self.pytorch = PyTorchConfiguration()
        self.paralleltask = ParallelTaskConfiguration()
        self.amlcompute = AmlComputeConfiguration()
        self.data_references: dict[str, DataReferenceConfiguration] = {}
        self.data: dict[str, Any] = {}
        self.output_data: dict[str, Any] = {}
        self.datacaches: list[Any] = []
        self.services: dict[str, Any] = {}
        self.source_directory_data_store: str | None = None

    @property
    def target(self) -> Any:
        """The name of the compute target."""
        return self._target

    @target.setter
    def target(self, target: Any) -> None:
        named = target[0] if isinstance(target, tuple) else target
        self._target = named if isinstance(named, str) or named is None else named.name

    @staticmethod
    def load(path: str | os.PathLike[str], name: str | None = None) -> RunConfiguration:
        """One that was saved: the file itself, or `.azureml/<name>.runconfig` of a folder. RunConfigurationException when it is none."""
        from stepwell.sdk.runconfig_files import load

        return load(os.fspath(path), name)

    def save(self, path: str | os.PathLike[str] | None = None, name: str | None = None, separate_environment_yaml: bool = False) -> None:
        """Write it as YAML: to `.azureml/<name>.runconfig` of a folder, by default the current one, or to a file."""
        from stepwell.sdk.runconfig_files import save

        save(self, os.fspath(path or "."), name, separate_environment_yaml)

    def add_data_reference(self, reference: DataReference) -> None:
        """Keep a data reference under its name. A Stepwell extension."""
        self.data_references[reference.data_reference_name] = reference.to_config()


class ScriptRunConfig:
    """A script or a command with all that it needs to run; what `Experiment.submit` takes, and the `runconfig` of a CommandStep."""

    MAX_DURATION_SECONDS_DEFAULT = MONTH_S

    def __init__(
        self,
        source_directory: str | os.PathLike[str] | None = None,
        script: str | None = None,
        arguments: Sequence[Any] | None = None,
        run_config: RunConfiguration | None = None,
        _telemetry_values: object = None,
        compute_target: Any = None,
        environment: Environment | None = None,
        distributed_job_config: Any = None,
        resume_from: Any = None,
        max_run_duration_seconds: int | None = MONTH_S,
        command: str | Sequence[Any] | None = None,
        docker_runtime_config: DockerConfiguration | None = None,
        **_: Any,
    ) -> None:
        if (script is None) == (command is None) and not (run_config is not None and run_config.script):
            raise PipelineError("a ScriptRunConfig needs a script or a command, and not both")
        self.source_directory = os.fspath(source_directory or ".")
        self.script = script or (run_config.script if run_config is not None and command is None else None)
        self.arguments = list(arguments or (run_config.arguments if run_config is not None else ()))
        self.command = command
        self.resume_from = resume_from
        self.max_run_duration_seconds = max_run_duration_seconds
        self.run_config = run_config or RunConfiguration(script, arguments)
        self.run_config.command = command
        if environment is not None:
            self.run_config.environment = environment
        if compute_target is not None:
            self.run_config.target = compute_target
        if docker_runtime_config is not None:
            self.run_config.docker = docker_runtime_config
        if distributed_job_config is not None:
            _distribute(self.run_config, distributed_job_config)


def _distribute(config: RunConfiguration, layout: Any) -> None:
    names = {MpiConfiguration: "mpi", PyTorchConfiguration: "pytorch", TensorflowConfiguration: "tensorflow"}
    name = names.get(type(layout))
    if name is None:
        raise UserErrorException(
            f"distributed_job_config is a {type(layout).__name__}",
            todo="It is an MpiConfiguration, a PyTorchConfiguration or a TensorflowConfiguration.",
        )
    setattr(config, name, layout)
    config.node_count = getattr(layout, "node_count", 1)
    config.communicator = {"mpi": "IntelMpi", "pytorch": "Nccl", "tensorflow": "ParameterServer"}[name]
    config.framework = {"mpi": "Python", "pytorch": "PyTorch", "tensorflow": "TensorFlow"}[name]
