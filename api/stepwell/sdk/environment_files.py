"""Environments as documents with v1's camelCase keys: registered, in folders, inside run configurations."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.environment_sections import CRanPackage, DockerBuildContext, GitHubPackage, RSection, SparkPackage
from stepwell.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from stepwell.sdk.environment import Environment

FILE = "azureml_environment.json"
CONDA_FILE = "conda_dependencies.yml"


def to_document(environment: Environment, *, name: bool = True) -> dict[str, Any]:
    """All that an environment says, without secrets."""
    found = {
        "environmentVariables": dict(environment.environment_variables),
        "python": _python(environment),
        "docker": _docker(environment),
        "spark": {
            "repositories": list(environment.spark.repositories),
            "packages": [{"group": one.group, "artifact": one.artifact, "version": one.version} for one in environment.spark.packages],
            "precachePackages": environment.spark.precache_packages,
        },
        "r": None if environment.r is None else _r(environment.r),
        "inferencingStackVersion": environment.inferencing_stack_version,
    }
    return {"name": environment.name, "version": environment.version, **found} if name else found


def _python(environment: Environment) -> dict[str, Any]:
    section = environment.python
    dependencies = section.dependencies() if not section.user_managed_dependencies else section.given_dependencies
    return {
        "userManagedDependencies": section.user_managed_dependencies,
        "interpreterPath": section.interpreter_path,
        "condaDependencies": None if dependencies is None else dependencies.as_dict(),
        "baseCondaEnvironment": section.base_conda_environment,
    }


def _docker(environment: Environment) -> dict[str, Any]:
    section = environment.docker
    context = section.build_context
    return {
        "enabled": section.enabled, "baseImage": section.base_image, "baseDockerfile": section.base_dockerfile,
        "baseImageRegistry": {"address": section.base_image_registry.address},
        "buildContext": None if context is None else {
            "locationType": context.location_type, "location": context.location, "dockerfilePath": context.dockerfile_path},
        "arguments": list(section.arguments), "shmSize": section.shm_size, "sharedVolumes": section.shared_volumes,
        "gpuSupport": section.gpu_support,
    }  # fmt: skip


def _r(section: RSection) -> dict[str, Any]:
    return {
        "rVersion": section.r_version, "userManaged": section.user_managed, "rscriptPath": section.rscript_path,
        "snapshotDate": section.snapshot_date,
        "cranPackages": [one if isinstance(one, str) else {"name": one.name, "version": one.version, "repository": one.repository}
                         for one in section.cran_packages],
        "gitHubPackages": [one if isinstance(one, str) else {"repository": one.repository} for one in section.github_packages],
        "customUrlPackages": list(section.custom_url_packages), "bioConductorPackages": list(section.bioconductor_packages),
    }  # fmt: skip


def from_document(document: dict[str, Any], folder: str) -> Environment:
    """The environment that a document describes; paths in it are relative to `folder`."""
    from stepwell.sdk.environment import Environment

    made = Environment(str(document.get("name") or "environment"))
    made.version = document.get("version")
    made.environment_variables = {str(key): str(value) for key, value in (document.get("environmentVariables") or {}).items()}
    made.inferencing_stack_version = document.get("inferencingStackVersion")
    _take_python(made, document.get("python") or {}, folder)
    _take_docker(made, document.get("docker") or {})
    _take_spark(made, document.get("spark") or {})
    if document.get("r"):
        _take_r(made, document["r"])
    return made


def _take_python(made: Environment, given: dict[str, Any], folder: str) -> None:
    section = made.python
    section.user_managed_dependencies = bool(given.get("userManagedDependencies", False))
    section.interpreter_path = given.get("interpreterPath") or "python"
    section.base_conda_environment = given.get("baseCondaEnvironment")
    inline, file = given.get("condaDependencies"), given.get("condaDependenciesFile")
    if inline is not None:
        section.conda_dependencies = CondaDependencies(_underlying_structure=inline)
    elif file:
        section.conda_dependencies_file = os.path.join(folder, file)
        if os.path.isfile(section.conda_dependencies_file):
            section.conda_dependencies = CondaDependencies(section.conda_dependencies_file)


def _take_docker(made: Environment, given: dict[str, Any]) -> None:
    section = made.docker
    section.enabled = bool(given.get("enabled", False))
    section.base_image, section.base_dockerfile = given.get("baseImage"), given.get("baseDockerfile")
    section.base_image_registry.address = (given.get("baseImageRegistry") or {}).get("address")
    section.arguments = list(given.get("arguments") or ())
    section.shm_size, section.gpu_support = given.get("shmSize"), given.get("gpuSupport")
    section.shared_volumes = given.get("sharedVolumes", True)
    context = given.get("buildContext")
    if context:
        section.build_context = DockerBuildContext(context.get("locationType"), context.get("location"), context.get("dockerfilePath", ""))


def _take_spark(made: Environment, given: dict[str, Any]) -> None:
    made.spark.repositories = list(given.get("repositories") or ())
    made.spark.packages = [SparkPackage(one.get("group"), one.get("artifact"), one.get("version")) for one in given.get("packages") or ()]
    made.spark.precache_packages = given.get("precachePackages", True)


def _take_r(made: Environment, given: dict[str, Any]) -> None:
    section = made.r = RSection()
    section.r_version, section.rscript_path = given.get("rVersion"), given.get("rscriptPath")
    section.snapshot_date = given.get("snapshotDate")
    section.user_managed = bool(given.get("userManaged", False))
    section.cran_packages = [one if isinstance(one, str) else CRanPackage(**one) for one in given.get("cranPackages") or ()]
    section.github_packages = [one if isinstance(one, str) else GitHubPackage(**one) for one in given.get("gitHubPackages") or ()]
    section.custom_url_packages = list(given.get("customUrlPackages") or ())
    section.bioconductor_packages = list(given.get("bioConductorPackages") or ())


def save(environment: Environment, path: str, overwrite: bool) -> None:
    """Write an environment into a folder, its packages as a file of their own beside it."""
    import json

    if os.path.exists(path) and not overwrite:
        raise UserErrorException(f"{path} is there already", todo="Pass overwrite=True to write into it.")
    os.makedirs(path, exist_ok=True)
    document = to_document(environment)
    conda = document["python"].pop("condaDependencies")
    if conda is not None:
        CondaDependencies(_underlying_structure=conda).save(os.path.join(path, CONDA_FILE))
        document["python"]["condaDependenciesFile"] = CONDA_FILE
    with open(os.path.join(path, FILE), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=4)


def load(path: str) -> Environment:
    """The environment in a folder."""
    import json

    file = os.path.join(path, FILE)
    try:
        with open(file, encoding="utf-8") as stream:
            document = json.load(stream)
    except OSError as error:
        raise UserErrorException(f"there is no environment in {path}: {error.strerror}", todo=f"It would be the file {FILE}.") from None
    except ValueError as error:
        raise UserErrorException(f"this is no environment: {error}", where=file) from None
    return from_document(document, path)
