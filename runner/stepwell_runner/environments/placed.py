"""What the environment of a step means on its target: an interpreter of this machine, or an image."""

from __future__ import annotations

import msgspec

from stepwell_runner.graph.model import Dockerfile, EnvironmentSpec, Image, Interpreter, Packages
from stepwell_runner.targets.kinds import KINDS
from stepwell_runner.targets.registry import TargetSpec
from stepwell_store.errors import UsageError


def placed(spec: EnvironmentSpec, target: TargetSpec) -> EnvironmentSpec:
    """The environment for this target: an Image, a Dockerfile or Packages on top of one where its kind runs containers, else
    anything but these. UsageError when the two do not go together."""
    return _in_container(spec, target) if KINDS[target.kind].containers else _on_machine(spec, target)


def _in_container(spec: EnvironmentSpec, target: TargetSpec) -> EnvironmentSpec:
    if isinstance(spec, Image | Dockerfile):
        return spec
    image = spec.image or _default(target)
    if isinstance(spec, Packages):
        return msgspec.structs.replace(spec, image=image)
    return msgspec.structs.replace(image, python=spec.path) if isinstance(spec, Interpreter) else image


def _default(target: TargetSpec) -> Image:
    reference = target.settings.get("image")
    if reference is None:
        raise UsageError(f"which image? The step's environment names none, and neither does the compute target {target.name}",
                         todo="give the step an environment with an image, or the target one:"
                              f" stepwell compute add {target.name} --kind {target.kind} --set image=python:3.12-slim")
    return Image(reference=reference)


def _on_machine(spec: EnvironmentSpec, target: TargetSpec) -> EnvironmentSpec:
    if isinstance(spec, Image | Dockerfile):
        what = f"the image {spec.reference}" if isinstance(spec, Image) else "an image that is built from a Dockerfile"
        raise UsageError(f"the environment of the step is {what}, and the compute target {target.name} runs processes",
                         todo="run it where containers run: --target docker")
    return spec if spec.image is None else msgspec.structs.replace(spec, image=None)
