"""What an attempt left running when its runner died, for kinds of targets whose work outlives the runner."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Protocol

from stepwell_runner.targets.kinds import KINDS
from stepwell_runner.targets.protocol import Cancellation, Outcome


class Left(Protocol):
    """The work of one attempt that may go on without a runner. Each method raises MachineError when its engine does not answer."""

    def is_running(self) -> bool:
        """Whether it goes on."""
        ...

    def follow(self, cancel: Cancellation) -> Outcome:
        """Wait for its end, within the time limit that it was started with; how it ended. Nothing of it is left then."""
        ...

    def discard(self) -> None:
        """End it and remove it."""
        ...


def left_in(folder: str, home: str) -> Left | None:
    """What the attempt in this folder left; None for one that ran as a process, which dies with its runner's session."""
    for kind in KINDS.values():
        if kind.record is not None and os.path.exists(os.path.join(folder, kind.record)):
            module, _, attribute = kind.left.partition(":")
            found: Left | None = getattr(import_module(module), attribute)(folder, home)
            return found
    return None
