"""Which steps belong to a pipeline, in an order in which they could run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from stepwell.sdk.exceptions import CollectionError, PipelineError
from stepwell.sdk.ports import Outlet
from stepwell.sdk.steps.base import PipelineStep
from stepwell.sdk.steps.sequence import StepSequence


class Membership:
    """The steps of a pipeline. `producers` says which of them leaves an output; `before` which ones must end before each."""

    def __init__(self, listed: Any, resolve_closure: bool) -> None:
        self.producers: dict[Outlet, PipelineStep] = {}
        self.before: dict[PipelineStep, list[PipelineStep]] = {}
        self._sequences: dict[PipelineStep, list[PipelineStep]] = {}
        self._closed = resolve_closure
        self._listed = dict.fromkeys(self._flat(listed))
        listed_by_author = list(self._listed)
        for step in listed_by_author:
            self._own_outputs(step)
        for step in listed_by_author:
            if step not in self.before:
                self._visit(step)
        self.steps = self._ordered()

    def _flat(self, item: Any) -> list[PipelineStep]:
        kind = type(item)
        if isinstance(item, PipelineStep):
            return [item]
        if kind is list:
            return [step for element in item for step in self._flat(element)]
        if kind is StepSequence:
            groups = [group for element in item if (group := self._flat(element))]
            for earlier, later in pairwise(groups):
                for step in later:
                    self._sequences.setdefault(step, []).extend(earlier)
            return [step for group in groups for step in group]
        outlet = getattr(item, "outlet", None)
        if isinstance(outlet, Outlet):
            return [self._producer(outlet, item, "the list of steps")]
        raise CollectionError(f"steps cannot be given in a {kind.__name__}", todo="Use a list, a StepSequence or a step.")

    def _producer(self, outlet: Outlet, item: Any, reader: str) -> PipelineStep:
        step = self.producers.get(outlet) or outlet.producer
        if step is None:
            raise PipelineError(
                f"no step leaves {item!r}, which {reader} needs", todo="List it in the `outputs` of the step that writes it."
            )
        return step

    def _own_outputs(self, step: PipelineStep) -> None:
        for name, output in step.outputs.items():
            owner = self.producers.setdefault(output.outlet, step)
            if owner is not step:
                raise PipelineError(
                    f"output '{name}' is left by two steps: '{owner.name}' and '{step.name}'",
                    todo="Give each step an output of its own; a step that only reads it lists it in `inputs` "
                    "(an OutputFileDatasetConfig as .as_input()).",
                )

    def _visit(self, start: PipelineStep) -> None:
        """Find what a step and all before it need."""
        found = [start]
        while found:
            step = found.pop()
            if step in self.before:
                continue
            needed = list(self._needed(step))
            self.before[step] = needed
            for other in needed:
                if other not in self._listed:
                    self._pull_in(other, step)
                if other not in self.before:
                    found.append(other)

    def _needed(self, step: PipelineStep) -> Iterator[PipelineStep]:
        for name, binding in step.inputs.items():
            outlet = getattr(binding.bind_object, "outlet", None)
            if outlet is not None:
                producer = self.producers.get(outlet)
                yield producer or self._producer(outlet, binding.bind_object, f"input '{name}' of step '{step.name}'")
        yield from self.ordered_before(step)

    def ordered_before(self, step: PipelineStep) -> list[PipelineStep]:
        """Those that must end before a step because the author says so, not for their data."""
        return step.predecessors + self._sequences[step] if step in self._sequences else step.predecessors

    def _pull_in(self, step: PipelineStep, needed_by: PipelineStep) -> None:
        if not self._closed:
            raise PipelineError(f"step '{needed_by.name}' needs step '{step.name}', which is not listed and resolve_closure is off")
        self._listed[step] = None
        self._own_outputs(step)

    def _ordered(self) -> list[PipelineStep]:
        """Steps behind those that they need, otherwise as listed. A circle is left for the check of the graph."""
        order: dict[PipelineStep, None] = {}
        seen: set[PipelineStep] = set()
        for start in self._listed:
            path = [(start, iter(self.before[start]))] if start not in seen else []
            seen.add(start)
            while path:
                step, waiting = path[-1]
                following = next((other for other in waiting if other not in seen), None)
                if following is None:
                    order[step] = None
                    path.pop()
                else:
                    seen.add(following)
                    path.append((following, iter(self.before[following])))
        return list(order)
