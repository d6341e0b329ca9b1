"""Estimators: a script, its arguments and what it needs, as older scripts describe a training run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.environment import Environment
from stepwell.sdk.exceptions import TrainingException
from stepwell.sdk.runconfig import MONTH_S, RunConfiguration
from stepwell.sdk.runconfig_sections import MpiConfiguration, TensorflowConfiguration

Mpi = MpiConfiguration
Gloo = Nccl = ParameterServer = TensorflowConfiguration


class Estimator:
    """A script with what it needs; `run_config` is how it would run."""

    framework_package: str | None = None
    """What pip calls the framework of a subclass."""

    def __init__(
        self,
        source_directory: str | os.PathLike[str],
        *,
        compute_target: Any = None,
        entry_script: str | None = None,
        script_params: Mapping[str, Any] | None = None,
        node_count: int = 1,
        process_count_per_node: int = 1,
        distributed_training: Any = None,
        distributed_backend: str | None = None,
        use_gpu: bool = False,
        use_docker: bool = True,
        custom_docker_image: str | None = None,
        custom_docker_base_image: str | None = None,
        image_registry_details: Any = None,
        user_managed: bool = False,
        conda_packages: Sequence[str] | None = None,
        pip_packages: Sequence[str] | None = None,
        conda_dependencies_file: str | None = None,
        conda_dependencies_file_path: str | None = None,
        pip_requirements_file: str | None = None,
        pip_requirements_file_path: str | None = None,
        environment_variables: Mapping[str, str] | None = None,
        environment_definition: Environment | None = None,
        inputs: Sequence[Any] | None = None,
        shm_size: str | None = None,
        resume_from: Any = None,
        max_run_duration_seconds: int | None = MONTH_S,
        framework_version: str | None = None,
        **_: Any,
    ) -> None:
        if not entry_script:
            raise TrainingException("an estimator needs an entry_script")
        self.source_directory = os.fspath(source_directory)
        self.entry_script = entry_script
        self.script_params = dict(script_params or {})
        self.inputs = list(inputs or ())
        self.resume_from = resume_from
        self.framework_version = framework_version
        self.node_count, self.process_count_per_node = node_count, process_count_per_node
        self.distributed_training = distributed_training or distributed_backend
        self.run_config = RunConfiguration(entry_script)
        self.run_config.node_count = node_count
        self.run_config.max_run_duration_seconds = max_run_duration_seconds
        self.run_config.mpi.process_count_per_node = process_count_per_node
        if compute_target is not None:
            self.run_config.target = compute_target
        self.run_config.environment = environment_definition or self._environment(
            user_managed, conda_packages, pip_packages, conda_dependencies_file or conda_dependencies_file_path,
            pip_requirements_file or pip_requirements_file_path)  # fmt: skip
        self.run_config.environment_variables = dict(environment_variables or {})
        section = self.run_config.environment.docker
        section.enabled = section.enabled or use_docker
        section.base_image = custom_docker_image or custom_docker_base_image or section.base_image
        section.gpu_support, section.shm_size = use_gpu or section.gpu_support, shm_size or section.shm_size
        if image_registry_details is not None:
            section.base_image_registry = image_registry_details

    @property
    def conda_dependencies(self) -> CondaDependencies | None:
        """Its packages."""
        return self.run_config.environment.python.conda_dependencies

    def _environment(
        self, user_managed: bool, conda: Sequence[str] | None, pip: Sequence[str] | None, conda_file: str | None, pip_file: str | None
    ) -> Environment:
        made = Environment(f"{type(self).__name__.lower()}-environment")
        made.python.user_managed_dependencies = user_managed
        packages = CondaDependencies(None if conda_file is None else os.path.join(self.source_directory, conda_file))
        if pip_file is not None:
            packages.set_pip_requirements(os.path.join(self.source_directory, pip_file))
        for line in conda or ():
            packages.add_conda_package(line)
        for line in pip or ():
            packages.add_pip_package(line)
        if self.framework_package is not None:
            packages.add_pip_package(self.framework_package + (f"=={self.framework_version}" if self.framework_version else ""))
        made.python.conda_dependencies = packages
        return made

    def arguments(self) -> list[Any]:
        """`script_params` as a list: a name, and its value unless that is empty."""
        return [part for name, value in self.script_params.items() for part in ((name,) if value in ("", None) else (name, value))]


class SKLearn(Estimator):
    """An estimator with scikit-learn."""

    framework_package = "scikit-learn"


class PyTorch(Estimator):
    """An estimator with PyTorch."""

    framework_package = "torch"


class TensorFlow(Estimator):
    """An estimator with TensorFlow."""

    framework_package = "tensorflow"


class Keras(Estimator):
    """An estimator with Keras."""

    framework_package = "keras"


class Chainer(Estimator):
    """An estimator with Chainer."""

    framework_package = "chainer"
