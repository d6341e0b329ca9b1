"""The environment that a path names."""

from __future__ import annotations

import os

from stepwell_runner.graph.model import CurrentInterpreter, EnvironmentSpec, Interpreter, Packages
from stepwell_store.errors import UsageError

CURRENT = "current"
"""What stands, in place of a path, for the interpreter that Stepwell runs under."""


def environment_at(path: str, where: str) -> EnvironmentSpec:
    """A conda file (`.yml`), a requirements file (`.txt`), an interpreter, or the folder of an environment that has one.

    `where` is who names it, for the UsageError of a path that is not there.
    """
    if path == CURRENT:
        return CurrentInterpreter()
    python = os.path.join(path, "bin", "python")
    if os.path.exists(python):
        return Interpreter(python)
    if not os.path.isfile(path):
        raise UsageError(f"there is no file {path}", where=where)
    if path.endswith((".yml", ".yaml")):
        from stepwell_runner.environments.conda import read_conda

        return read_conda(path)
    if path.endswith(".txt"):
        from stepwell_runner.environments.requirements import read_requirements

        return Packages(requirements=read_requirements(path))
    return Interpreter(path)
