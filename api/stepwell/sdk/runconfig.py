"""How a step is run: environment and target together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.environment import Environment
from stepwell.sdk.exceptions import PipelineError


class DockerConfiguration:
    """How a container would be run. It is kept as it is given and has no effect: steps run as processes of this machine."""

    def __init__(
        self, use_docker: bool = False, shared_volumes: bool = True, arguments: Sequence[str] = (), shm_size: str | None = "2g"
    ) -> None:
        self.use_docker = use_docker
        self.shared_volumes = shared_volumes
        self.arguments = list(arguments)
        self.shm_size = shm_size


class RunConfiguration:
    """An environment, a target (by name or object) and environment variables, for the `runconfig` of steps.

    `docker`, `framework`, `communicator` and `node_count` are kept and have no effect on steps that are local processes.
    """

    def __init__(
        self,
        script: str | None = None,
        arguments: Sequence[Any] | None = None,
        framework: str | None = None,
        communicator: str | None = None,
        conda_dependencies: CondaDependencies | None = None,
        command: str | Sequence[Any] | None = None,
    ) -> None:
        self.script = script
        self.arguments = list(arguments or ())
        self.command = command
        self.target: Any = "local"
        self.environment = Environment("default-environment")
        self.environment.python.conda_dependencies = conda_dependencies
        self.environment_variables: dict[str, str] = {}
        self.framework = framework or "Python"
        self.communicator = communicator or "None"
        self.node_count = 1
        self.docker = DockerConfiguration()


class ScriptRunConfig:
    """A script or a command with all that it needs to run; the `runconfig` of a CommandStep."""

    def __init__(
        self,
        source_directory: str,
        script: str | None = None,
        arguments: Sequence[Any] | None = None,
        run_config: RunConfiguration | None = None,
        compute_target: Any = None,
        environment: Environment | None = None,
        command: str | Sequence[Any] | None = None,
        docker_runtime_config: DockerConfiguration | None = None,
    ) -> None:
        if (script is None) == (command is None):
            raise PipelineError("a ScriptRunConfig needs a script or a command, and not both")
        self.source_directory = source_directory
        self.script = script
        self.arguments = list(arguments or ())
        self.command = command
        self.run_config = run_config or RunConfiguration(script, arguments)
        self.run_config.command = command
        if environment is not None:
            self.run_config.environment = environment
        if compute_target is not None:
            self.run_config.target = compute_target
        if docker_runtime_config is not None:
            self.run_config.docker = docker_runtime_config
