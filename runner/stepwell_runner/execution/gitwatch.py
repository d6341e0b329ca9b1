"""Git facts of a run, gathered beside it: they take longer than a small run does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from stepwell_store.content.gitfacts import find_repository, gather
from stepwell_store.content.objects import ObjectStore
from stepwell_store.errors import StepwellError


class GitFactsLater:
    """The facts of the repository that a folder is in; none without a folder or a repository."""

    def __init__(self, folder: str | None, objects: ObjectStore) -> None:
        self._folder = folder
        self._objects = objects
        self._facts: dict[str, Any] | None = None
        self._thread: threading.Thread | None = None

    def start(self, done: Callable[[], None]) -> None:
        """Begin to look; `done` is called from another thread when the answer is there."""
        if self._folder is None or find_repository(self._folder) is None:
            return
        self._thread = threading.Thread(target=self._look, args=(done,), name="git facts", daemon=True)
        self._thread.start()

    def _look(self, done: Callable[[], None]) -> None:
        assert self._folder is not None
        with suppress(StepwellError):  # no run fails for want of them
            facts = gather(self._folder, self._objects)
            self._facts = None if facts is None else msgspec.to_builtins(facts)
        done()

    def result(self) -> dict[str, Any] | None:
        """Wait for the facts; None when there are none."""
        if self._thread is not None:
            self._thread.join()
        return self._facts
