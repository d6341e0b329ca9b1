"""One pipeline that is watched: what is known of it, and how it is looked at again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from stepwell_runner.graph.model import FromData, Graph, Scalar, Step
from stepwell_runner.planning.decide import Reuse, Run
from stepwell_runner.verbs.submit import Prepared, Submission, prepare
from stepwell_runner.watch.news import Looked, Trouble
from stepwell_runner.watch.places import Place, Seal, definition, used
from stepwell_runner.watch.states import States, changed, gone, states, unknown
from stepwell_store.content.digest import FileChanged
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import StepwellError
from stepwell_store.workspace import Workspace

_CLOCK_S = 0.02
"""By how much the clock of a file system may be late."""


class Pipeline(msgspec.Struct, frozen=True):
    """A pipeline to be watched: the absolute path of its file, what loads it (StepwellError says why not), and parameters."""

    file: str
    load: Callable[[], Graph]
    parameters: Mapping[str, Scalar | DatasetDefinition] = {}


class Watched:
    """A pipeline as it was when it was looked at last.

    `is_pending` when steps would run or may have to, `is_edited` when the last look found another plan for what somebody
    edited, `is_moving` when it found files that were just being written.
    """

    def __init__(self, workspace: Workspace, pipeline: Pipeline) -> None:
        self.file = pipeline.file
        self.is_pending = self.is_edited = self.is_moving = False
        self._workspace = workspace
        self._pipeline = pipeline
        self._graph: Graph | None = None
        self._defined: list[Place] = definition(self.file, workspace)
        self._used: list[Place] = []
        self._seal: Seal = {}
        self._loading = (0.0, 0.0)
        self._must_load = True
        self._edited = True
        self._looks = 0
        self._states: States = ()
        self._signature: tuple[object, ...] = ()
        self._trouble: Trouble | None = None

    @property
    def places(self) -> list[Place]:
        """Where edits count for it."""
        return [*self._defined, *self._used]

    def hear(self, paths: Iterable[str]) -> bool:
        """Take note of edits; whether there is a reason to look."""
        defining = [path for path in paths if any(place.concerns(path) for place in self._defined) and not self._wrote(path)]
        using = any(place.concerns(path) for place in self._used for path in paths)
        self._must_load = self._must_load or bool(defining)
        self._edited = self._edited or using or bool(defining)
        return using or bool(defining)

    def _wrote(self, path: str) -> bool:
        """Whether it was the pipeline file itself that wrote this, while it was loaded: then loading again would write it again."""
        try:
            at = os.stat(path).st_ctime
        except OSError:
            return False
        return path != self.file and self._loading[0] - _CLOCK_S <= at <= self._loading[1]

    def suspect(self) -> None:
        """Somebody may have edited something that nobody told of."""
        self._edited = True

    def look(self, arm: Callable[[], None]) -> Looked | None:
        """Plan anew; what the last plan did not say, if anything. `arm` is called when `places` are known, before looking at them."""
        self._looks += 1
        self.is_edited = self.is_moving = False
        try:
            return self._plan(arm)
        except FileChanged:  # somebody is writing just now
            self.is_moving = True
            return None
        except StepwellError as error:
            return self._broken(Trouble(error.what, error.where, error.todo))

    def _plan(self, arm: Callable[[], None]) -> Looked | None:
        graph = self._load()
        values = [*(one.default for one in graph.parameters), *self._pipeline.parameters.values()]
        self._defined = definition(self.file, self._workspace, graph.files)
        self._used = used(graph, values, self._workspace)
        arm()
        prepared = prepare(self._workspace, Submission(graph=graph, source=self.file, parameters=self._pipeline.parameters))
        return self._planned(prepared)

    def _load(self) -> Graph:
        seal: Seal = {}
        for place in self._defined:
            seal |= place.seal()
        if self._graph is None or self._must_load or seal != self._seal:
            begun = time.time()
            self._must_load, self._seal, self._graph = False, seal, None
            try:
                self._graph = self._pipeline.load()
            finally:
                self._loading = (begun, time.time())
        return self._graph

    def _planned(self, prepared: Prepared) -> Looked | None:
        seen = _signature(prepared)
        old, mended = self._states, self._trouble is not None
        self.is_edited = self._edited and (mended or seen != self._signature)
        self.is_pending = bool(prepared.plan.pending())
        self._edited = False
        self._signature, self._trouble = seen, None
        self._states = states(self._workspace, prepared)
        if self._states == old and not mended and self._looks > 1:
            return None
        return self._said(states=self._states, changed=changed(old, self._states), gone=gone(old, self._states), mended=mended)

    def _broken(self, trouble: Trouble) -> Looked | None:
        self.is_pending = False
        if trouble == self._trouble:
            return None
        self._trouble = trouble
        return self._said(states=unknown(self._states), trouble=trouble)

    def _said(self, *, states: States, changed: States = (), gone: tuple[str, ...] = (), trouble: Trouble | None = None,
              mended: bool = False) -> Looked:
        return Looked(pipeline=self.file, look=self._looks, at=time.time(), states=states, changed=changed, gone=gone, trouble=trouble,
                      mended=mended)

    def submission(self) -> Submission:
        """What would be run now."""
        assert self._graph is not None
        return Submission(graph=self._graph, source=self.file, parameters=self._pipeline.parameters)


def _signature(prepared: Prepared) -> tuple[object, ...]:
    """What a plan is made from, as far as a person can edit it: another one is a reason to run again."""
    steps = {step.key: step for step in prepared.graph.steps}
    found: list[object] = []
    for key, decision in prepared.plan.decisions.items():
        match decision:
            case Run(fingerprint=fingerprint):
                found.append((key, "runs", fingerprint))
            case Reuse(past):
                found.append((key, "reused", past.fingerprint))
            case _:
                found.append((key, *_parts(prepared, steps[key])))
    return tuple(found)


def _parts(prepared: Prepared, step: Step) -> tuple[object, ...]:
    sight = prepared.sight
    return (step, sight.source(step) if step.source else None, [sight.file(path) for path in step.hash_paths],
            [sight.data(one.binding.data) for one in step.inputs if isinstance(one.binding, FromData)])
