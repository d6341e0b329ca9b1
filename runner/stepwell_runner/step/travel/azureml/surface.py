"""Where the names of Azure ML v1 are found: module by module, as unchanged scripts import them. Data only, for steps and drivers alike."""

from __future__ import annotations

VERSION = "1.62.0"
"""What `azureml.core.VERSION` says: the release whose vocabulary this is."""

_CORE = """Workspace Experiment Run ScriptRun get_run Datastore Dataset Model Environment ScriptRunConfig RunConfiguration ComputeTarget
    ContainerRegistry Keyvault Webservice Image LinkedService SynapseWorkspaceLinkedServiceConfiguration PrivateEndPoint
    PrivateEndPointConfig"""
_COMPUTE = """ComputeTarget AmlCompute RemoteCompute DsvmCompute DatabricksCompute AdlaCompute BatchCompute DataFactoryCompute
    HDInsightCompute KustoCompute SynapseCompute AksCompute ComputeInstance KubernetesCompute"""
_LIBRARIES = "PyPiLibrary MavenLibrary EggLibrary JarLibrary RCranLibrary"
_IMAGES = "DEFAULT_CPU_IMAGE DEFAULT_GPU_IMAGE MPI_CPU_IMAGE MPI_GPU_IMAGE"
_STORED = "StoredProcedureParameter StoredProcedureParameterType"
_EXCEPTIONS = """AzureMLException UserErrorException ActivityFailedException AuthenticationException ComputeTargetException
    DatasetTimestampMissingError DiscoveryUrlNotFoundException ExperimentExecutionException ModelNotFoundException
    ModelPathNotFoundException ProjectSystemException RunConfigurationException RunEnvironmentException ServiceException
    SnapshotException TrainingException WebserviceException WorkspaceException WorkspacePrivateEndpointException
    AzureMLAggregatedException ParallelRunException"""
_SAMPLING = """RandomParameterSampling GridParameterSampling BayesianParameterSampling"""
_EXPRESSIONS = "choice randint uniform quniform loguniform qloguniform normal qnormal lognormal qlognormal"
_POLICIES = "BanditPolicy MedianStoppingPolicy TruncationSelectionPolicy NoTerminationPolicy"
_SERVICES = "AciWebservice AksWebservice LocalWebservice Webservice"

