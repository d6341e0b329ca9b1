"""What a step runs in: pip packages, a conda file, a requirements file, or an interpreter that exists."""

from __future__ import annotations

import os

from stepwell.sdk.conda import CondaDependencies
from stepwell_runner.graph.model import CurrentInterpreter, EnvironmentSpec, Interpreter


class PythonSection:
    """The Python part of an environment; `user_managed_dependencies` takes the interpreter at `interpreter_path` as it is."""

    def __init__(self) -> None:
        self.conda_dependencies: CondaDependencies | None = None
        self.user_managed_dependencies = False
        self.interpreter_path = "python"


class ContainerRegistry:
    """Where an image would be pulled from."""

    def __init__(self) -> None:
        self.address: str | None = None
        self.username: str | None = None
        self.password: str | None = None


class DockerSection:
    """The container part of an environment. It is kept as it is set and has no effect: steps run as processes of this machine."""

    def __init__(self) -> None:
        self.enabled = False
        self.base_image: str | None = None
        self.base_dockerfile: str | None = None
        self.base_image_registry = ContainerRegistry()
        self.arguments: list[str] = []
        self.shm_size: str | None = None
        self.shared_volumes = True
        self.gpu_support: bool | None = None


class Environment:
    """An environment by name. Without packages it is the interpreter that Stepwell runs under."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.python = PythonSection()
        self.docker = DockerSection()
        self.environment_variables: dict[str, str] = {}

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
        if self.python.user_managed_dependencies:
            path = self.python.interpreter_path
            return CurrentInterpreter() if path == "python" else Interpreter(os.path.abspath(path) if os.sep in path else path)
        if self.python.conda_dependencies is None:
            return CurrentInterpreter()
        packages = self.python.conda_dependencies.compiled(self.name)
        return packages if packages.requirements or packages.python else CurrentInterpreter()
