"""The Java machines of one runner: one per step that runs at the moment, and a few that wait for the next."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping

from stepwell_runner.targets.protocol import Cancellation
from stepwell_runner.targets.spark.archive import Archive
from stepwell_runner.targets.spark.jvm import Jvm, Launch, start

IDLE = 2
"""How many may wait. Each keeps its memory."""

STEPS = 100
"""After so many steps a Java machine is not used again: what dead steps left in it adds up."""


class Pool:
    """Hands out Java machines. `folder` is where theirs are, on the same disk as the folders of steps."""

    def __init__(self, folder: str, archive: Callable[[Launch], Archive]) -> None:
        self._folder = folder
        self._archive = archive
        self._idle: list[Jvm] = []
        self._count = 0
        self._lock = threading.Lock()

    def take(self, launch: Launch, variables: Mapping[str, str], cancel: Cancellation, say: Callable[[str], object]) -> Jvm | None:
        """One that was started this way, waiting or new; None when asked to stop. MachineError when it does not come up."""
        with self._lock:
            waiting = next((jvm for jvm in self._idle if jvm.launch == launch and jvm.is_alive), None)
            if waiting is not None:
                self._idle.remove(waiting)
                return waiting
            self._count += 1
            folder = os.path.join(self._folder, f"{os.getpid()}-{id(self):x}-{self._count}")
        say("starting Java for Spark; the next step finds it running")
        return start(launch, folder, self._archive(launch), variables, cancel)

    def give_back(self, jvm: Jvm, reusable: bool) -> None:
        """It is no longer needed by the step that had it."""
        with self._lock:
            self._idle.insert(0, jvm)
            retired = self._idle[IDLE:] if reusable and jvm.steps < STEPS else [jvm]
            self._idle = [one for one in self._idle if one not in retired]
        for one in retired:
            one.close()

    def close(self) -> None:
        """End all that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for jvm in idle:
            jvm.close()
