"""Pipeline files of the project and pipelines that ran, and what a file would do now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from stepwell_runner.graph.model import Graph
from stepwell_runner.watch.states import States, StepState
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
    """A pipeline: its name, its file if there is one in the project, and how its last runs ended, the oldest first.

    `at` is when the newest of them was submitted, None when it never ran.
    """

    name: str
    path: str | None
    last: tuple[str, ...] = ()
    at: float | None = None


def pipelines(workspace: Workspace, is_pipeline: Callable[[Path], bool]) -> list[PipelineItem]:
    """The files of the project that look like pipelines, then pipelines that only the ledger knows."""
    files = [str(path) for path in sorted(_candidates(workspace.base)) if is_pipeline(path)]
    rows = workspace.database.read("SELECT source, pipeline FROM runs WHERE source IS NOT NULL GROUP BY source")
    sources: dict[str, str] = dict(rows)
    known = [row[0] for row in workspace.database.read("SELECT DISTINCT pipeline FROM runs ORDER BY pipeline")]
    found = [_of_file(workspace, path, sources.get(path)) for path in files]
    shown = {item.name for item in found}
    return found + [_item(workspace, name, None) for name in known if name not in shown]


def _of_file(workspace: Workspace, path: str, name: str | None) -> PipelineItem:
    return _item(workspace, name, path) if name is not None else PipelineItem(os.path.relpath(path, workspace.base), path)


def _item(workspace: Workspace, name: str, path: str | None) -> PipelineItem:
    runs = history.list_runs(workspace.database, pipeline=name, limit=LAST_RUNS)
    return PipelineItem(name, path, tuple(run.status for run in reversed(runs)), runs[0].created_at if runs else None)


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


class PlanView(msgspec.Struct, frozen=True):
    """What a pipeline file would do now, and how it looks."""

    graph: Graph
    states: States
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def plan_view(graph: Graph, now: States) -> PlanView:
    """A pipeline with the states of its steps."""
    nodes, edges = drawable(graph, {one.step: LOOKS[one.state] for one in now})
    return PlanView(graph, now, tuple(nodes), tuple(edges))


LOOKS = {"fresh": "Fresh", "stale": "Stale", "follows": "Waits", "unknown": "Unknown"}
"""States of steps → the words of render.status."""


def state_words(one: StepState) -> tuple[str, ...]:
    """What a step would do now and why, such as `stale: train.py +3`; further reasons one by one. Foreign text."""
    match one.state:
        case "stale":
            first, *more = one.why
            return f"stale: {first}", *more
        case "follows":
            return (f"may rerun: {', '.join(one.after)} {'is' if len(one.after) == 1 else 'are'} stale",)
        case state:
            return (state,)
