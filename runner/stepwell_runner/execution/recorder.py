"""Writes what happens to the ledger: events gather and go out together, and whoever listens hears of them once they are durable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from stepwell_store.ledger.events import AnyEvent, StepDescribed, StepsReused, StepsSkipped, StepStarted
from stepwell_store.workspace import Workspace

Listener = Callable[[AnyEvent], None]


class Recorder:
    """Collects the events of one run; `flush` makes them durable in one transaction. Each step run begins with the tags `step_tags`."""

    def __init__(self, workspace: Workspace, run: str, listener: Listener | None = None,
                 step_tags: Mapping[str, str] | None = None) -> None:
        self._workspace = workspace
        self._listener = listener
        self._step_tags = dict(step_tags or {})
        self._waiting: list[AnyEvent] = []
        self.run = run

    def first(self, make: Callable[[int], AnyEvent], *more: AnyEvent) -> None:
        """Write the event that creates the run, which is given the next number, and others after it."""
        events = self._workspace.record_run(make, more)
        self._tell(events)

    def add(self, event: AnyEvent) -> None:
        """Note an event, to be written by the next flush."""
        self._waiting.append(event)
        if self._step_tags:
            self._waiting += [StepDescribed(at=event.at, run=event.run, step_run=one, tags=self._step_tags) for one in _begun(event)]

    def flush(self) -> None:
        """Write what was noted; durable when this returns. When it raises, nothing was written and all of it is still noted."""
        if not self._waiting:
            return
        self._workspace.record_all(self._waiting)
        events, self._waiting = self._waiting, []
        self._tell(events)

    def _tell(self, events: list[AnyEvent]) -> None:
        if self._listener is not None:
            for event in events:
                self._listener(event)


def _begun(event: AnyEvent) -> Iterator[str]:
    """The step runs whose rows begin with an event."""
    if isinstance(event, StepStarted):
        yield event.record.id
    elif isinstance(event, StepsReused | StepsSkipped):
        yield from (step.id for step in event.steps)
