"""Batches of paths that changed, from eyes that are renewed as folders come and go: suggestions to look, no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from stepwell_runner.watch.eyes import Eyes, Looking, Lost, Told
from stepwell_runner.watch.gitbusy import index_locks, is_busy
from stepwell_runner.watch.places import Place

STORM = 50
"""More paths than this at once are no edit by hand but a checkout, a copy or the like, of which more may come."""

STORM_QUIET_S = 0.3
GIT_QUIET_S = 0.05
LONGEST_S = 30.0
"""A storm that lasts longer is looked at while it lasts."""

_TRIES = 3


class Hints:
    """Watches places. With `polling` the system is never asked; without, it is until that fails."""

    def __init__(self, stop: threading.Event, *, polling: bool = False) -> None:
        self.polling = polling
        self.notices: list[str] = []
        self._stop = stop
        self._places: Sequence[Place] = ()
        self._folders: frozenset[str] = frozenset()
        self._locks: list[str] = []
        self._eyes: Eyes | None = None
        self._renew = True
        self._left: set[str] = set()

    def arm(self, places: Sequence[Place]) -> None:
        """Watch these places from now on; nothing that happens between the old ones and these is missed."""
        self._places = places
        folders = frozenset(folder for place in places for folder in place.folders())
        if not self._renew and folders == self._folders and isinstance(self._eyes, Told):
            return
        old, self._eyes = self._eyes, self._open(folders)
        if old is not None:
            self._left |= self._seen(old, 0.0)
            old.close()
        self._folders = folders
        self._renew = False
        self._locks = index_locks(place.top for place in places)

    def _open(self, folders: frozenset[str]) -> Eyes:
        for _ in range(0 if self.polling else _TRIES):
            try:
                return Told(sorted(folders), self._stop)
            except FileNotFoundError:
                folders = frozenset(folder for place in self._places for folder in place.folders())
            except OSError as error:
                self.notices.append(f"the system cannot tell of changes ({error}); looking for them from time to time instead")
                break
        self.polling = True
        return Looking(self._places, self._stop)

    def gather(self, seconds: float) -> set[str]:
        """The paths that changed, once whoever changes them pauses; empty when nothing happens for the seconds."""
        paths = self._wait(seconds)
        deadline = time.monotonic() + LONGEST_S
        while paths and time.monotonic() < deadline:
            busy = is_busy(self._locks)
            if not busy and len(paths) <= STORM:
                break
            more = self._wait(STORM_QUIET_S if len(paths) > STORM else GIT_QUIET_S)
            paths |= more
            if not more and not busy:
                break
        return paths

    def _wait(self, seconds: float) -> set[str]:
        """The next paths that concern a place."""
        assert self._eyes is not None
        deadline = time.monotonic() + seconds
        paths = self._left
        self._left = set()
        while not paths and not self._stop.is_set():
            left = deadline - time.monotonic()
            paths = self._seen(self._eyes, max(0.0, left))
            if left <= 0:
                break
        return paths

    def _seen(self, eyes: Eyes, seconds: float) -> set[str]:
        try:
            paths = eyes.wait(seconds)
        except Lost:
            self._renew = True
            return {place.top for place in self._places}
        # A folder that came, went or was replaced is not watched as it was.
        self._renew = self._renew or not self._folders.isdisjoint(paths)
        return {path for path in paths if any(place.concerns(path) for place in self._places)}

    def close(self) -> None:
        """Watch nothing any longer."""
        if self._eyes is not None:
            self._eyes.close()
