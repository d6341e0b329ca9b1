"""Which class of Stepwell stands for which name of v1. Data only."""

from __future__ import annotations

_MODULES: dict[str, str] = {
    "conda": "CondaDependencies",
    "consumption": "DatasetConsumptionConfig",
    "data_reference": "DataPath DataPathComputeBinding DataReference",
    "dataset_factory": "Dataset",
    "datasets": "AbstractDataset FileDataset TabularDataset",
    "datastore": "Datastore",
    "environment": "Environment",
    "exceptions": "ActivityFailedException AzureMLException UserErrorException WorkspaceException",
    "experiment": "Experiment",
    "output_config": "OutputFileDatasetConfig",
    "parallel_run_config": "ParallelRunConfig",
    "parameter": "PipelineParameter",
    "pipeline": "Pipeline",
    "pipeline_data": "PipelineData",
    "runconfig": "DockerConfiguration RunConfiguration ScriptRunConfig",
    "runs.pipeline_run": "PipelineRun",
    "runs.port_data": "PortDataReference StepRunOutput",
    "runs.run": "Run",
    "runs.step_run": "StepRun",
    "steps.base": "PipelineStep",
    "steps.command": "CommandStep",
    "steps.parallel_run": "ParallelRunStep",
    "steps.python": "PythonScriptStep",
    "steps.sequence": "StepSequence",
    "widgets": "RunDetails",
    "workspace": "Workspace",
}

HOMES: dict[str, str] = {name: f"stepwell.sdk.{module}" for module, names in _MODULES.items() for name in names.split()}
"""Name of v1 → the module that holds it under the same name."""
