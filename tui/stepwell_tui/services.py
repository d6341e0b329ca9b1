"""What the door above hands in, because this floor may not reach up for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    from stepwell_runner.graph.model import Graph


class Services(Protocol):
    """Called in threads."""

    def load(self, path: Path, root: Path) -> Graph:
        """The graph that a pipeline file defines; UsageError says what is wrong with the file."""
        ...

    def is_pipeline(self, path: Path) -> bool:
        """Whether a file looks like a pipeline file, from a look at its text; nothing is run."""
        ...

    def address(self, workspace: Workspace, path: str) -> str:
        """The whole address of one of the routes of the workspace's server, such as `/PipelineRuns`."""
        ...
