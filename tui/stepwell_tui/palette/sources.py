"""Where the things come from that `:` knows. What asks the workspace is called in a thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.binding import ActiveBinding

from stepwell_runner.verbs.ingredients import brief
from stepwell_store.ledger import history, lineage, publishing
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.actions import PLACES, SCOPES
from stepwell_tui.keys import key_text
from stepwell_tui.palette.entries import Entry
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import age_text
from stepwell_tui.settings import THEME_NAMES
from stepwell_tui.views.datasets import registered
from stepwell_tui.views.datastores import stores
from stepwell_tui.views.environments import environments
from stepwell_tui.views.paths import near
from stepwell_tui.views.pipelines import pipelines

if TYPE_CHECKING:
    from stepwell_tui.services import Services

NEWEST = 100
"""Runs and snapshots that are there before anything is typed."""
MOST_FOUND = 50

Source = Callable[[Workspace], list[Entry]]

_ELSEWHERE = ("palette", "filter", "back", "quit.now")
_KNOWN = [action.id for scope in sorted(SCOPES, key="everywhere".__eq__) for action in SCOPES[scope]
          if not action.id.startswith("go.") and action.id not in _ELSEWHERE]
"""What is offered, in this order: what can be done on a screen before what can be done everywhere."""


def places() -> list[Entry]:
    """Every place with its digit."""
    return [Entry(kind="place", key=name, name=title, keys=(digit,)) for digit, name, title in PLACES]


def doings(bindings: Iterable[ActiveBinding]) -> list[Entry]:
    """What the keys of a screen do, with those keys; what only moves the cursor is left out."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for _, binding, enabled, _ in bindings:
        if enabled and binding.id in _KNOWN:
            _, keys = found.get(binding.id, ("", ()))
            found[binding.id] = binding.description, (*keys, key_text(binding.key))
    return [Entry(kind="action", key=name, name=found[name][0], keys=found[name][1]) for name in _KNOWN if name in found]


def _themes(_: Workspace) -> list[Entry]:
    return [Entry(kind="theme", key=name, name=name) for name in THEME_NAMES]


def sources(services: Services) -> list[Source]:
    """What the workspace holds, and themes; what takes longest comes last."""
    return [_runs, _datasets, _datastores, _published, _endpoints, _snapshots, _themes, partial(_pipelines, services=services),
            _environments]


def runs_like(workspace: Workspace, word: str) -> list[Entry]:
    """The newest runs, of all, that have this number or hold this word."""
    numbered = history.list_runs(workspace.database, text=f"#{word}", limit=1) if word.isdecimal() else []
    return [*map(_run, numbered), *map(_run, history.list_runs(workspace.database, text=word, limit=MOST_FOUND))]


def _runs(workspace: Workspace) -> list[Entry]:
    return [_run(run) for run in history.list_runs(workspace.database, limit=NEWEST)]


def _run(run: Run) -> Entry:
    look = look_of(run.status)
    return Entry(kind="run", key=run.id, name=f"#{run.number} {run.pipeline}", colour=look.colour, also=f"{run.id} {run.experiment}",
                 detail=f"{look.glyph} {look.word}, {_ago(run.created_at)}")


def _ago(at: float) -> str:
    return age_text(max(0.0, time.time() - at))


def _datasets(workspace: Workspace) -> list[Entry]:
    return [Entry(kind="dataset", key=one.name, name=one.name, detail=one.description or one.kind) for one in registered(workspace)]


def _datastores(workspace: Workspace) -> list[Entry]:
    return [Entry(kind="datastore", key=one.name, name=one.name, detail=near(one.folder or one.kind, workspace.base))
            for one in stores(workspace)]


def _published(workspace: Workspace) -> list[Entry]:
    return [Entry(kind="published", key=one.id, name=one.name, detail=_version(one.version, one.status), also=one.id)
            for one in publishing.list_published(workspace.database)]


def _version(version: str | None, status: str) -> str:
    return ", ".join([*([f"version {version}"] if version else []), status.lower()])


def _endpoints(workspace: Workspace) -> list[Entry]:
    return [Entry(kind="endpoint", key=one.id, name=one.name, detail=_version(one.default_version, one.status), also=one.id)
            for one in publishing.list_endpoints(workspace.database)]


def _snapshots(workspace: Workspace) -> list[Entry]:
    return [Entry(kind="snapshot", key=one.digest, name=brief(one.digest), detail=f"#{one.number}/{one.step}, {_ago(one.started_at)}",
                  also=one.digest) for one in lineage.snapshots(workspace.database, NEWEST)]


def _pipelines(workspace: Workspace, services: Services) -> list[Entry]:
    return list(_of_items(workspace, services))


def _of_items(workspace: Workspace, services: Services) -> Iterator[Entry]:
    for one in pipelines(workspace, services.is_pipeline):
        yield Entry(kind="pipeline", key=one.path or one.name, name=one.name, detail=_file(workspace, one.path))


def _file(workspace: Workspace, path: str | None) -> str:
    return "only its runs are here" if path is None else near(path, workspace.base)


def _environments(workspace: Workspace) -> list[Entry]:
    return [Entry(kind="environment", key=one.key, name="current" if one.kind == "current" else one.key[:12], detail=one.words)
            for one in environments(workspace)]
