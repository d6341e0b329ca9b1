"""What v1 says of containers, as the graph holds it: the image of an environment, and what a step asks of the machine.

It counts on a compute target that runs containers; steps that are processes do without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.exceptions import PipelineError
from stepwell_runner.graph.model import Dockerfile, Image, Resources
from stepwell_runner.targets.values import gpus, number, size, switch

if TYPE_CHECKING:
    from stepwell.sdk.environment_sections import DockerSection
    from stepwell.sdk.steps.base import PipelineStep

_NOTHING = Resources()
_USUAL_SHM = "2g"
_FLAGS = {"--gpus": "gpus", "--shm-size": "shm", "--memory": "memory", "-m": "memory", "--cpus": "cpus", "--network": "network",
          "--net": "network"}  # fmt: skip


def image_of(docker: DockerSection) -> Image | Dockerfile | None:
    """The image that an environment names, or is to be built from; None when it says nothing of one."""
    if docker.build_context is not None and docker.build_context.location:
        return Dockerfile(context=docker.build_context.location, path=docker.build_context.dockerfile_path)
    if docker.base_dockerfile:
        return Dockerfile(text=docker.base_dockerfile)
    if not docker.base_image:
        return None
    address = docker.base_image_registry.address
    there = not address or docker.base_image.startswith(f"{address}/")
    return Image(reference=docker.base_image if there else f"{address}/{docker.base_image}")


def resources_of(step: PipelineStep) -> Resources:
    """What a step asks for: its own `resources` first, then what its run configuration and environment say as arguments of Docker."""
    if step.runconfig is None and not step.options:
        return _NOTHING
    asked = {**_of_docker(step), **(step.options.get("resources") or {})}
    if not asked:
        return _NOTHING
    try:
        return msgspec.convert({name: _value(name, value) for name, value in asked.items()}, Resources)
    except (ValueError, msgspec.ValidationError) as error:
        raise PipelineError(f"step '{step.name}' asks for resources that cannot be: {error}",
                            todo="For example: resources={'memory': '4g', 'cpus': 2, 'gpus': 'all', 'network': 'host'}.") from error


def _of_docker(step: PipelineStep) -> dict[str, Any]:
    found: dict[str, Any] = {}
    environment = step.environment
    if environment is not None:
        if environment.docker.gpu_support:
            found |= {"gpus": "all", "gpus_optional": True}
        found |= _shm(environment.docker.shm_size) | dict(_flags(environment.docker.arguments))
    if step.runconfig is not None and step.runconfig.docker is not None:
        found |= _shm(step.runconfig.docker.shm_size) | dict(_flags(step.runconfig.docker.arguments))
    return found


def _shm(text: str | None) -> dict[str, Any]:
    return {} if text in (None, _USUAL_SHM) else {"shm": text}


def _flags(arguments: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """What words of `docker run` ask for; those that mean nothing here are passed over."""
    words = iter([word for argument in arguments for word in str(argument).split()])
    for word in words:
        flag, equals, value = word.partition("=")
        if flag in _FLAGS:
            yield _FLAGS[flag], value if equals else next(words, "")


def _value(name: str, value: Any) -> Any:
    text = str(value)
    known: Mapping[str, Any] = {"memory": size, "shm": size, "cpus": number, "gpus_optional": switch}
    if name == "gpus":
        gpus(text)
        return text
    if name not in known and name != "network":
        raise ValueError(f"there is no {name!r} among {', '.join(Resources.__struct_fields__)}")
    return known[name](text) if name in known and isinstance(value, str) else value
