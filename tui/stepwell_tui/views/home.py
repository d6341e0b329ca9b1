"""What one sees first: what goes on, what ended last, how the last days went, and which pipelines there are."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace
from stepwell_tui.views.runs import RunRow, run_rows

DAY_S = 86_400
PIPELINES = 12
LAST_RUNS = 10


class Habit(msgspec.Struct, frozen=True):
    """A pipeline and how its last runs ended, the oldest first."""

    pipeline: str
    last: tuple[str, ...]


class HomeView(msgspec.Struct, frozen=True):
    """`recent` are the newest runs, those that go on among them; `day` counts those of the last 24 hours by status."""

    recent: tuple[RunRow, ...]
    running: int
    total: int
    day: tuple[tuple[str, int], ...]
    took: tuple[float, ...]
    habits: tuple[Habit, ...]

    @property
    def success(self) -> float | None:
        """The part of the last day's ended runs that completed, 0 to 1."""
        counts = dict(self.day)
        ended = sum(counts.get(word, 0) for word in ("Completed", "Failed", "Canceled"))
        return counts.get("Completed", 0) / ended if ended else None


def home_view(workspace: Workspace, limit: int) -> HomeView:
    """Read it. `took` are seconds of the newest runs that completed, the oldest first."""
    database = workspace.database
    day = database.read("SELECT status, count(*) FROM runs WHERE created_at > ? GROUP BY status ORDER BY status", (time.time() - DAY_S,))
    newest = history.list_runs(database, limit=limit)
    took = [run.ended_at - run.created_at for run in reversed(newest) if run.ended_at is not None and run.status == "Completed"]
    return HomeView(tuple(run_rows(workspace, 0, limit)), len(history.unfinished_runs(database)), history.count_runs(database),
                    tuple((str(status), int(count)) for status, count in day), tuple(took),
                    _habits([(run.pipeline, run.status) for run in newest]))


def _habits(newest: Sequence[tuple[str, str]]) -> tuple[Habit, ...]:
    """Of the newest runs; pipelines in the order of their last one."""
    found: dict[str, list[str]] = {}
    for pipeline, status in newest:
        found.setdefault(pipeline, []).append(status)
    return tuple(Habit(name, tuple(reversed(last[:LAST_RUNS]))) for name, last in list(found.items())[:PIPELINES])