_LISTS = {
    "azureml": "",
    "azureml.core": _CORE,
    "azureml.core.workspace": "Workspace",
    "azureml.core.experiment": "Experiment",
    "azureml.core.run": "Run _OfflineRun get_run",
    "azureml.core.script_run": "ScriptRun",
    "azureml.core.script_run_config": "ScriptRunConfig",
    "azureml.core.datastore": "Datastore",
    "azureml.core.dataset": "Dataset",
    "azureml.core.model": "Model InferenceConfig",
    "azureml.core.environment": """Environment CondaDependencies DEFAULT_CPU_IMAGE DEFAULT_GPU_IMAGE DockerSection PythonSection RSection
        SparkSection DockerBuildContext RCranPackage""",
    "azureml.core.keyvault": "Keyvault",
    "azureml.core.compute": _COMPUTE,
    "azureml.core.compute.amlcompute": "AmlCompute",
    "azureml.core.compute_target": "ComputeTargetException ComputeTarget",
    "azureml.core.runconfig": f"""RunConfiguration CondaDependencies {_IMAGES} DockerConfiguration MpiConfiguration PyTorchConfiguration
        TensorflowConfiguration ParallelTaskConfiguration DataReferenceConfiguration Data DataLocation OutputData EnvironmentDefinition
        SparkConfiguration {_LIBRARIES}""",
    "azureml.core.conda_dependencies": "CondaDependencies",
    "azureml.core.container_registry": "ContainerRegistry",
    "azureml.core.authentication": """InteractiveLoginAuthentication ServicePrincipalAuthentication AzureCliAuthentication MsiAuthentication
        TokenAuthentication ArmTokenAuthentication AbstractAuthentication""",
    "azureml.core.databricks": _LIBRARIES,
    "azureml.core.resource_configuration": "ResourceConfiguration",
    "azureml.core.image": "Image ContainerImage",
    "azureml.core.webservice": _SERVICES,
    "azureml.core.linked_service": "LinkedService SynapseWorkspaceLinkedServiceConfiguration",
    "azureml.data": """OutputFileDatasetConfig HDFSOutputDatasetConfig LinkFileOutputDatasetConfig LinkTabularOutputDatasetConfig
        TabularDataset FileDataset DataType""",
    "azureml.data.data_reference": "DataReference",
    "azureml.data.datapath": "DataPath DataPathComputeBinding",
    "azureml.data.sql_data_reference": "SqlDataReference",
    "azureml.data.stored_procedure_parameter": _STORED,
    "azureml.data.dataset_consumption_config": "DatasetConsumptionConfig",
    "azureml.data.output_dataset_config": """OutputFileDatasetConfig OutputTabularDatasetConfig OutputDatasetConfig
        HDFSOutputDatasetConfig LinkFileOutputDatasetConfig LinkTabularOutputDatasetConfig""",
    "azureml.data.dataset_factory": "TabularDatasetFactory FileDatasetFactory DataType",
    "azureml.data.tabular_dataset": "TabularDataset",
    "azureml.data.file_dataset": "FileDataset",
    "azureml.data.abstract_dataset": "AbstractDataset",
    "azureml.data.abstract_datastore": "AbstractDatastore",
    "azureml.data.azure_storage_datastore": "AzureBlobDatastore AzureFileDatastore",
    "azureml.data.azure_data_lake_datastore": "AzureDataLakeDatastore AzureDataLakeGen2Datastore",
    "azureml.data.dataset_error_handling": "DatasetExecutionError DatasetValidationError",
    "azureml.data.dataset_type_definitions": "PromoteHeadersBehavior",
    "azureml.pipeline": "",
    "azureml.pipeline.core": """Pipeline PipelineData PipelineDataset PipelineDraft PipelineEndpoint PipelineParameter PipelineRun
        PipelineStep PortDataReference PublishedPipeline Schedule ScheduleRecurrence TimeZone StepRun StepRunOutput StepSequence
        TrainingOutput InputPortBinding OutputPortBinding Module ModuleVersion ModuleVersionDescriptor""",
    "azureml.pipeline.core.graph": f"""PipelineParameter InputPortDef OutputPortDef ParamDef InputPortBinding OutputPortBinding
        PublishedPipeline TrainingOutput {_STORED} DataType""",
    "azureml.pipeline.core.run": "PipelineRun StepRun StepRunOutput",
    "azureml.pipeline.core.schedule": "Schedule ScheduleRecurrence TimeZone",
    "azureml.pipeline.core.module": "Module ModuleVersion ModuleVersionDescriptor",
    "azureml.pipeline.core.pipeline": "Pipeline",
    "azureml.pipeline.core.builder": "PipelineStep PipelineData StepSequence",
    "azureml.pipeline.core.pipeline_data": "PipelineData",
    "azureml.pipeline.core.pipeline_endpoint": "PipelineEndpoint PipelineVersion",
    "azureml.pipeline.core.pipeline_draft": "PipelineDraft",
    "azureml.pipeline.core.pipeline_output_dataset": """PipelineOutputFileDataset PipelineOutputTabularDataset
        PipelineOutputAbstractDataset""",
    "azureml.pipeline.steps": """PythonScriptStep CommandStep ParallelRunStep ParallelRunConfig DatabricksStep AdlaStep DataTransferStep
        HyperDriveStep HyperDriveStepRun EstimatorStep MpiStep RScriptStep ModuleStep SynapseSparkStep KustoStep AutoMLStep AutoMLStepRun
        AzureBatchStep""",
    "azureml.pipeline.steps.python_script_step": "PythonScriptStep",
    "azureml.pipeline.steps.command_step": "CommandStep",
    "azureml.pipeline.steps.parallel_run_step": "ParallelRunStep",
    "azureml.pipeline.steps.parallel_run_config": "ParallelRunConfig",
    "azureml.pipeline.steps.databricks_step": "DatabricksStep",
    "azureml.pipeline.steps.adla_step": "AdlaStep",
    "azureml.pipeline.steps.data_transfer_step": "DataTransferStep",
    "azureml.pipeline.steps.hyper_drive_step": "HyperDriveStep HyperDriveStepRun",
    "azureml.pipeline.steps.estimator_step": "EstimatorStep",
    "azureml.pipeline.steps.mpi_step": "MpiStep",
    "azureml.pipeline.steps.r_script_step": "RScriptStep",
    "azureml.pipeline.steps.module_step": "ModuleStep",
    "azureml.pipeline.steps.synapse_spark_step": "SynapseSparkStep",
    "azureml.pipeline.steps.kusto_step": "KustoStep",
    "azureml.pipeline.steps.automl_step": "AutoMLStep AutoMLStepRun",
    "azureml.pipeline.steps.azurebatch_step": "AzureBatchStep",
    "azureml.contrib": "",
    "azureml.contrib.pipeline": "",
    "azureml.contrib.pipeline.steps": "ParallelRunStep ParallelRunConfig",
    "azureml.contrib.notebook": "NotebookRunConfig NotebookRunnerStep AzureMLNotebookHandler PapermillExecutionHandler",
    "azureml.train": "",
    "azureml.train.hyperdrive": f"""{_SAMPLING} {_EXPRESSIONS} {_POLICIES} HyperDriveConfig HyperDriveRun PrimaryMetricGoal
        HyperDriveException""",
    "azureml.train.hyperdrive.parameter_expressions": _EXPRESSIONS,
    "azureml.train.hyperdrive.sampling": f"{_SAMPLING} HyperParameterSampling",
    "azureml.train.hyperdrive.policy": f"{_POLICIES} EarlyTerminationPolicy",
    "azureml.train.hyperdrive.exceptions": """HyperDriveException HyperDriveConfigException HyperDriveNotImplementedException
        HyperDriveRehydrateException HyperDriveScenarioNotSupportedException""",
    "azureml.train.hyperdrive.run": "HyperDriveRun PrimaryMetricGoal",
    "azureml.train.hyperdrive.runconfig": "HyperDriveConfig PrimaryMetricGoal",
    "azureml.train.estimator": "Estimator Mpi",
    "azureml.train.dnn": "PyTorch TensorFlow Keras Chainer Mpi Nccl Gloo ParameterServer",
    "azureml.train.sklearn": "SKLearn",
    "azureml.train.automl": "AutoMLConfig",
    "azureml.train.automl.automlconfig": "AutoMLConfig",
    "azureml.train.automl.run": "AutoMLRun",
    "azureml.opendatasets": "NycTlcGreen NycTlcYellow MNIST NoaaIsdWeather PublicHolidays Diabetes OjSalesSimulated",
    "azureml.widgets": "RunDetails",
    "azureml.exceptions": _EXCEPTIONS,
    "azureml.exceptions._azureml_exception": _EXCEPTIONS,
    "azureml._common": "",
    "azureml._common.exceptions": "AzureMLException",
    "azureml.pipeline.core._restclients": "",
    "azureml._restclient": "",
    "azureml._restclient.constants": "RunStatus",
    "azureml._restclient.snapshots_client": "SNAPSHOT_MAX_SIZE_BYTES",
    "azureml.telemetry": "set_diagnostics_collection INSTRUMENTATION_KEY",
    "azureml.automl": "",
    "azureml.automl.core": "",
    "azureml.automl.core.featurization": "FeaturizationConfig",
    "azureml.automl.core.forecasting_parameters": "ForecastingParameters",
}  # fmt: skip

