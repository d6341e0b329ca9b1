"""What a step runs in: pip packages, a conda file, a requirements file, an image, or an interpreter that exists."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk import environment_files
from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.containers import image_of
from stepwell.sdk.environment_sections import (
    ContainerRegistry,
    CRanPackage,
    DatabricksSection,
    DockerBuildContext,
    DockerSection,
    GitHubPackage,
    PythonSection,
    RSection,
    SparkPackage,
    SparkSection,
)
from stepwell.sdk.exceptions import NotLocalError, UserErrorException
from stepwell_runner.graph.model import CurrentInterpreter, EnvironmentSpec, Interpreter
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

__all__ = [
    "DEFAULT_CPU_IMAGE", "DEFAULT_GPU_IMAGE", "MPI_CPU_IMAGE", "MPI_GPU_IMAGE", "CRanPackage", "CondaDependencies", "ContainerRegistry",
    "DatabricksSection", "DockerBuildContext", "DockerSection", "Environment", "GitHubPackage", "PythonSection", "RSection",
    "SparkPackage", "SparkSection",
]  # fmt: skip

DEFAULT_CPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
DEFAULT_GPU_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04"
MPI_CPU_IMAGE = DEFAULT_CPU_IMAGE
MPI_GPU_IMAGE = DEFAULT_GPU_IMAGE

KIND = "environment"
_CURATED = "AzureML-"

_EnvironmentsByName = dict[str, "Environment"]


class Environment:
    """An environment by name. Without packages it is the interpreter that Stepwell runs under."""

    def __init__(self, name: str, **_: Any) -> None:
        self.name = name
        self.version: str | None = None
        self.python = PythonSection()
        self.docker = DockerSection()
        self.spark = SparkSection()
        self.databricks = DatabricksSection()
        self.r: RSection | None = None
        self.environment_variables: dict[str, str] = {}
        self.inferencing_stack_version: str | None = None

    # --- from files

    @classmethod
    def from_conda_specification(cls, name: str, file_path: str | os.PathLike[str]) -> Environment:
        """The packages of a conda file; see `CondaDependencies` for how they are read."""
        return cls.from_dependencies(name, CondaDependencies(file_path))

    @classmethod
    def from_pip_requirements(cls, name: str, file_path: str | os.PathLike[str], pip_version: str | None = None) -> Environment:  # noqa: ARG003
        """The packages of a requirements file."""
        from stepwell_runner.environments.requirements import read_requirements

        return cls.from_packages(name, list(read_requirements(os.path.abspath(os.fspath(file_path)))))

    @classmethod
    def from_dockerfile(
        cls, name: str, dockerfile: str | os.PathLike[str], conda_specification: str | None = None, pip_requirements: str | None = None
    ) -> Environment:
        """An image built from a Dockerfile, which is given as its path or as its text, and packages that are put into it."""
        made = cls._with_packages(name, conda_specification, pip_requirements)
        made.docker.base_dockerfile = _text_or_file(dockerfile)
        return made

    @classmethod
    def from_docker_image(
        cls, name: str, image: str, container_registry: ContainerRegistry | None = None, conda_specification: str | None = None,
        pip_requirements: str | None = None,
    ) -> Environment:  # fmt: skip
        """An image that exists, and packages that are put into it."""
        made = cls._with_packages(name, conda_specification, pip_requirements)
        made.docker.base_image = image
        if container_registry is not None:
            made.docker.base_image_registry = container_registry
        return made

    @classmethod
    def from_docker_build_context(cls, name: str, docker_build_context: DockerBuildContext) -> Environment:
        """An image built from a folder with a Dockerfile."""
        made = cls(name)
        made.docker.build_context = docker_build_context
        made.python.user_managed_dependencies = True
        return made

    @classmethod
    def from_existing_conda_environment(cls, name: str, conda_environment_name: str) -> Environment | None:
        """The interpreter of a conda environment of this machine; None, with a warning, where there is none of that name."""
        from stepwell.sdk.conda_environments import interpreter_of

        found = interpreter_of(conda_environment_name)
        if found is None:
            warnings.warn(f"there is no conda environment {conda_environment_name!r} on this machine", stacklevel=2)
            return None
        return cls.from_interpreter(name, found)

    @classmethod
    def _with_packages(cls, name: str, conda_specification: str | None, pip_requirements: str | None) -> Environment:
        if conda_specification is not None and pip_requirements is not None:
            raise UserErrorException("conda_specification and pip_requirements are both given", todo="Give one of them.")
        if conda_specification is not None:
            return cls.from_conda_specification(name, conda_specification)
        if pip_requirements is not None:
            return cls.from_pip_requirements(name, pip_requirements)
        made = cls(name)
        made.python.user_managed_dependencies = True
        return made

    # --- Stepwell's own short forms

    @classmethod
    def from_packages(cls, name: str, packages: list[str], python_version: str | None = None) -> Environment:
        """Packages listed in code, as pip takes them. A Stepwell extension."""
        return cls.from_dependencies(name, CondaDependencies.create(pip_packages=packages, python_version=python_version))

    @classmethod
    def from_dependencies(cls, name: str, dependencies: CondaDependencies) -> Environment:
        """The packages of `CondaDependencies`. A Stepwell extension."""
        made = cls(name)
        made.python.conda_dependencies = dependencies
        return made

    @classmethod
    def from_interpreter(cls, name: str, path: str | os.PathLike[str]) -> Environment:
        """An interpreter that exists already, used as it is. A Stepwell extension."""
        made = cls(name)
        made.python.user_managed_dependencies = True
        made.python.interpreter_path = os.fspath(path)
        return made

    def compiled(self) -> EnvironmentSpec:
        """The environment as the graph holds it."""
        image = image_of(self.docker)
        if self.python.user_managed_dependencies:
            path = self.python.interpreter_path
            return CurrentInterpreter(image) if path == "python" else Interpreter(os.path.abspath(path) if os.sep in path else path, image)
        dependencies = self.python.dependencies()
        if dependencies is None:
            return CurrentInterpreter(image)
        packages = dependencies.compiled(self.name)
        if not (packages.requirements or packages.python):
            return CurrentInterpreter(image)
        return packages if image is None else msgspec.structs.replace(packages, image=image)

    # --- registered

    def register(self, workspace: Workspace) -> Environment:
        """Keep it under its name: as a new version when it says something new; itself, with its version."""
        database = workspace.open().database
        body = environment_files.to_document(self, name=False)
        newest = assets.find(database, KIND, self.name)
        if newest is None or newest.body != body:
            newest = assets.register(database, KIND, self.name, body)
        self.version = newest.version
        return self

    @staticmethod
    def get(workspace: Workspace, name: str, version: str | int | None = None, label: str | None = None) -> Environment:
        """A registered environment, the newest version unless one is named; UserErrorException when there is none.

        The service's own environments, whose names begin with AzureML-, are images of the cloud. Unless one was registered
        here under such a name, the interpreter that Stepwell runs under stands in for it, and a warning says so.
        """
        if label not in (None, "latest"):
            raise UserErrorException(f"there is no label {label!r} of environments", todo="The one label is: latest.")
        found = assets.find(workspace.open().database, KIND, name, None if version is None else str(version))
        if found is not None:
            return _restored(found)
        if name.startswith(_CURATED):
            warnings.warn(
                f"{name} is an image of the cloud; steps run in Stepwell's own interpreter instead. An environment registered under "
                "this name would be taken: Environment.from_conda_specification(name, file).register(workspace)",
                stacklevel=2,
            )
            return Environment(name)
        known = ", ".join(assets.newest(workspace.open().database, KIND)) or "none yet"
        raise UserErrorException(
            f"there is no environment {name!r}" + ("" if version is None else f" version {version}"), todo=f"Registered are: {known}."
        )

    @staticmethod
    def list(workspace: Workspace) -> _EnvironmentsByName:
        """The newest version of every registered environment, by name."""
        return _Known(workspace, {name: _restored(one) for name, one in assets.newest(workspace.open().database, KIND).items()})

    def clone(self, new_name: str) -> Environment:
        """A copy under another name, which is not registered."""
        made = copy.deepcopy(self)
        made.name = new_name
        made.version = None
        return made

    # --- folders

    def save_to_directory(self, path: str | os.PathLike[str], overwrite: bool = False) -> None:
        """Write it into a folder, as `azureml_environment.json` and `conda_dependencies.yml`.

        UserErrorException when the folder exists, unless `overwrite`.
        """
        environment_files.save(self, os.fspath(path), overwrite)

    @staticmethod
    def load_from_directory(path: str | os.PathLike[str]) -> Environment:
        """The environment that `save_to_directory` wrote; UserErrorException when there is none."""
        return environment_files.load(os.fspath(path))

    @staticmethod
    def add_private_pip_wheel(workspace: Workspace, file_path: str | os.PathLike[str], exist_ok: bool = False) -> str:
        """Keep a wheel with the workspace; its path, which pip takes as a requirement. UserErrorException when it is kept already."""
        store = workspace.get_default_datastore()
        name = f"wheels/{os.path.basename(os.fspath(file_path))}"
        if store.open().ls(name) and not exist_ok:
            raise UserErrorException(f"{name} is there already", todo="Pass exist_ok=True to use it.")
        store.upload_files([os.fspath(file_path)], target_path="wheels", overwrite=exist_ok, show_progress=False)
        return store.open().resolve(name)[0]

    # --- images

    def build(self, workspace: Workspace, image_build_compute: str | None = None) -> EnvironmentBuild:  # noqa: ARG002
        """Nothing is built ahead: environments are made when a step first needs them."""
        return EnvironmentBuild(self)

    def build_local(self, workspace: Workspace, platform: str | None = None, **_: Any) -> EnvironmentBuild:  # noqa: ARG002
        """The same as `build`."""
        return EnvironmentBuild(self)

    def get_image_details(self, workspace: Workspace) -> Any:  # noqa: ARG002
        """Refused: there is no image in the cloud."""
        raise NotLocalError(f"environment {self.name} has no image in the cloud", todo="`stepwell env show` tells of environments here.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Environment) and environment_files.to_document(self) == environment_files.to_document(other)

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __repr__(self) -> str:
        return f"Environment({self.name!r})"


EnvironmentDefinition = Environment
"""Its name in old releases."""


class _Known(dict[str, Environment]):
    """Environments by name; those of the service, whose names begin with AzureML-, are stood in for when they are asked for."""

    def __init__(self, workspace: Workspace, found: dict[str, Environment]) -> None:
        super().__init__(found)
        self._workspace = workspace

    def __missing__(self, name: str) -> Environment:
        if not name.startswith(_CURATED):
            raise KeyError(name)
        return Environment.get(self._workspace, name)


class EnvironmentBuild:
    """How making an environment ahead went: there was nothing to do."""

    status = "Succeeded"

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def wait_for_completion(self, show_output: bool = True) -> EnvironmentBuild:  # noqa: ARG002
        """Itself."""
        return self


def _restored(found: Asset) -> Environment:
    made = environment_files.from_document({**found.body, "name": found.name}, os.getcwd())
    made.version = found.version
    return made


def _text_or_file(dockerfile: str | os.PathLike[str]) -> str:
    given = os.fspath(dockerfile)
    if "\n" not in given and os.path.isfile(given):
        with open(given, encoding="utf-8") as file:
            return file.read()
    if "\n" not in given and not given.lstrip().upper().startswith("FROM"):
        raise UserErrorException(f"there is no Dockerfile {given}", todo="Give the path of one, or its text.")
    return given


def variables_of(environment: Environment | None) -> Mapping[str, str]:
    """The environment variables that an environment sets."""
    return {} if environment is None else environment.environment_variables
