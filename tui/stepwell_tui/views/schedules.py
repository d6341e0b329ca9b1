"""When schedules fire next."""

from __future__ import annotations

import msgspec

from stepwell_store.ledger import schedules
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import duration_text


class Due(msgspec.Struct, frozen=True):
    """A schedule, and in how many seconds it fires or looks next: None when it never does, below 0 while nobody serves."""

    name: str
    seconds: float | None


def due(workspace: Workspace, now: float, *, published: str | None = None, endpoint: str | None = None) -> tuple[Due, ...]:
    """The active schedules, or those of one published pipeline or endpoint: what fires next comes first.

    What a schedule remembers is read as it is: to work it out anew would be dear.
    """
    found = schedules.list_schedules(workspace.database, active_only=True, published=published, endpoint=endpoint)
    moments = [(one.name, one.state.get("due")) for one in found]
    told = [Due(name, None if moment is None else moment - now) for name, moment in moments]
    return tuple(sorted(told, key=lambda one: (one.seconds is None, one.seconds or 0.0)))


def due_words(seconds: float | None) -> str:
    """When that is, such as `in 3 h 05 m`."""
    if seconds is None:
        return "never again"
    return f"in {duration_text(seconds)}" if seconds > 0 else "waits for serve"
