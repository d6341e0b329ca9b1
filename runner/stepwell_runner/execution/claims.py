"""What a step must hold while it runs: a slot of its target, and the right to make the result with its fingerprint.

Both are file locks, so they hold across runs and processes and end with the process that has them. Of two runs that want
the same result one makes it; the other waits and then reuses it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from stepwell_runner.targets.slots import Slot, Slots
from stepwell_store.locks import FileLock


class Claim:
    """A slot, None for a step that runs nothing itself, and the lock on a fingerprint, None for the second step of a run that
    makes the same. The slot may go back first."""

    def __init__(self, slot: Slot | None, lock: FileLock | None) -> None:
        self._slot = slot
        self._lock = lock

    def release_slot(self) -> None:
        """Let another step run on the target."""
        if self._slot is not None:
            self._slot.release()

    def release(self) -> None:
        """Give back both."""
        self.release_slot()
        if self._lock is not None and self._lock.held:
            # The name goes first: whoever opens it afterwards makes a new file, and FileLock notices an old one.
            with suppress(FileNotFoundError):
                os.unlink(self._lock.path)
            self._lock.release()


class Claims:
    """Makes claims. `slots` gives the slots of a target by name."""

    def __init__(self, folder: str, slots: Callable[[str], Slots]) -> None:
        self._folder = os.path.join(folder, "results")
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        self._slots = slots
        self._mine: dict[str, FileLock] = {}

    def slot(self, target: str) -> Slot | None:
        """A slot of the target, or None when all are taken at present. Never waits."""
        return self._slots(target).try_acquire()

    def hold(self, fingerprint: str) -> FileLock | None:
        """The lock on a result that is being made already; None when another run makes this very result too."""
        lock = FileLock(os.path.join(self._folder, fingerprint.partition(":")[2]))
        return lock if lock.try_acquire() else None

    def claim(self, slot: Slot | None, fingerprint: str) -> Claim | None:
        """The claim on a result; None, and the slot given back, when another run makes this very result. Never waits."""
        mine = self._mine.get(fingerprint)
        if mine is not None and mine.held:
            return Claim(slot, None)
        lock = FileLock(os.path.join(self._folder, fingerprint.partition(":")[2]))
        if not lock.try_acquire():
            if slot is not None:
                slot.release()
            return None
        self._mine[fingerprint] = lock
        return Claim(slot, lock)
