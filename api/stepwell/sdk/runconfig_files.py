"""Run configurations as YAML files with v1's camelCase keys."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

from stepwell.sdk import environment_files, yaml_files
from stepwell.sdk.exceptions import RunConfigurationException
from stepwell.sdk.runconfig_sections import Data, DataLocation, DataReferenceConfiguration

if TYPE_CHECKING:
    from stepwell.sdk.runconfig import RunConfiguration

_PLAIN = {
    "framework": "framework", "communicator": "communicator", "nodeCount": "node_count", "priority": "priority",
    "maxRunDurationSeconds": "max_run_duration_seconds", "autoPrepareEnvironment": "auto_prepare_environment",
    "credentialPassthrough": "credential_passthrough",
}  # fmt: skip
_SECTIONS = {
    "mpi": {"processCountPerNode": "process_count_per_node", "nodeCount": "node_count"},
    "pytorch": {"communicationBackend": "communication_backend", "processCount": "process_count", "nodeCount": "node_count"},
    "tensorflow": {"workerCount": "worker_count", "parameterServerCount": "parameter_server_count"},
    "paralleltask": {"maxRetriesPerWorker": "max_retries_per_worker", "workerCountPerNode": "worker_count_per_node",
                     "terminalExitCodes": "terminal_exit_codes"},
    "docker": {"useDocker": "use_docker", "sharedVolumes": "shared_volumes", "arguments": "arguments", "shmSize": "shm_size"},
    "history": {"outputCollection": "output_collection", "snapshotProject": "snapshot_project",
                "directoriesToWatch": "directories_to_watch"},
    "spark": {"configuration": "configuration"},
    "hdi": {"yarnDeployMode": "yarn_deploy_mode"},
    "amlcompute": {"name": "name", "vmSize": "vm_size", "vmPriority": "vm_priority", "clusterMaxNodeCount": "cluster_max_node_count",
                   "retainCluster": "retain_cluster"},
}  # fmt: skip
_REFERENCE = {"dataStoreName": "data_store_name", "mode": "mode", "pathOnDataStore": "path_on_data_store",
              "pathOnCompute": "path_on_compute", "overwrite": "overwrite"}  # fmt: skip
_DATA = {"mechanism": "mechanism", "environmentVariableName": "environment_variable_name", "pathOnCompute": "path_on_compute",
         "createOutputDirectories": "create_output_directories", "overwrite": "overwrite"}  # fmt: skip


def file_of(path: str, name: str | None) -> str:
    """The file that a path and a name mean: the path itself, or one in the folder `.azureml` below it."""
    if name is None:
        return path
    inside = os.path.join(path, ".azureml", f"{name}.runconfig")
    old = os.path.join(path, "aml_config", f"{name}.runconfig")
    beside = os.path.join(path, f"{name}.runconfig")
    return next((one for one in (inside, old, beside) if os.path.isfile(one)), inside)


def load(path: str, name: str | None) -> RunConfiguration:
    """The run configuration in a file."""
    file = file_of(path, name)
    document = yaml_files.read(file, "run configuration", RunConfigurationException) or {}
    if not isinstance(document, dict):
        raise RunConfigurationException("a run configuration has keys such as `script` and `environment`", where=file)
    folder = os.path.dirname(os.path.abspath(file))
    source = os.path.dirname(folder) if os.path.basename(folder) in (".azureml", "aml_config") else folder
    return from_document(document, source)


def from_document(document: dict[str, Any], folder: str) -> RunConfiguration:
    """The run configuration that a document describes; files that it names are relative to `folder`."""
    from stepwell.sdk.runconfig import RunConfiguration

    arguments = document.get("arguments") or []
    made = RunConfiguration(document.get("script"), shlex.split(arguments) if isinstance(arguments, str) else arguments)
    made.command = document.get("command") or None
    made.target = document.get("target") or "local"
    _take(made, document, _PLAIN)
    for section, keys in _SECTIONS.items():
        _take(getattr(made, section), document.get(section) or {}, keys)
    environment = document.get("environment")
    if isinstance(environment, dict):
        made.environment = environment_files.from_document({"name": "default-environment", **environment}, folder)
    made.environment_variables = {str(key): str(value) for key, value in (document.get("environmentVariables") or {}).items()}
    for name, given in (document.get("dataReferences") or {}).items():
        made.data_references[name] = DataReferenceConfiguration()
        _take(made.data_references[name], given, _REFERENCE)
    for name, given in (document.get("data") or {}).items():
        made.data[name] = _data(given)
    made.output_data = dict(document.get("outputData") or {})
    return made


def _data(given: dict[str, Any]) -> Data:
    location = given.get("dataLocation") or {}
    made = Data(DataLocation(location.get("dataset"), location.get("dataPath"), location.get("uri"), location.get("type")))
    _take(made, given, _DATA)
    return made


def _take(target: Any, given: dict[str, Any], keys: dict[str, str]) -> None:
    for key, attribute in keys.items():
        if given.get(key) is not None:
            setattr(target, attribute, given[key])


def to_document(config: RunConfiguration) -> dict[str, Any]:
    """All that a run configuration says, without secrets."""
    return {
        "script": config.script, "command": config.command, "arguments": [str(one) for one in config.arguments], "target": config.target,
        **_told(config, _PLAIN),
        "environment": environment_files.to_document(config.environment),
        "environmentVariables": dict(config.environment_variables),
        **{section: _told(getattr(config, section), keys) for section, keys in _SECTIONS.items()},
        "dataReferences": {name: _told(one, _REFERENCE) for name, one in config.data_references.items()},
        "data": {name: {"dataLocation": _location(one), **_told(one, _DATA)} for name, one in config.data.items() if isinstance(one, Data)},
        "outputData": {},
    }  # fmt: skip


def _location(data: Data) -> dict[str, Any] | None:
    found = data.data_location
    dataset = getattr(found, "dataset", None)
    if found is None or dataset is None:
        return None
    plain = dataset if isinstance(dataset, dict) else {"id": dataset.id, "name": dataset.name, "version": dataset.version}
    return {"dataset": plain, "dataPath": None}


def _told(source: Any, keys: dict[str, str]) -> dict[str, Any]:
    return {key: _plain(getattr(source, attribute)) for key, attribute in keys.items()}


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else list(value) if isinstance(value, tuple) else value


def save(config: RunConfiguration, path: str, name: str | None, separate_environment_yaml: bool) -> None:
    """Write a run configuration; with `separate_environment_yaml` its environment goes to `environment.yml` beside it."""
    import yaml

    is_file = name is None and not os.path.isdir(path)
    file = path if is_file else os.path.join(path, ".azureml", f"{name or 'default'}.runconfig")
    os.makedirs(os.path.dirname(os.path.abspath(file)), exist_ok=True)
    document = to_document(config)
    if separate_environment_yaml:
        beside = os.path.join(os.path.dirname(os.path.abspath(file)), "environment.yml")
        with open(beside, "w", encoding="utf-8") as stream:
            yaml.safe_dump(document["environment"], stream, sort_keys=False)
    with open(file, "w", encoding="utf-8") as stream:
        yaml.safe_dump(document, stream, sort_keys=False)
