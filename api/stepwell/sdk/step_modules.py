"""The modules that travel with steps, for use in a driver: one implementation of `Run` and of reading datasets for both."""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

import stepwell
import stepwell_runner


def step_module(name: str) -> ModuleType:
    """A module of the step-side package `stepwell`, such as `data`.

    In the process of a step that package is `stepwell` itself; here its folder is appended to ours, so that its modules find
    one another under the names that they use there.
    """
    folder = os.path.join(os.path.dirname(os.path.abspath(stepwell_runner.__file__)), "step", "travel", "stepwell")
    if folder not in stepwell.__path__:
        stepwell.__path__.append(folder)
    return import_module(f"stepwell.{name}")
