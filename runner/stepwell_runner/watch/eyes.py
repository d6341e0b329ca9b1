"""Two ways to notice that files change: the system tells (watchfiles), or one looks again and again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from stepwell_runner.watch.places import Place, Seal

STEP_MS = 25
"""A batch ends when nothing happened for so long."""

BATCH_MS = 1000

POLL_S = 0.5
POLL_SHARE = 20
"""Between two looks pass this many times what one takes, if that is longer."""


class Lost(Exception):
    """Something happened that cannot be told; watching has to begin anew."""


class Eyes(Protocol):
    """Notices changes from the moment that it was made."""

    def wait(self, seconds: float) -> set[str]:
        """The paths that changed, or in whose folders files came or went; empty after the seconds, or when it shall stop."""
        ...

    def close(self) -> None:
        """Notice nothing more."""
        ...


class Told:
    """The system tells of changes directly in these folders. OSError when it cannot, FileNotFoundError when one is gone."""

    def __init__(self, folders: Iterable[str], stop: threading.Event) -> None:
        from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

        self._problems = WatchfilesRustInternalError
        self._stop = stop
        watched = [folder for folder in folders if _is_utf8(folder) and os.access(folder, os.R_OK | os.X_OK)]
        try:
            # The last argument must be False: True hides not only missing permissions but also that watches have run out.
            self._notify = RustNotify(watched, False, False, 0, False, False)
        except WatchfilesRustInternalError as error:
            raise OSError(str(error)) from error

    def wait(self, seconds: float) -> set[str]:
        """See Eyes; Lost when a name cannot be told."""
        try:
            found = self._notify.watch(BATCH_MS, STEP_MS, max(1, int(seconds * 1000)), self._stop)
        except self._problems as error:  # a name that is no UTF-8; every further call would fail too
            raise Lost from error
        if found == "signal":
            raise KeyboardInterrupt
        return {path for _, path in found} if isinstance(found, set) else set()

    def close(self) -> None:
        """See Eyes."""
        self._notify.close()


def _is_utf8(path: str) -> bool:
    return not any("\udc80" <= letter <= "\udcff" for letter in path)


class Looking:
    """Looks at the files of these places from time to time."""

    def __init__(self, places: Sequence[Place], stop: threading.Event) -> None:
        self._places = places
        self._stop = stop
        self._pause = POLL_S
        self._seal = self._look()

    def _look(self) -> Seal:
        begun = time.monotonic()
        found: Seal = {}
        for place in self._places:
            found |= place.seal()
        self._pause = max(POLL_S, POLL_SHARE * (time.monotonic() - begun))
        return found

    def wait(self, seconds: float) -> set[str]:
        """See Eyes."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._stop.wait(min(left, self._pause)):
            before, self._seal = self._seal, self._look()
            changed = {path for path in before | self._seal if before.get(path) != self._seal.get(path)}
            if changed:
                return changed
        return set()

    def close(self) -> None:
        """See Eyes."""
