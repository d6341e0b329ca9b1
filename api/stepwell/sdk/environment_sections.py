"""The parts of an environment: Python, container, Spark, R."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.libraries import EggLibrary, JarLibrary, MavenLibrary, PyPiLibrary, RCranLibrary


class PythonSection:
    """The Python part of an environment; `user_managed_dependencies` takes the interpreter at `interpreter_path` as it is.

    `conda_dependencies_file` is used where no `conda_dependencies` are given.
    """

    def __init__(self, **_: Any) -> None:
        self._conda: CondaDependencies | None = None
        self._conda_is_ours = False
        self.conda_dependencies_file: str | None = None
        self.base_conda_environment: str | None = None
        self.user_managed_dependencies = False
        self.interpreter_path = "python"

    @property
    def conda_dependencies(self) -> CondaDependencies:
        """The packages. They can be added to before anybody has given any; as long as there are none, nothing was asked for."""
        if self._conda is None:
            self._conda, self._conda_is_ours = CondaDependencies(), True
        return self._conda

    @conda_dependencies.setter
    def conda_dependencies(self, given: CondaDependencies | None) -> None:
        self._conda, self._conda_is_ours = given, False

    @property
    def given_dependencies(self) -> CondaDependencies | None:
        """The packages, None when nobody has given any."""
        return None if self._conda_is_ours and self._conda is not None and self._conda.is_empty else self._conda

    def dependencies(self) -> CondaDependencies | None:
        """The packages, also when they are in a file."""
        if self.given_dependencies is None and self.conda_dependencies_file is not None:
            return CondaDependencies(self.conda_dependencies_file)
        return self.given_dependencies


class ContainerRegistry:
    """Where an image is pulled from. User and password are never stored."""

    def __init__(self, **_: Any) -> None:
        self.address: str | None = None
        self.username: str | None = None
        self.password: str | None = None
        self.registry_identity: Any = None


class DockerBuildContext:
    """A folder from which an image is built."""

    def __init__(
        self, location_type: str | None = None, location: str | None = None, dockerfile_path: str = "Dockerfile", **_: Any
    ) -> None:
        self.location_type, self.location, self.dockerfile_path = location_type, location, dockerfile_path

    @classmethod
    def from_local_directory(
        cls, workspace: object, path: str | os.PathLike[str], dockerfile_path: str = "Dockerfile",  # noqa: ARG003
    ) -> DockerBuildContext:  # fmt: skip
        """A folder of this machine."""
        return cls("local", os.path.abspath(os.fspath(path)), dockerfile_path)


class DockerSection:
    """The container part of an environment. It counts on a target that runs containers; steps that are processes of this machine
    do without."""

    def __init__(self, **_: Any) -> None:
        self.enabled = False
        self.base_image: str | None = None
        self.base_dockerfile: str | None = None
        self.base_image_registry = ContainerRegistry()
        self.build_context: DockerBuildContext | None = None
        self.platform: Any = None
        self.arguments: list[str] = []
        self.shm_size: str | None = None
        self.shared_volumes = True
        self.gpu_support: bool | None = None


class SparkPackage:
    """A package by Maven coordinates."""

    def __init__(self, group: str | None = None, artifact: str | None = None, version: str | None = None) -> None:
        self.group, self.artifact, self.version = group, artifact, version


class SparkSection:
    """The Spark part of an environment."""

    def __init__(
        self, repositories: Sequence[str] | None = None, packages: Sequence[SparkPackage] | None = None, precache_packages: bool = True
    ) -> None:
        self.repositories = list(repositories or ())
        self.packages = list(packages or ())
        self.precache_packages = precache_packages


class DatabricksSection:
    """Libraries for a Databricks cluster."""

    def __init__(self, **_: Any) -> None:
        self.maven_libraries: list[MavenLibrary] = []
        self.pypi_libraries: list[PyPiLibrary] = []
        self.rcran_libraries: list[RCranLibrary] = []
        self.jar_libraries: list[JarLibrary] = []
        self.egg_libraries: list[EggLibrary] = []


class CRanPackage:
    """A package of R by its name."""

    def __init__(self, name: str | None = None, version: str | None = None, repository: str | None = None) -> None:
        self.name, self.version, self.repository = name, version, repository


RCranPackage = CRanPackage


class GitHubPackage:
    """A package of R in a repository."""

    def __init__(self, repository: str | None = None, auth_token: str | None = None) -> None:
        self.repository = repository
        self._auth_token = auth_token


class RSection:
    """The R part of an environment."""

    def __init__(self, **_: Any) -> None:
        self.r_version: str | None = None
        self.user_managed = False
        self.rscript_path: str | None = None
        self.snapshot_date: str | None = None
        self.cran_packages: list[Any] = []
        self.github_packages: list[Any] = []
        self.custom_url_packages: list[str] = []
        self.bioconductor_packages: list[str] = []