STAND_INS = {"msrest": (), "msrest.exceptions": ("HttpOperationError", "ClientException", "AuthenticationError")}
"""Modules of another package that comes with the SDK; served only where that package is not installed."""

_EXPLAINED = "models are explained by a package of the SDK that is not served here; use the package `interpret` or `shap`"
_SCORED = "web services are not deployed from here"
_SEARCHED = "automated machine learning is a service; train with a PythonScriptStep"

REFUSED_PACKAGES = {
    "azureml._restclient": "clients of the service's REST interface have nothing to speak to here",
    "azureml.accel": _SCORED, "azureml.ai.monitoring": _SCORED, "azureml.automl": _SEARCHED, "azureml.contrib.automl": _SEARCHED,
    "azureml.contrib.fairness": "dashboards of fairness are a service", "azureml.contrib.functions": _SCORED,
    "azureml.contrib.interpret": _EXPLAINED, "azureml.contrib.services": _SCORED,
    "azureml.datadrift": "monitors of data drift are a service",
    "azureml.explain": _EXPLAINED, "azureml.interpret": _EXPLAINED, "azureml.monitoring": _SCORED,
    "azureml.tensorboard": "TensorBoard is started by itself, on a folder of `stepwell outputs`", "azureml.train.automl": _SEARCHED,
}  # fmt: skip
"""Packages of the SDK that are not served: whatever is imported from them, or from below, says why when it is used."""

MODULES = {name: tuple(words.split()) for name, words in _LISTS.items()}
"""Module → its public names, in the order of the fact sheet."""


def refusal(module: str) -> str | None:
    """Why a module is not served, when it is in one of these packages and not in the table; None for others."""
    if module in MODULES:
        return None
    return next((why for name, why in REFUSED_PACKAGES.items() if module == name or module.startswith(f"{name}.")), None)
