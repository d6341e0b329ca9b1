"""What serves on this machine for the environment that an unchanged driver asks for.

Drivers of v1 ask for the Python of their day, which is not to be had everywhere, and for releases that were never built for a later one.
Where another Python serves, exact versions that it does not have are replaced by near ones. The project file, `stepwell.yml`, has the
last word.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path

import msgspec

from stepwell.sdk.compute.implied import is_driver
from stepwell.sdk.environment import Environment
from stepwell.sdk.workspace import Workspace
from stepwell_runner.graph.model import EnvironmentSpec, Packages

_ASKED = r"(?P<name>[\w.-]+)(?:\[[^\]]*\])?\s*[=~>]=?=?\s*(?P<version>\d[\w.]*)"


def serving(environment: Environment, workspace: Workspace, target: str) -> EnvironmentSpec:
    """The environment as the graph holds it: in a driver, what the project file says of its name, or what can be made on the target.

    UsageError for a project file that cannot be read.
    """
    if not is_driver():
        return environment.compiled()
    named = _named(environment.name, os.getcwd())
    if named is not None:
        return named
    spec = environment.compiled()
    if not isinstance(spec, Packages) or spec.python is None or (spec.image is not None and _has_containers(workspace, target)):
        return spec
    python = _python(spec.python, workspace.open().cache)
    if python == spec.python:
        return spec
    _say(environment.name, spec.python, python)
    from stepwell.sdk import constraints

    asked = [match for line in spec.requirements if (match := re.match(_ASKED, line, re.ASCII)) is not None]
    later = {match["name"] for match in asked if constraints.is_later(match["name"], match["version"])}
    lines = dict.fromkeys([*spec.requirements, *constraints.lines(later)])
    return msgspec.structs.replace(spec, python=python, meant_for=spec.python, requirements=tuple(lines))


def _has_containers(workspace: Workspace, target: str) -> bool:
    from stepwell_store.ledger.compute import list_targets

    return {one.name: one.kind for one in list_targets(workspace.open().database)}.get(target, target) == "docker"


@cache
def _named(name: str, folder: str) -> EnvironmentSpec | None:
    from stepwell.jobs.project import find_project
    from stepwell_runner.environments.named import CURRENT, environment_at

    node = find_project(folder).environment(name)
    if node is None:
        return None
    text = str(node.value)
    return environment_at(text if text == CURRENT else os.path.join(node.folder, os.path.expanduser(text)), node.where)


@cache
def _python(wanted: str, cache_folder: Path) -> str:
    from stepwell_runner.environments.nearest import serving_python

    return serving_python(wanted, cache_folder)


@cache
def _say(name: str, wanted: str, python: str) -> None:
    print(f"environment {name}: Python {wanted} does not serve here, {python} does; for versions that it does not have near "
          f"ones serve. To choose otherwise, write below `environments:` in stepwell.yml:  {name}: CONDA-FILE, INTERPRETER or current",
          file=sys.stderr)  # fmt: skip
