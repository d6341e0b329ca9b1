"""What passes between the runner and the process of a step. The package in `travel/` is the step's side of it."""

from __future__ import annotations

import os
import sys

TRAVEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "travel")
"""The folder that goes on the module path of every step."""


def door(root: str) -> tuple[str, ...]:
    """The command by which a step asks the workspace at `root`; the module is above this floor, and named only."""
    return (sys.executable, "-P", "-m", "stepwell.azureml.door", root)
