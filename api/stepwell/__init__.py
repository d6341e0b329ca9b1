"""Stepwell: Azure-ML-style pipelines on a laptop. The names with which authors describe them, imported when first used."""

from __future__ import annotations

TYPE_CHECKING = False  # as checkers take it, without the 7 ms that importing `typing` costs every start

if TYPE_CHECKING:
    from stepwell.sdk.conda import CondaDependencies
    from stepwell.sdk.consumption import DatasetConsumptionConfig
    from stepwell.sdk.data_reference import DataPath, DataPathComputeBinding, DataReference
    from stepwell.sdk.dataset_factory import Dataset
    from stepwell.sdk.datasets import FileDataset, TabularDataset
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.environment import Environment
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.hyperdrive.config import HyperDriveConfig, PrimaryMetricGoal
    from stepwell.sdk.hyperdrive.policies import BanditPolicy, MedianStoppingPolicy, TruncationSelectionPolicy
    from stepwell.sdk.hyperdrive.run import HyperDriveRun
    from stepwell.sdk.hyperdrive.sampling import BayesianParameterSampling, GridParameterSampling, RandomParameterSampling
    from stepwell.sdk.output_config import HDFSOutputDatasetConfig, OutputFileDatasetConfig
    from stepwell.sdk.parallel_run_config import ParallelRunConfig
    from stepwell.sdk.parameter import PipelineParameter
    from stepwell.sdk.pipeline import Pipeline
    from stepwell.sdk.pipeline_data import PipelineData
    from stepwell.sdk.pipeline_endpoint import PipelineEndpoint
    from stepwell.sdk.published_pipeline import PublishedPipeline
    from stepwell.sdk.runconfig import DockerConfiguration, RunConfiguration, ScriptRunConfig
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.runs.port_data import PortDataReference, StepRunOutput
    from stepwell.sdk.runs.run import Run
    from stepwell.sdk.runs.step_run import StepRun
    from stepwell.sdk.schedule import Schedule
    from stepwell.sdk.schedule_recurrence import ScheduleRecurrence
    from stepwell.sdk.steps.adla import AdlaStep
    from stepwell.sdk.steps.command import CommandStep
    from stepwell.sdk.steps.databricks import DatabricksStep
    from stepwell.sdk.steps.hyper_drive import HyperDriveStep, HyperDriveStepRun
    from stepwell.sdk.steps.parallel_run import ParallelRunStep
    from stepwell.sdk.steps.python import PythonScriptStep
    from stepwell.sdk.steps.sequence import StepSequence
    from stepwell.sdk.steps.synapse import SynapseSparkStep
    from stepwell.sdk.time_zone import TimeZone
    from stepwell.sdk.workspace import Workspace

__version__ = "0.1.0"

_HOMES = {
    "BanditPolicy": "hyperdrive.policies",
    "BayesianParameterSampling": "hyperdrive.sampling",
    "AdlaStep": "steps.adla",
    "CommandStep": "steps.command",
    "CondaDependencies": "conda",
    "DataPath": "data_reference",
    "DataPathComputeBinding": "data_reference",
    "DataReference": "data_reference",
    "DatabricksStep": "steps.databricks",
    "Dataset": "dataset_factory",
    "DatasetConsumptionConfig": "consumption",
    "Datastore": "datastore",
    "DockerConfiguration": "runconfig",
    "Environment": "environment",
    "Experiment": "experiment",
    "FileDataset": "datasets",
    "HDFSOutputDatasetConfig": "output_config",
    "GridParameterSampling": "hyperdrive.sampling",
    "HyperDriveConfig": "hyperdrive.config",
    "HyperDriveRun": "hyperdrive.run",
    "HyperDriveStep": "steps.hyper_drive",
    "HyperDriveStepRun": "steps.hyper_drive",
    "MedianStoppingPolicy": "hyperdrive.policies",
    "OutputFileDatasetConfig": "output_config",
    "ParallelRunConfig": "parallel_run_config",
    "ParallelRunStep": "steps.parallel_run",
    "Pipeline": "pipeline",
    "PipelineData": "pipeline_data",
    "PipelineEndpoint": "pipeline_endpoint",
    "PipelineParameter": "parameter",
    "PipelineRun": "runs.pipeline_run",
    "PortDataReference": "runs.port_data",
    "PrimaryMetricGoal": "hyperdrive.config",
    "PublishedPipeline": "published_pipeline",
    "PythonScriptStep": "steps.python",
    "RandomParameterSampling": "hyperdrive.sampling",
    "Run": "runs.run",
    "RunConfiguration": "runconfig",
    "Schedule": "schedule",
    "ScheduleRecurrence": "schedule_recurrence",
    "ScriptRunConfig": "runconfig",
    "StepRun": "runs.step_run",
    "StepRunOutput": "runs.port_data",
    "StepSequence": "steps.sequence",
    "SynapseSparkStep": "steps.synapse",
    "TabularDataset": "datasets",
    "TimeZone": "time_zone",
    "TruncationSelectionPolicy": "hyperdrive.policies",
    "Workspace": "workspace",
}

__all__ = [
    "AdlaStep",
    "BanditPolicy",
    "BayesianParameterSampling",
    "CommandStep",
    "CondaDependencies",
    "DataPath",
    "DataPathComputeBinding",
    "DataReference",
    "DatabricksStep",
    "Dataset",
    "DatasetConsumptionConfig",
    "Datastore",
    "DockerConfiguration",
    "Environment",
    "Experiment",
    "FileDataset",
    "GridParameterSampling",
    "HDFSOutputDatasetConfig",
    "HyperDriveConfig",
    "HyperDriveRun",
    "HyperDriveStep",
    "HyperDriveStepRun",
    "MedianStoppingPolicy",
    "OutputFileDatasetConfig",
    "ParallelRunConfig",
    "ParallelRunStep",
    "Pipeline",
    "PipelineData",
    "PipelineEndpoint",
    "PipelineParameter",
    "PipelineRun",
    "PortDataReference",
    "PrimaryMetricGoal",
    "PublishedPipeline",
    "PythonScriptStep",
    "RandomParameterSampling",
    "Run",
    "RunConfiguration",
    "Schedule",
    "ScheduleRecurrence",
    "ScriptRunConfig",
    "StepRun",
    "StepRunOutput",
    "StepSequence",
    "SynapseSparkStep",
    "TabularDataset",
    "TimeZone",
    "TruncationSelectionPolicy",
    "Workspace",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stepwell' has no attribute {name!r}")
    value = getattr(import_module(f"stepwell.sdk.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
