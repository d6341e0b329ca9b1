"""Compute targets that a pipeline takes for granted: in its workspace in the cloud they exist, here nobody has made them.

A cluster that a step names is made on the spot: this machine, without a limit of its own. A name that is nearly that of a target that
exists is not, for it is a slip. Looking one up by `ComputeTarget(workspace, name)` stays an error where it would be caught, because
drivers make the cluster then.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from stepwell.sdk.compute import kept
from stepwell_runner.targets.kinds import KINDS

if TYPE_CHECKING:
    from stepwell.sdk.compute.base import ComputeTarget
    from stepwell.sdk.workspace import Workspace
    from stepwell_runner.graph.model import Graph

VARIABLE = "STEPWELL_DRIVER"
"""Environment variable that is set in the processes of drivers, notebooks and doors."""

_KINDS = {"DatabricksStep": "Databricks", "SynapseSparkStep": "SynapseSpark", "AdlaStep": "DataLakeAnalytics"}


def is_driver() -> bool:
    """Whether this process is a driver that `stepwell exec` started."""
    return bool(os.environ.get(VARIABLE))


def define(workspace: Workspace, graph: Graph) -> None:
    """Define the targets that the steps name and that are not there."""
    from difflib import get_close_matches

    for step in graph.steps:
        if step.target not in KINDS and kept.find(workspace, step.target) is None and not get_close_matches(step.target, KINDS):
            _make(workspace, step.target, _KINDS.get(step.kind, "AmlCompute"))


def unless_expected(workspace: Workspace, name: str) -> kept.Kept | None:
    """In a driver that would not catch the error of a missing target, the target, made now."""
    from stepwell.sdk.compute.expected import is_error_expected

    if not is_driver() or not isinstance(name, str) or is_error_expected():
        return None
    _make(workspace, name, "AmlCompute")
    return kept.find(workspace, name)


def _make(workspace: Workspace, name: str, kind: str) -> None:
    kept.put(workspace, name, kind, {}, implied=True)
    print(f"compute target {name} was not defined; it stands for this machine now (`stepwell compute ls`)", file=sys.stderr)


class Targets(dict[str, "ComputeTarget"]):
    """The compute targets of a workspace by name; one that is asked for by its name is there."""

    def __init__(self, workspace: Workspace, found: dict[str, ComputeTarget]) -> None:
        super().__init__(found)
        self._workspace = workspace

    def __missing__(self, name: str) -> ComputeTarget:
        from stepwell.sdk.compute.base import ComputeTarget

        _make(self._workspace, name, "AmlCompute")
        self[name] = ComputeTarget(self._workspace, name)
        return self[name]
