"""What one sees first: what goes on, what ended last, how the last day went, pipelines, endpoints and schedules."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from stepwell_store.ledger import history, publishing
from stepwell_store.workspace import Workspace
from stepwell_tui.views.runs import RunRow, rows_of
from stepwell_tui.views.schedules import Due, due

DAY_S = 86_400
PIPELINES = 8
LAST_RUNS = 5
ENDPOINTS = SCHEDULES = 4


class Habit(msgspec.Struct, frozen=True):
    """A pipeline and how its last runs ended, the oldest first; `age` is how many seconds ago the newest was submitted."""

    pipeline: str
    last: tuple[str, ...]
    age: float


class Served(msgspec.Struct, frozen=True):
    """An endpoint: its name, its default version, and whether it can be called."""

    name: str
    version: str
    status: str


class HomeView(msgspec.Struct, frozen=True, kw_only=True):
    """`going` are the runs that have not ended, `recent` the newest others; `day` counts those of the last 24 hours by status.

    `took` are seconds of the newest runs that completed, the oldest first.
    """

    going: tuple[RunRow, ...] = ()
    recent: tuple[RunRow, ...] = ()
    total: int = 0
    day: tuple[tuple[str, int], ...] = ()
    took: tuple[float, ...] = ()
    habits: tuple[Habit, ...] = ()
    endpoints: tuple[Served, ...] = ()
    schedules: tuple[Due, ...] = ()

    @property
    def success(self) -> float | None:
        """The part of the last day's ended runs that completed, 0 to 1."""
        counts = dict(self.day)
        ended = sum(counts.get(word, 0) for word in ("Completed", "Failed", "Canceled"))
        return counts.get("Completed", 0) / ended if ended else None


def home_view(workspace: Workspace, limit: int) -> HomeView:
    """Read it: as many of the newest runs as `limit` says, and what belongs to them."""
    database, now = workspace.database, time.time()
    day = database.read("SELECT status, count(*) FROM runs WHERE created_at > ? GROUP BY status ORDER BY status", (now - DAY_S,))
    newest = history.list_runs(database, limit=limit)
    rows = rows_of(workspace, newest)
    return HomeView(
        going=tuple(row for row in rows if row.part is not None), recent=tuple(row for row in rows if row.part is None),
        total=history.count_runs(database), day=tuple((str(status), int(count)) for status, count in day),
        took=tuple(run.ended_at - run.created_at for run in reversed(newest) if run.ended_at is not None and run.status == "Completed"),
        habits=_habits([(run.pipeline, run.status, now - run.created_at) for run in newest]),
        endpoints=tuple(Served(one.name, one.default_version, one.status) for one in publishing.list_endpoints(database, limit=ENDPOINTS)),
        schedules=due(workspace, now)[:SCHEDULES])


def _habits(newest: Sequence[tuple[str, str, float]]) -> tuple[Habit, ...]:
    """Of the newest runs; pipelines in the order of their last one."""
    found: dict[str, list[tuple[str, float]]] = {}
    for pipeline, status, age in newest:
        found.setdefault(pipeline, []).append((status, age))
    return tuple(Habit(name, tuple(status for status, _ in reversed(last[:LAST_RUNS])), last[0][1])
                 for name, last in list(found.items())[:PIPELINES])
