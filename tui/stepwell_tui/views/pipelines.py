"""Pipeline files of the project and pipelines that ran, and what a file would do now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from stepwell_runner.graph.model import Graph
from stepwell_runner.verbs.submit import Submission, prepare
from stepwell_runner.watch.states import States, states
from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace
from stepwell_tui.render.graph.adapt import drawable
from stepwell_tui.render.graph.model import Edge, Node

DEEPEST = 4
"""How many folders below the project pipeline files are looked for."""
MOST_FILES = 2000
ENDINGS = (".py", ".yml", ".yaml")
"""Of files that may define a pipeline: Python, and pipeline jobs in YAML."""
LAST_RUNS = 8
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist"})


class PipelineItem(msgspec.Struct, frozen=True):
    """A pipeline: its name, its file if there is one in the project, and how its last runs ended, the oldest first."""

    name: str
    path: str | None
    last: tuple[str, ...]


def pipelines(workspace: Workspace, is_pipeline: Callable[[Path], bool]) -> list[PipelineItem]:
    """The files of the project that look like pipelines, then pipelines that only the ledger knows."""
    files = [str(path) for path in sorted(_candidates(workspace.base)) if is_pipeline(path)]
    rows = workspace.database.read("SELECT source, pipeline FROM runs WHERE source IS NOT NULL GROUP BY source")
    sources: dict[str, str] = dict(rows)
    known = [row[0] for row in workspace.database.read("SELECT DISTINCT pipeline FROM runs ORDER BY pipeline")]
    found = [_of_file(workspace, path, sources.get(path)) for path in files]
    shown = {item.name for item in found}
    return found + [PipelineItem(name, None, _last(workspace, name)) for name in known if name not in shown]


def _of_file(workspace: Workspace, path: str, name: str | None) -> PipelineItem:
    return PipelineItem(name or os.path.relpath(path, workspace.base), path, _last(workspace, name))


def _candidates(base: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, files in os.walk(base):
        depth = len(Path(folder).relative_to(base).parts)
        folders[:] = [name for name in folders if depth < DEEPEST and not name.startswith(".") and name not in _SKIPPED]
        for name in files:
            if name.endswith(ENDINGS):
                seen += 1
                if seen > MOST_FILES:
                    return
                yield Path(folder, name)


def _last(workspace: Workspace, name: str | None) -> tuple[str, ...]:
    if name is None:
        return ()
    return tuple(run.status for run in reversed(history.list_runs(workspace.database, pipeline=name, limit=LAST_RUNS)))


class PlanView(msgspec.Struct, frozen=True):
    """What a pipeline file would do now, and how it looks."""

    graph: Graph
    states: States
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def plan_view(workspace: Workspace, graph: Graph, source: str) -> PlanView:
    """Plan a loaded pipeline with its own defaults."""
    now = states(workspace, prepare(workspace, Submission(graph=graph, source=source)))
    nodes, edges = drawable(graph, {one.step: LOOKS[one.state] for one in now})
    return PlanView(graph, now, tuple(nodes), tuple(edges))


LOOKS = {"fresh": "Fresh", "stale": "Stale", "follows": "Waits", "unknown": "Unknown"}
"""States of steps → the words of render.status."""
