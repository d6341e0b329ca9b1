"""Follows one pipeline file while somebody edits: a thread that iterates over a watcher and tells the screen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from stepwell_runner.graph.model import Graph
from stepwell_runner.watch.news import News
from stepwell_runner.watch.pipeline import Pipeline
from stepwell_runner.watch.watcher import Watcher
from stepwell_store.workspace import Workspace
from stepwell_tui.services import Services


class Watching:
    """Watches at most one file. `tell` is called in the thread with every piece of news, and the graph as it was loaded last."""

    def __init__(self, workspace: Workspace, services: Services, tell: Callable[[News, Graph | None], object]) -> None:
        self._workspace = workspace
        self._services = services
        self._tell = tell
        self._followed: _Followed | None = None

    @property
    def path(self) -> str | None:
        """The file that is watched."""
        return self._followed.path if self._followed is not None else None

    def follow(self, path: str | None) -> None:
        """Watch this file in place of the last one; None watches nothing. Does not wait for the last one's thread."""
        if path == self.path:
            return
        self.stop()
        if path is not None:
            self._followed = _Followed(self._workspace, self._services, path)
            threading.Thread(target=self._iterate, args=(self._followed,), name="watching", daemon=True).start()

    def stop(self) -> None:
        """Watch nothing."""
        if self._followed is not None:
            self._followed.watcher.stop()
        self._followed = None

    def _iterate(self, followed: _Followed) -> None:
        for news in followed.watcher:
            if followed is not self._followed:
                return
            self._tell(news, followed.graph)


class _Followed:
    """A file that is watched, with its graph as it was loaded last; None while that fails."""

    def __init__(self, workspace: Workspace, services: Services, path: str) -> None:
        self.path = path
        self.graph: Graph | None = None
        self.watcher = Watcher(workspace, [Pipeline(path, partial(self._load, services, workspace.root))])

    def _load(self, services: Services, root: Path) -> Graph:
        self.graph = None
        self.graph = services.load(Path(self.path), root)
        return self.graph
