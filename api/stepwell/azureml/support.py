"""How far Stepwell goes with each name of v1: it runs it, runs it differently, refuses it, or does not have it."""

from __future__ import annotations

from typing import Literal

import msgspec

from stepwell.azureml.homes import HOMES
from stepwell.azureml.surface import MODULES

Level = Literal["runs", "differs", "refused", "missing"]

LEVELS: tuple[Level, ...] = ("refused", "missing", "differs", "runs")
"""From what a person must act on to what needs no word."""


class Support(msgspec.Struct, frozen=True):
    """The level, and what there is to say about it; empty when there is nothing."""

    level: Level
    note: str = ""


_CLOUD_COMPUTE = "kept by name; its steps run as processes of this machine"
_DATABASE = "kept by name; nothing is read from a database"
_SERVICE = "web services are not deployed from here"
_SIGN_IN = "nobody signs in; its header opens the local REST server"

DIFFERS: dict[str, str] = {
    "AmlCompute": "is this machine; max_nodes is how many steps run at once",
    "ComputeTarget": "is this machine, or what `stepwell compute` defines",
    "RemoteCompute": _CLOUD_COMPUTE,
    "DsvmCompute": _CLOUD_COMPUTE,
    "ComputeInstance": _CLOUD_COMPUTE,
    "KubernetesCompute": _CLOUD_COMPUTE,
    "AksCompute": _CLOUD_COMPUTE,
    "Workspace": "is the folder .stepwell; subscription, resource group and region are names only",
    "InteractiveLoginAuthentication": _SIGN_IN,
    "ServicePrincipalAuthentication": _SIGN_IN,
    "AzureCliAuthentication": _SIGN_IN,
    "MsiAuthentication": _SIGN_IN,
    "TokenAuthentication": _SIGN_IN,
    "ArmTokenAuthentication": _SIGN_IN,
    "AzureBlobDatastore": "is a folder on this machine",
    "AzureFileDatastore": "is a folder on this machine",
    "AzureDataLakeDatastore": "is a folder on this machine",
    "AzureDataLakeGen2Datastore": "is a folder on this machine",
    "SqlDataReference": _DATABASE,
    "RunDetails": "shows text",
    "DatabricksStep": "runs on the target spark of this machine",
    "SynapseSparkStep": "runs on the target spark of this machine",
    "AdlaStep": "its U-SQL runs on the target spark of this machine",
    "DataTransferStep": "copies between datastores that are reached from here",
    "MpiStep": "starts its processes on this machine",
    "EstimatorStep": "runs the estimator's script on this machine",
}
"""Name → what is different here."""

REFUSED: dict[str, str] = {
    "AutoMLStep": "automated machine learning is a service; the graph builds, the step fails. Train with a PythonScriptStep",
    "AutoMLStepRun": "there are no runs of automated machine learning here",
    "AutoMLConfig": "automated machine learning is a service; train with a PythonScriptStep",
    "AutoMLRun": "there are no runs of automated machine learning here",
    "FeaturizationConfig": "automated machine learning is a service",
    "ForecastingParameters": "automated machine learning is a service",
    "KustoStep": "no Kusto cluster is reached; the graph builds, the step fails. Query in a PythonScriptStep",
    "AzureBatchStep": "no batch pool is reached; the graph builds, the step fails. Run the program with a CommandStep",
    "Webservice": _SERVICE,
    "AciWebservice": _SERVICE,
    "AksWebservice": _SERVICE,
    "LocalWebservice": _SERVICE,
    "InferenceConfig": _SERVICE,
    "Image": "images of web services are not built here; `stepwell env build` makes images of steps",
    "ContainerImage": "images of web services are not built here",
}
"""Name → why it does not run, and what does."""


def of_name(name: str) -> Support:
    """What there is to say of a name of v1, whichever module it was imported from."""
    if name in REFUSED:
        return Support("refused", REFUSED[name])
    if name not in HOMES and name not in _CONSTANTS:
        return Support("missing", "Stepwell does not have it")
    return Support("differs", DIFFERS[name]) if name in DIFFERS else Support("runs")


_CONSTANTS = frozenset({"VERSION", "__version__", "SNAPSHOT_MAX_SIZE_BYTES"})


def is_known(name: str) -> bool:
    """Whether v1 has a public name like this, as far as the table goes."""
    return any(name in names for names in MODULES.values())
