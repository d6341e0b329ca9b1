"""Looks after the line and the schedules of a workspace for as long as a server lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from stepwell_runner.execution.ownership import recover
from stepwell_runner.queue.dispatch import dispatch
from stepwell_store.errors import StepwellError
from stepwell_store.workspace import Workspace

LOOK_S = 1.0
"""How long a run that waits may go unnoticed when nobody rang, and by how much a schedule may be late."""

PAUSE_S = 0.05
"""How long it looks away after each look."""

Tick = Callable[[Workspace, float], object]


class Keeper:
    """A thread that starts what waits and calls `tick` with the time. It ends runs whose runners died, so that they hold no room."""

    def __init__(self, workspace: Workspace, tick: Tick, complain: Callable[[str], None], clock: Callable[[], float] = time.time) -> None:
        self._workspace = workspace
        self._tick = tick
        self._complain = complain
        self._clock = clock
        self._rung = threading.Event()
        self._quiet = threading.Event()
        self._stopped = False
        self._said = ""
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ring(self) -> None:
        """Say that something waits. Any thread may."""
        self._rung.set()

    def stop(self) -> None:
        """End, after what is being done."""
        self._stopped = True
        self._quiet.set()
        self._rung.set()
        self._thread.join()

    def _keep(self) -> None:
        looked = -LOOK_S
        while not self._stopped:
            try:
                if time.monotonic() - looked >= LOOK_S:
                    looked = time.monotonic()
                    self._tick(self._workspace, self._clock())
                    recover(self._workspace)
                self._start_waiting()
            except StepwellError as error:  # a full disk, say: it may be better the next time
                self._say_once(str(error))
            self._rung.wait(LOOK_S)
            self._quiet.wait(PAUSE_S)  # many may ring at once
            self._rung.clear()

    def _start_waiting(self) -> None:
        while not self._stopped and dispatch(self._workspace, at_most=1):
            continue

    def _say_once(self, problem: str) -> None:
        if problem != self._said:
            self._said = problem
            self._complain(problem)
