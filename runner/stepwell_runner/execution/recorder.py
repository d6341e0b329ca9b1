"""Writes what happens to the ledger: events gather and go out together, and whoever listens hears of them once they are durable."""

from __future__ import annotations

from collections.abc import Callable

from stepwell_store.ledger.events import AnyEvent
from stepwell_store.workspace import Workspace

Listener = Callable[[AnyEvent], None]


class Recorder:
    """Collects the events of one run; `flush` makes them durable in one transaction."""

    def __init__(self, workspace: Workspace, run: str, listener: Listener | None = None) -> None:
        self._workspace = workspace
        self._listener = listener
        self._waiting: list[AnyEvent] = []
        self.run = run

    def first(self, make: Callable[[int], AnyEvent], *more: AnyEvent) -> None:
        """Write the event that creates the run, which is given the next number, and others after it."""
        events = self._workspace.record_run(make, more)
        self._tell(events)

    def add(self, event: AnyEvent) -> None:
        """Note an event, to be written by the next flush."""
        self._waiting.append(event)

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
