"""Notices that the workspace changed, and says so; what changed is read by whoever shows it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from stepwell_store.workspace import Workspace

LOOK_S = 0.2


class Changed(Message):
    """Something was written to the ledger since the last one. Only the newest of these matters."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Changed)


class Feed:
    """A thread that asks the database a few times a second whether anybody wrote. That question costs microseconds."""

    def __init__(self, workspace: Workspace, tell: Callable[[Changed], object]) -> None:
        self._workspace = workspace
        self._tell = tell
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="feed", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no longer."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        seen = self._workspace.database.data_version()
        while not self._stop.wait(LOOK_S):
            now = self._workspace.database.data_version()
            if now != seen:
                seen = now
                self._tell(Changed())
