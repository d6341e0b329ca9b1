"""What passes between the runner and the process of a step. The package in `travel/` is the step's side of it."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

TRAVEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "travel")
"""The folder that goes on the module path of every step."""


def door(root: str) -> tuple[str, ...]:
    """The command by which a step asks the workspace at `root`; the module is above this floor, and named only."""
    return (sys.executable, "-P", "-m", "stepwell.azureml.door", root)


@cache
def travelling(name: str) -> ModuleType:
    """A module of the step's side that needs no other one of it, for what must be the same here and there."""
    spec = spec_from_file_location(f"stepwell_travelling_{name}", os.path.join(TRAVEL, "stepwell", f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
