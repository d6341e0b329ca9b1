"""What v1 says of containers, as the graph holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.containers import image_of, resources_of
from stepwell.sdk.environment import Environment
from stepwell.sdk.environment_sections import DockerBuildContext, DockerSection
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.runconfig import RunConfiguration
from stepwell.sdk.steps.command import CommandStep
from stepwell_runner.graph.model import CurrentInterpreter, Dockerfile, Image, Interpreter, Packages, Resources


def docker(**fields: Any) -> DockerSection:
    found = DockerSection()
    for name, value in fields.items():
        setattr(found, name, value)
    return found


def test_the_image_of_an_environment(tmp_path: Path) -> None:
    registry = docker(base_image="team/image:1")
    registry.base_image_registry.address = "registry.example"
    context = DockerBuildContext.from_local_directory(None, tmp_path, "docker/Dockerfile")
    assert image_of(docker()) is None
    assert image_of(docker(base_image="python:3.12")) == Image(reference="python:3.12")
    assert image_of(registry) == Image(reference="registry.example/team/image:1")
    assert image_of(docker(base_dockerfile="FROM python:3.12")) == Dockerfile(text="FROM python:3.12")
    assert image_of(docker(build_context=context)) == Dockerfile(context=str(tmp_path), path="docker/Dockerfile")


def test_an_image_goes_with_whatever_the_environment_is_without_it() -> None:
    image = Image(reference="python:3.12")
    plain = Environment("e")
    plain.docker.base_image = "python:3.12"
    assert plain.compiled() == CurrentInterpreter(image)
    plain.python.user_managed_dependencies = True
    assert plain.compiled() == CurrentInterpreter(image)
    plain.python.interpreter_path = "/opt/python"
    assert plain.compiled() == Interpreter("/opt/python", image)
    packed = Environment.from_dependencies("e", CondaDependencies.create(pip_packages=["six"]))
    packed.docker.base_image = "python:3.12"
    compiled = packed.compiled()
    assert isinstance(compiled, Packages)
    assert (compiled.requirements, compiled.image) == (("six",), image)


def step(**keywords: Any) -> CommandStep:
    return CommandStep("true", name="only", source_directory=".", **keywords)


def test_a_step_asks_for_nothing_unless_it_says_so() -> None:
    assert resources_of(step()) == Resources()
    assert resources_of(step(runconfig=RunConfiguration())) == Resources()


def test_resources_of_a_step() -> None:
    asked = {"memory": "4g", "cpus": 1.5, "gpus": "all", "gpus_optional": True, "network": "host", "shm": 1024}
    assert resources_of(step(resources=asked)) == Resources(
        memory=4 << 30, cpus=1.5, gpus="all", gpus_optional=True, network="host", shm=1024)
    assert resources_of(step(resources={"gpus": 2})) == Resources(gpus="2")


def test_words_of_docker_count_and_those_of_the_step_win() -> None:
    configuration = RunConfiguration()
    configuration.environment.docker.gpu_support = True
    configuration.docker.arguments = ["--gpus", "2", "--shm-size=8g", "-m 1g", "--privileged", "-v", "/:/host"]
    assert resources_of(step(runconfig=configuration)) == Resources(gpus="2", gpus_optional=True, shm=8 << 30, memory=1 << 30)
    assert resources_of(step(runconfig=configuration, resources={"gpus": "id:1", "memory": 5})).gpus == "id:1"


@pytest.mark.parametrize("asked", [{"memory": "much"}, {"disk": "1g"}, {"gpus": "one;two"}, {"cpus": "-1"}])
def test_resources_that_cannot_be_are_told(asked: dict[str, Any]) -> None:
    with pytest.raises(PipelineError, match="asks for resources that cannot be"):
        resources_of(step(resources=asked))
