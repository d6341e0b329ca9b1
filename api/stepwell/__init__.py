"""Stepwell: Azure-ML-style pipelines on a laptop. The names with which authors describe them, imported when first used."""

from __future__ import annotations

TYPE_CHECKING = False  # as checkers take it, without the 7 ms that importing `typing` costs every start

if TYPE_CHECKING:
    from stepwell.sdk.compute.aml import AmlCompute, ComputeInstance
    from stepwell.sdk.compute.attached import (
        BatchCompute,
        DatabricksCompute,
        DataFactoryCompute,
        KustoCompute,
        RemoteCompute,
        SynapseCompute,
    )
    from stepwell.sdk.compute.base import ComputeTarget
    from stepwell.sdk.conda import CondaDependencies
    from stepwell.sdk.consumption import DatasetConsumptionConfig
    from stepwell.sdk.data_reference import DataPath, DataPathComputeBinding, DataReference
    from stepwell.sdk.data_types import DataType
    from stepwell.sdk.dataset_factory import Dataset
    from stepwell.sdk.datasets import FileDataset, TabularDataset
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.draft import PipelineDraft
    from stepwell.sdk.environment import Environment
    from stepwell.sdk.estimator import Estimator
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.graph_parts import InputPortDef, OutputPortBinding, OutputPortDef, TrainingOutput
    from stepwell.sdk.hyperdrive.config import HyperDriveConfig, PrimaryMetricGoal
    from stepwell.sdk.hyperdrive.policies import BanditPolicy, MedianStoppingPolicy, TruncationSelectionPolicy
    from stepwell.sdk.hyperdrive.run import HyperDriveRun
    from stepwell.sdk.hyperdrive.sampling import BayesianParameterSampling, GridParameterSampling, RandomParameterSampling
    from stepwell.sdk.keyvault import Keyvault
    from stepwell.sdk.model import Model
    from stepwell.sdk.module import Module, ModuleVersion
    from stepwell.sdk.output_config import HDFSOutputDatasetConfig, OutputFileDatasetConfig, OutputTabularDatasetConfig
    from stepwell.sdk.parallel_run_config import ParallelRunConfig
    from stepwell.sdk.parameter import PipelineParameter
    from stepwell.sdk.pipeline import Pipeline
    from stepwell.sdk.pipeline_data import PipelineData
    from stepwell.sdk.pipeline_endpoint import PipelineEndpoint
    from stepwell.sdk.ports import InputPortBinding
    from stepwell.sdk.published_pipeline import PublishedPipeline
    from stepwell.sdk.runconfig import DockerConfiguration, RunConfiguration, ScriptRunConfig
    from stepwell.sdk.runconfig_sections import MpiConfiguration, PyTorchConfiguration, TensorflowConfiguration
    from stepwell.sdk.runs.pipeline_run import PipelineRun
    from stepwell.sdk.runs.port_data import PortDataReference, StepRunOutput
    from stepwell.sdk.runs.run import Run
    from stepwell.sdk.runs.single import ScriptRun
    from stepwell.sdk.runs.step_run import StepRun
    from stepwell.sdk.schedule import Schedule
    from stepwell.sdk.schedule_recurrence import ScheduleRecurrence
    from stepwell.sdk.sql_reference import SqlDataReference
    from stepwell.sdk.steps.adla import AdlaStep
    from stepwell.sdk.steps.command import CommandStep
    from stepwell.sdk.steps.databricks import DatabricksStep
    from stepwell.sdk.steps.elsewhere import AutoMLStep, AzureBatchStep, KustoStep
    from stepwell.sdk.steps.hyper_drive import HyperDriveStep, HyperDriveStepRun
    from stepwell.sdk.steps.module import ModuleStep
    from stepwell.sdk.steps.notebook import NotebookRunConfig, NotebookRunnerStep
    from stepwell.sdk.steps.parallel_run import ParallelRunStep
    from stepwell.sdk.steps.python import PythonScriptStep
    from stepwell.sdk.steps.scripts import EstimatorStep, MpiStep, RScriptStep
    from stepwell.sdk.steps.sequence import StepSequence
    from stepwell.sdk.steps.synapse import SynapseSparkStep
    from stepwell.sdk.steps.transfer import DataTransferStep
    from stepwell.sdk.time_zone import TimeZone
    from stepwell.sdk.workspace import Workspace

__version__ = "0.1.0"

