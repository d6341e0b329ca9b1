"""Which class of Stepwell stands for which name of v1. Data only."""

from __future__ import annotations

_MODULES: dict[str, str] = {
    "authentication": """AbstractAuthentication ArmTokenAuthentication AzureCliAuthentication InteractiveLoginAuthentication
        MsiAuthentication ServicePrincipalAuthentication TokenAuthentication""",
    "automl": "AutoMLConfig AutoMLRun AutoMLStepRun FeaturizationConfig ForecastingParameters",
    "compute.aml": "AmlCompute ComputeInstance",
    "compute.attached": """AdlaCompute AksCompute BatchCompute DataFactoryCompute DatabricksCompute DsvmCompute HDInsightCompute
        KubernetesCompute KustoCompute RemoteCompute SynapseCompute""",
    "compute.base": "ComputeTarget",
    "conda": "CondaDependencies",
    "consumption": "DatasetConsumptionConfig",
    "data_reference": "DataPath DataPathComputeBinding DataReference",
    "data_types": "DataType PromoteHeadersBehavior",
    "dataset_factory": "Dataset FileDatasetFactory TabularDatasetFactory",
    "datasets": "AbstractDataset FileDataset TabularDataset",
    "datastore": """AbstractDatastore AzureBlobDatastore AzureDataLakeDatastore AzureDataLakeGen2Datastore AzureFileDatastore Datastore""",
    "draft": "PipelineDraft",
    "environment": "DEFAULT_CPU_IMAGE DEFAULT_GPU_IMAGE Environment EnvironmentDefinition MPI_CPU_IMAGE MPI_GPU_IMAGE",
    "environment_sections": "ContainerRegistry DockerBuildContext DockerSection PythonSection RCranPackage RSection SparkSection",
    "estimator": "Chainer Estimator Gloo Keras Mpi Nccl ParameterServer PyTorch SKLearn TensorFlow",
    "exceptions": """ActivityFailedException AuthenticationException AzureMLAggregatedException AzureMLException ComputeTargetException
        DatasetExecutionError DatasetTimestampMissingError DatasetValidationError DiscoveryUrlNotFoundException
        ExperimentExecutionException HttpOperationError ModelNotFoundException ModelPathNotFoundException ParallelRunException
        ProjectSystemException RunConfigurationException RunEnvironmentException ServiceException SnapshotException TrainingException
        UserErrorException WebserviceException WorkspaceException WorkspacePrivateEndpointException""",
    "experiment": "Experiment",
    "graph_parts": "InputPortDef OutputPortBinding OutputPortDef ParamDef PipelineDataset TrainingOutput",
    "hyperdrive.config": "HyperDriveConfig PrimaryMetricGoal",
    "hyperdrive.errors": """HyperDriveConfigException HyperDriveException HyperDriveNotImplementedException HyperDriveRehydrateException
        HyperDriveScenarioNotSupportedException""",
    "hyperdrive.expressions": "choice lognormal loguniform normal qlognormal qloguniform qnormal quniform randint uniform",
    "hyperdrive.policies": """BanditPolicy EarlyTerminationPolicy MedianStoppingPolicy NoTerminationPolicy TruncationSelectionPolicy""",
    "hyperdrive.run": "HyperDriveRun",
    "hyperdrive.sampling": "BayesianParameterSampling GridParameterSampling HyperParameterSampling RandomParameterSampling",
    "keyvault": "Keyvault",
    "libraries": "EggLibrary JarLibrary MavenLibrary PyPiLibrary RCranLibrary",
    "linked_service": "LinkedService PrivateEndPoint PrivateEndPointConfig SynapseWorkspaceLinkedServiceConfiguration",
    "model": "Model",
    "module": "Module ModuleVersion ModuleVersionDescriptor",
    "offline": "_OfflineRun",
    "opendatasets": "Diabetes MNIST NoaaIsdWeather NycTlcGreen NycTlcYellow OjSalesSimulated PublicHolidays",
    "output_config": """HDFSOutputDatasetConfig LinkFileOutputDatasetConfig LinkTabularOutputDatasetConfig OutputDatasetConfig
        OutputFileDatasetConfig OutputTabularDatasetConfig""",
    "parallel_run_config": "ParallelRunConfig",
    "parameter": "PipelineParameter",
    "pipeline": "Pipeline",
    "pipeline_data": "PipelineData",
    "pipeline_endpoint": "PipelineEndpoint PipelineVersion",
    "pipeline_output_dataset": "PipelineOutputAbstractDataset PipelineOutputFileDataset PipelineOutputTabularDataset",
    "ports": "InputPortBinding",
    "published_pipeline": "PublishedPipeline",
    "resource_configuration": "ResourceConfiguration",
    "runconfig": "RunConfiguration ScriptRunConfig",
    "runconfig_sections": """Data DataLocation DataReferenceConfiguration DockerConfiguration MpiConfiguration OutputData
        ParallelTaskConfiguration PyTorchConfiguration SparkConfiguration TensorflowConfiguration""",
    "runs.find": "get_run",
    "runs.statuses": "RunStatus",
    "runs.pipeline_run": "PipelineRun",
    "runs.port_data": "PortDataReference StepRunOutput",
    "runs.run": "Run",
    "runs.single": "ScriptRun",
    "runs.step_run": "StepRun",
    "schedule": "Schedule",
    "schedule_recurrence": "ScheduleRecurrence",
    "sql_reference": "SqlDataReference StoredProcedureParameter StoredProcedureParameterType",
    "steps.adla": "AdlaStep",
    "steps.base": "PipelineStep",
    "steps.command": "CommandStep",
    "steps.databricks": "DatabricksStep",
    "steps.elsewhere": "AutoMLStep AzureBatchStep KustoStep",
    "steps.module": "ModuleStep",
    "steps.notebook": "AzureMLNotebookHandler NotebookRunConfig NotebookRunnerStep PapermillExecutionHandler",
    "steps.hyper_drive": "HyperDriveStep HyperDriveStepRun",
    "steps.parallel_run": "ParallelRunStep",
    "steps.python": "PythonScriptStep",
    "steps.scripts": "EstimatorStep MpiStep RScriptStep",
    "steps.sequence": "StepSequence",
    "steps.synapse": "SynapseSparkStep",
    "steps.transfer": "DataTransferStep",
    "telemetry": "INSTRUMENTATION_KEY set_diagnostics_collection",
    "time_zone": "TimeZone",
    "widgets": "RunDetails",
    "workspace": "Workspace",
}

HOMES: dict[str, str] = {name: f"stepwell.sdk.{module}" for module, names in _MODULES.items() for name in names.split()}
"""Name of v1 → the module that holds it under the same name."""
