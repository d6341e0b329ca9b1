"""What one sees first: what goes on, what ended last, how the last day went."""

from __future__ import annotations

import os
import time

import msgspec

from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import size_text
from stepwell_tui.views.runs import RunRow, run_rows

DAY_S = 86_400


class HomeView(msgspec.Struct, frozen=True):
    """`health` are pairs of words; `recent` the newest runs, those that go on among them."""

    recent: tuple[RunRow, ...]
    running: int
    health: tuple[tuple[str, str], ...]


def home_view(workspace: Workspace, limit: int) -> HomeView:
    """Read it."""
    rows = workspace.database.read("SELECT status, count(*) FROM runs WHERE created_at > ? GROUP BY status", (time.time() - DAY_S,))
    counts: dict[str, int] = dict(rows)
    day = "  ".join(f"{status} {count}" for status, count in sorted(counts.items())) or "none"
    health = (("runs in 24 h", day), ("runs in all", str(history.count_runs(workspace.database))), ("database", _size(workspace)),
              ("workspace", str(workspace.root)))
    return HomeView(tuple(run_rows(workspace, 0, limit)), len(history.unfinished_runs(workspace.database)), health)


def _size(workspace: Workspace) -> str:
    try:
        return size_text(os.stat(workspace.database.path).st_size)
    except OSError:
        return ""
