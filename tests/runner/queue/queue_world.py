"""A workspace with a published pipeline of one step that says its word and then waits until it is let go."""

from __future__ import annotations

import os
from pathlib import Path

from stepwell_runner.graph.model import Graph, Parameter, ParameterRef, Step, Text
from stepwell_runner.queue.enqueue import enqueue
from stepwell_runner.verbs.publish import Called, publish_graph, submission_of
from stepwell_store import workspace as workspaces
from stepwell_store.ledger import history

SCRIPT = 'echo "$1" >> "$0/said"; while [ ! -e "$0/go" ]; do sleep 0.02; done'


class World:
    """The workspace. `go` lets every step end, now and later."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.workspace = workspaces.open_workspace(workspaces.create(base))
        word = Parameter(name="word", type="string", default="none")
        command = (Text("sh"), Text("-c"), Text(SCRIPT), Text(str(base)), ParameterRef("word"))
        step = Step(key="say", name="say", kind="CommandStep", command=command, allow_reuse=False, timeout_s=60.0)
        self.published = publish_graph(self.workspace, Graph(name="talk", steps=(step,), parameters=(word,)), name="talk")

    def submit(self, word: str, target: str | None = None, **options: object) -> str:
        """Put a run into the line."""
        submission = submission_of(self.workspace, Called(self.published), parameters={"word": word}, target=target)
        return enqueue(self.workspace, submission, **options).id  # type: ignore[arg-type]

    def said(self) -> list[str]:
        """What steps have said, in order."""
        path = self.base / "said"
        return path.read_text().split() if path.exists() else []

    def go(self) -> None:
        """Let every step end."""
        (self.base / "go").touch()

    def status(self, run: str) -> str:
        """How a run is."""
        return history.get_run(self.workspace.database, run).status

    def statuses(self, runs: list[str]) -> set[str]:
        """How they are."""
        return {self.status(run) for run in runs}


ROOM = os.cpu_count() or 1