_HOMES = {
    "AdlaStep": "steps.adla",
    "AmlCompute": "compute.aml",
    "AutoMLStep": "steps.elsewhere",
    "AzureBatchStep": "steps.elsewhere",
    "BanditPolicy": "hyperdrive.policies",
    "BatchCompute": "compute.attached",
    "BayesianParameterSampling": "hyperdrive.sampling",
    "CommandStep": "steps.command",
    "ComputeInstance": "compute.aml",
    "ComputeTarget": "compute.base",
    "CondaDependencies": "conda",
    "DataFactoryCompute": "compute.attached",
    "DataPath": "data_reference",
    "DataPathComputeBinding": "data_reference",
    "DataReference": "data_reference",
    "DataTransferStep": "steps.transfer",
    "DataType": "data_types",
    "DatabricksCompute": "compute.attached",
    "DatabricksStep": "steps.databricks",
    "Dataset": "dataset_factory",
    "DatasetConsumptionConfig": "consumption",
    "Datastore": "datastore",
    "DockerConfiguration": "runconfig",
    "Environment": "environment",
    "Estimator": "estimator",
    "EstimatorStep": "steps.scripts",
    "Experiment": "experiment",
    "FileDataset": "datasets",
    "GridParameterSampling": "hyperdrive.sampling",
    "HDFSOutputDatasetConfig": "output_config",
    "HyperDriveConfig": "hyperdrive.config",
    "HyperDriveRun": "hyperdrive.run",
    "HyperDriveStep": "steps.hyper_drive",
    "HyperDriveStepRun": "steps.hyper_drive",
    "InputPortBinding": "ports",
    "InputPortDef": "graph_parts",
    "Keyvault": "keyvault",
    "KustoCompute": "compute.attached",
    "KustoStep": "steps.elsewhere",
    "MedianStoppingPolicy": "hyperdrive.policies",
    "Model": "model",
    "Module": "module",
    "ModuleStep": "steps.module",
    "ModuleVersion": "module",
    "MpiConfiguration": "runconfig_sections",
    "MpiStep": "steps.scripts",
    "NotebookRunConfig": "steps.notebook",
    "NotebookRunnerStep": "steps.notebook",
    "OutputFileDatasetConfig": "output_config",
    "OutputPortBinding": "graph_parts",
    "OutputPortDef": "graph_parts",
    "OutputTabularDatasetConfig": "output_config",
    "ParallelRunConfig": "parallel_run_config",
    "ParallelRunStep": "steps.parallel_run",
    "Pipeline": "pipeline",
    "PipelineData": "pipeline_data",
    "PipelineDraft": "draft",
    "PipelineEndpoint": "pipeline_endpoint",
    "PipelineParameter": "parameter",
    "PipelineRun": "runs.pipeline_run",
    "PortDataReference": "runs.port_data",
    "PrimaryMetricGoal": "hyperdrive.config",
    "PublishedPipeline": "published_pipeline",
    "PyTorchConfiguration": "runconfig_sections",
    "PythonScriptStep": "steps.python",
    "RScriptStep": "steps.scripts",
    "RandomParameterSampling": "hyperdrive.sampling",
    "RemoteCompute": "compute.attached",
    "Run": "runs.run",
    "RunConfiguration": "runconfig",
    "Schedule": "schedule",
    "ScheduleRecurrence": "schedule_recurrence",
    "ScriptRun": "runs.single",
    "ScriptRunConfig": "runconfig",
    "SqlDataReference": "sql_reference",
    "StepRun": "runs.step_run",
    "StepRunOutput": "runs.port_data",
    "StepSequence": "steps.sequence",
    "SynapseCompute": "compute.attached",
    "SynapseSparkStep": "steps.synapse",
    "TabularDataset": "datasets",
    "TensorflowConfiguration": "runconfig_sections",
    "TimeZone": "time_zone",
    "TrainingOutput": "graph_parts",
    "TruncationSelectionPolicy": "hyperdrive.policies",
    "Workspace": "workspace",
}

__all__ = [
    "AdlaStep",
    "AmlCompute",
    "AutoMLStep",
    "AzureBatchStep",
    "BanditPolicy",
    "BatchCompute",
    "BayesianParameterSampling",
    "CommandStep",
    "ComputeInstance",
    "ComputeTarget",
    "CondaDependencies",
    "DataFactoryCompute",
    "DataPath",
    "DataPathComputeBinding",
    "DataReference",
    "DataTransferStep",
    "DataType",
    "DatabricksCompute",
    "DatabricksStep",
    "Dataset",
    "DatasetConsumptionConfig",
    "Datastore",
    "DockerConfiguration",
    "Environment",
    "Estimator",
    "EstimatorStep",
    "Experiment",
    "FileDataset",
    "GridParameterSampling",
    "HDFSOutputDatasetConfig",
    "HyperDriveConfig",
    "HyperDriveRun",
    "HyperDriveStep",
    "HyperDriveStepRun",
    "InputPortBinding",
    "InputPortDef",
    "Keyvault",
    "KustoCompute",
    "KustoStep",
    "MedianStoppingPolicy",
    "Model",
    "Module",
    "ModuleStep",
    "ModuleVersion",
    "MpiConfiguration",
    "MpiStep",
    "NotebookRunConfig",
    "NotebookRunnerStep",
    "OutputFileDatasetConfig",
    "OutputPortBinding",
    "OutputPortDef",
    "OutputTabularDatasetConfig",
    "ParallelRunConfig",
    "ParallelRunStep",
    "Pipeline",
    "PipelineData",
    "PipelineDraft",
    "PipelineEndpoint",
    "PipelineParameter",
    "PipelineRun",
    "PortDataReference",
    "PrimaryMetricGoal",
    "PublishedPipeline",
    "PyTorchConfiguration",
    "PythonScriptStep",
    "RScriptStep",
    "RandomParameterSampling",
    "RemoteCompute",
    "Run",
    "RunConfiguration",
    "Schedule",
    "ScheduleRecurrence",
    "ScriptRun",
    "ScriptRunConfig",
    "SqlDataReference",
    "StepRun",
    "StepRunOutput",
    "StepSequence",
    "SynapseCompute",
    "SynapseSparkStep",
    "TabularDataset",
    "TensorflowConfiguration",
    "TimeZone",
    "TrainingOutput",
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
