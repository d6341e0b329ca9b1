"""What the steps of one submission run in and on: each environment as it is on the step's target, looked at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from functools import cached_property

import msgspec

from stepwell_runner.environments.changes import describe_change
from stepwell_runner.environments.identity import Identity, identify
from stepwell_runner.environments.placed import placed
from stepwell_runner.environments.provide import Provided, provide, provide_image
from stepwell_runner.graph.model import EnvironmentSpec, Step
from stepwell_runner.planning.reasons import EnvironmentChanged
from stepwell_runner.targets.kinds import KINDS
from stepwell_runner.targets.registry import TargetSpec, make, resolve
from stepwell_store.errors import UsageError
from stepwell_store.files import make_dir, write_atomic
from stepwell_store.ledger.compute import ComputeTarget, list_targets
from stepwell_store.workspace import Workspace

_Key = tuple[EnvironmentSpec, str]


class Habitats:
    """The environments and targets of one submission."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._identities: dict[_Key, Identity] = {}
        self._lock = threading.Lock()

    @cached_property
    def defined(self) -> tuple[ComputeTarget, ...]:
        """The compute targets that people defined, as they were when somebody asked first."""
        return tuple(list_targets(self._workspace.database))

    def target(self, step: Step) -> TargetSpec:
        """The step's target; UsageError when there is none of its name."""
        return resolve(step.target, self.defined, str(self._workspace.root))

    def environment(self, step: Step) -> EnvironmentSpec:
        """The step's environment as it is on its target; UsageError when the two do not go together."""
        try:
            return placed(step.environment, self.target(step))
        except UsageError as error:
            raise UsageError(f"step {step.name}: {error.what}", where=error.where, todo=error.todo) from error

    def identity(self, step: Step) -> Identity:
        """The identity of the step's environment."""
        key = (step.environment, step.target)
        with self._lock:
            found = self._identities.get(key)
            if found is None:
                found = self._identities[key] = identify(self.environment(step), str(self._workspace.cache), self.target(step).settings)
        return found

    def provide(self, step: Step, progress: Callable[[str], None]) -> Provided:
        """The environment, made when it is not there yet."""
        target, spec, envs = self.target(step), self.environment(step), str(self._workspace.envs)
        if KINDS[target.kind].containers:
            return provide_image(spec, target.settings, envs, str(self._workspace.cache), progress)
        return provide(spec, envs, progress)

    def reach(self, steps: Iterable[Step]) -> None:
        """MachineError when one of the steps runs in containers and its engine does not answer."""
        for target in {step.target: self.target(step) for step in steps}.values():
            if KINDS[target.kind].containers:
                make(target)

    def keep(self, step: Step) -> None:
        """Remember the facts behind the step's environment, so that a later change of it can be told in words."""
        found = self.identity(step)
        path = self._facts_path(found.digest)
        if not os.path.exists(path):
            make_dir(os.path.dirname(path))
            write_atomic(path, msgspec.json.encode(found.facts), durable=False)

    def explain(self, step: Step, reason: EnvironmentChanged) -> EnvironmentChanged:
        """The reason with what differs, where the facts of both environments are known."""
        try:
            with open(self._facts_path(reason.old or ""), "rb") as file:
                old = msgspec.json.decode(file.read(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            return reason
        return EnvironmentChanged(reason.old, reason.new, describe_change(old, self.identity(step).facts))

    def _facts_path(self, digest: str) -> str:
        return os.path.join(self._workspace.cache, "environments", digest.partition(":")[2])
