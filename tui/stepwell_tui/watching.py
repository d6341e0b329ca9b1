"""Follows one pipeline file while somebody edits: a thread that iterates over a watcher and tells the screen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from stepwell_runner.watch.news import News
from stepwell_runner.watch.pipeline import Pipeline
from stepwell_runner.watch.watcher import Watcher
from stepwell_store.workspace import Workspace
from stepwell_tui.services import Services


class Watching:
    """Watches at most one file. `tell` is called in the thread with every piece of news."""

    def __init__(self, workspace: Workspace, services: Services, tell: Callable[[News], object]) -> None:
        self._workspace = workspace
        self._services = services
        self._tell = tell
        self._watcher: Watcher | None = None
        self._thread: threading.Thread | None = None
        self.path: str | None = None

    def follow(self, path: str | None) -> None:
        """Watch this file in place of the last one; None watches nothing. Does not wait for the last one's thread."""
        if path == self.path:
            return
        self.stop()
        self.path = path
        if path is not None:
            file = Path(path)
            pipeline = Pipeline(path, lambda: self._services.load(file, self._workspace.root))
            self._watcher = Watcher(self._workspace, [pipeline])
            self._thread = threading.Thread(target=self._iterate, args=(self._watcher,), name="watching", daemon=True)
            self._thread.start()

    def look(self) -> None:
        """Have the plan made again, as after a run."""
        if self._watcher is not None:
            self._watcher.look()

    def stop(self) -> None:
        """Watch nothing."""
        if self._watcher is not None:
            self._watcher.stop()
        self._watcher = self.path = None

    def _iterate(self, watcher: Watcher) -> None:
        for news in watcher:
            if watcher is not self._watcher:
                return
            self._tell(news)
