"""ParallelRunConfig in YAML files: one mapping under the key `parallel_run_config`."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from stepwell.sdk import yaml_files
from stepwell.sdk.exceptions import ComputeTargetException, PipelineError
from stepwell.sdk.parameter import PipelineParameter

if TYPE_CHECKING:
    from stepwell.sdk.environment import Environment
    from stepwell.sdk.parallel_run_config import ParallelRunConfig
    from stepwell.sdk.workspace import Workspace

KEY = "parallel_run_config"

_PLAIN = (
    "entry_script", "error_threshold", "output_action", "node_count", "process_count_per_node", "mini_batch_size", "source_directory",
    "description", "logging_level", "run_invocation_timeout", "run_max_try", "append_row_file_name", "allowed_failed_count",
    "allowed_failed_percent", "partition_keys", "environment_variables",
)  # fmt: skip
_ELSEWHERE = ("compute_target_name", "environment", "environment_name", "environment_version", "environment_dir_path", "input_format")


def load(workspace: Workspace, path: str | os.PathLike[str]) -> ParallelRunConfig:
    """The configuration in a file. PipelineError says what of it cannot be; empty values are as if they were not there."""
    from stepwell.sdk.parallel_run_config import ParallelRunConfig

    place = os.fspath(path)
    given = _read(place)
    unknown = sorted(set(given) - {*_PLAIN, *_ELSEWHERE})
    if unknown:
        known = ", ".join((*_PLAIN, *_ELSEWHERE[:5]))
        raise PipelineError(f"{KEY} has no setting {unknown[0]!r}", where=place, todo=f"Settings are: {known}.")
    folder = os.path.dirname(os.path.abspath(place))
    settings: dict[str, Any] = {name: given[name] for name in _PLAIN if name in given}
    source = settings.get("source_directory")
    if isinstance(source, str) and not os.path.isdir(source):
        settings["source_directory"] = os.path.join(folder, source)
    for name in ("entry_script", "error_threshold", "output_action", "node_count"):
        settings.setdefault(name, None)
    environment, target = _environment(workspace, given, folder), _target(workspace, given, place)
    return ParallelRunConfig(environment=environment, compute_target=target, **settings)


def _read(path: str) -> dict[str, Any]:
    document = yaml_files.read(path, "configuration", PipelineError)
    found = document.get(KEY) if isinstance(document, dict) else None
    if not isinstance(found, dict):
        raise PipelineError(f"the configuration has no mapping under {KEY}", where=path)
    return {str(name): value for name, value in found.items() if value not in (None, "")}


def _target(workspace: Workspace, given: dict[str, Any], path: str) -> Any:
    from stepwell.sdk.compute.base import ComputeTarget

    name = given.get("compute_target_name")
    if not isinstance(name, str):
        raise PipelineError("the configuration names no compute_target_name", where=path)
    with suppress(ComputeTargetException):
        return ComputeTarget(workspace, name)
    return name


def _environment(workspace: Workspace, given: dict[str, Any], folder: str) -> Environment:
    from stepwell.sdk import environment_files
    from stepwell.sdk.environment import Environment

    inline = given.get("environment")
    if isinstance(inline, dict):
        return environment_files.from_document(inline, folder)
    if isinstance(inline, str):
        return _from_file(os.path.join(folder, inline))
    if "environment_dir_path" in given:
        return Environment.load_from_directory(os.path.join(folder, str(given["environment_dir_path"])))
    if "environment_name" in given:
        return Environment.get(workspace, str(given["environment_name"]), given.get("environment_version"))
    raise PipelineError(f"{KEY} names no environment", todo="Use environment, environment_dir_path or environment_name.")


def _from_file(path: str) -> Environment:
    from stepwell.sdk import environment_files

    document = yaml_files.read(path, "environment", PipelineError)
    if not isinstance(document, dict):
        raise PipelineError("the environment is no mapping", where=path)
    return environment_files.from_document(document, os.path.dirname(path))


def save(config: ParallelRunConfig, path: str | os.PathLike[str]) -> None:
    """Write the configuration as `load` reads it, with the whole environment. A parameter is written as its default."""
    import yaml

    from stepwell.sdk import environment_files

    settings: dict[str, Any] = {name: _plain(getattr(config, name)) for name in _PLAIN}
    target = config.compute_target
    found = {
        **{name: value for name, value in settings.items() if value not in (None, {}, [])},
        "compute_target_name": target if isinstance(target, str) else target.name,
        "environment": environment_files.to_document(config.environment),
    }
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump({KEY: found}, file, sort_keys=False)


def _plain(value: Any) -> Any:
    return value.default_value if isinstance(value, PipelineParameter) else value
