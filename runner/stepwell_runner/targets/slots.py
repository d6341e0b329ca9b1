"""How many jobs run at once on a compute target, across threads, runs and processes: one locked file per job that runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Self

from stepwell_runner.targets.protocol import Cancellation
from stepwell_store.errors import UsageError
from stepwell_store.files import FileLock, make_dir

RETRY_S = 0.015
"""How long a slot that another process gave back may stay unnoticed. One that this process gave back is noticed at once."""


class Slot:
    """The right to run one job, until released or left as a context, or until the process dies."""

    def __init__(self, lock: FileLock, returned: Callable[[], None]) -> None:
        self._lock = lock
        self._returned = returned

    def release(self) -> None:
        """Give it back; more than once is fine."""
        if self._lock.held:
            self._lock.release()
            self._returned()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Slots:
    """`count` slots of the target `name`, as lock files in `folder`. Make one per process and share it among threads."""

    def __init__(self, folder: str, name: str, count: int) -> None:
        if "/" in name or name.startswith(".") or not name:
            raise UsageError(f"{name!r} cannot be the name of a compute target", todo="Use letters, digits, - and _.")
        if count < 1:
            raise UsageError(f"the compute target {name!r} has room for {count} jobs", todo="Give it room for one at least.")
        make_dir(folder)
        self._paths = tuple(os.path.join(folder, f"{name}-{index}.lock") for index in range(count))
        self._changed = threading.Condition()
        self._held = 0
        self._next = os.getpid() % count  # processes begin at different files, so that they seldom try the same one
        self._someone_retries = False

    def acquire(self, cancel: Cancellation) -> Slot | None:
        """A slot, as soon as one is free; None when asked to stop before that."""
        if cancel.is_set():
            return None
        return self.try_acquire() or self._wait(cancel)

    def try_acquire(self) -> Slot | None:
        """A slot if one is free now."""
        with self._changed:
            return self._try()

    def _wait(self, cancel: Cancellation) -> Slot | None:
        cancel.listen(self._wake_all)
        try:
            with self._changed:
                slot = self._try()  # one may have been given back before we listened
                while slot is None and not cancel.is_set():
                    self._wait_for_change()
                    slot = self._try()
                self._changed.notify()  # hands on a wake-up that was not for us, and the duty to retry
                return slot
        finally:
            cancel.unlisten(self._wake_all)

    def _wait_for_change(self) -> None:
        """Until a slot may be free. One thread looks at the other processes' locks; the rest wait for this process's own."""
        if self._someone_retries or self._held == len(self._paths):
            self._changed.wait()
            return
        self._someone_retries = True
        try:
            self._changed.wait(RETRY_S)
        finally:
            self._someone_retries = False

    def _try(self) -> Slot | None:
        if self._held == len(self._paths):
            return None
        for offset in range(len(self._paths)):
            index = (self._next + offset) % len(self._paths)
            lock = FileLock(self._paths[index])
            if lock.try_acquire():
                self._held += 1
                self._next = index + 1
                return Slot(lock, self._returned)
        return None

    def _returned(self) -> None:
        with self._changed:
            self._held -= 1
            self._changed.notify()

    def _wake_all(self) -> None:
        with self._changed:
            self._changed.notify_all()
