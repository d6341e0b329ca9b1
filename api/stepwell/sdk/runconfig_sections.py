"""The parts of a run configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class DockerConfiguration:
    """How a container would be run, on a target that runs containers."""

    def __init__(
        self, use_docker: bool = False, shared_volumes: bool = True, arguments: Sequence[str] = (), shm_size: str | None = "2g"
    ) -> None:
        self.use_docker = use_docker
        self.shared_volumes = shared_volumes
        self.arguments = list(arguments)
        self.shm_size = shm_size


class HistoryConfiguration:
    """Which folders of a script are kept; here always `outputs` and `logs`."""

    def __init__(self) -> None:
        self.output_collection = True
        self.snapshot_project = True
        self.directories_to_watch = ["logs"]


class SparkConfiguration:
    """Settings of Spark, by name."""

    def __init__(self) -> None:
        self.configuration: dict[str, str] = {
            "spark.app.name": "Azure ML Experiment", "spark.yarn.maxAppAttempts": "1"}  # fmt: skip


class HdiConfiguration:
    """How an HDInsight cluster runs it."""

    def __init__(self) -> None:
        self.yarn_deploy_mode = "Cluster"


class MpiConfiguration:
    """How many processes run on how many machines."""

    def __init__(self, process_count_per_node: int = 1, node_count: int = 1) -> None:
        self.process_count_per_node, self.node_count = process_count_per_node, node_count


class PyTorchConfiguration:
    """How many processes of PyTorch run on how many machines."""

    def __init__(self, communication_backend: str = "Nccl", process_count: int | None = None, node_count: int = 1) -> None:
        self.communication_backend, self.process_count, self.node_count = communication_backend, process_count, node_count


class TensorflowConfiguration:
    """How many workers and parameter servers run."""

    def __init__(self, worker_count: int = 1, parameter_server_count: int = 1) -> None:
        self.worker_count, self.parameter_server_count = worker_count, parameter_server_count


class ParallelTaskConfiguration:
    """How many workers run on how many machines."""

    def __init__(self, max_retries_per_worker: int = 0, worker_count_per_node: int = 1, terminal_exit_codes: Sequence[int] = ()) -> None:
        self.max_retries_per_worker, self.worker_count_per_node = max_retries_per_worker, worker_count_per_node
        self.terminal_exit_codes = list(terminal_exit_codes)


class AmlComputeConfiguration:
    """A cluster made for one run; every cluster is this machine."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.vm_size: str | None = None
        self.vm_priority: str | None = None
        self.cluster_max_node_count = 1
        self.retain_cluster = False


class DataReferenceConfiguration:
    """A place on a datastore, by names."""

    def __init__(
        self, datastore_name: str | None = None, mode: str = "mount", path_on_datastore: str | None = None,
        path_on_compute: str | None = None, overwrite: bool = False,
    ) -> None:  # fmt: skip
        self.data_store_name = datastore_name
        self.mode = mode
        self.path_on_data_store = path_on_datastore
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite


class DataLocation:
    """A dataset by its id or name, or a path."""

    def __init__(self, dataset: Any = None, data_path: Any = None, uri: Any = None, type: str | None = None) -> None:  # noqa: A002
        self.dataset, self.data_path, self.uri, self.type = dataset, data_path, uri, type


class Data:
    """Data that a script gets."""

    def __init__(
        self, data_location: DataLocation | None = None, create_output_directories: bool = False, mechanism: str | None = None,
        environment_variable_name: str | None = None, path_on_compute: str | None = None, overwrite: bool = False, options: Any = None,
    ) -> None:  # fmt: skip
        self.data_location, self.mechanism, self.options = data_location, mechanism, options
        self.create_output_directories, self.overwrite = create_output_directories, overwrite
        self.environment_variable_name, self.path_on_compute = environment_variable_name, path_on_compute


class OutputData:
    """Data that a script leaves."""

    def __init__(
        self, output_location: Any = None, mechanism: str | None = None, additional_options: Any = None,
        environment_variable_name: str | None = None,
    ) -> None:  # fmt: skip
        self.output_location, self.mechanism = output_location, mechanism
        self.additional_options, self.environment_variable_name = additional_options, environment_variable_name
