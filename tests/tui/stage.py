"""The dashboard over a real workspace, begun at a place, and a story that is played there at the keyboard."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from frames import drive, eventually, frame
from textual.pilot import Pilot
from textual.widget import Widget

import stepwell_tui.app
from stepwell.cli.verbs.ui import Loading
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace, require
from stepwell_tui.app import Dashboard
from stepwell_tui.settings import Settings

WIDE = (120, 36)


class Stage(Dashboard):
    """The dashboard, which also remembers toasts that are gone."""

    CSS_PATH = Path(stepwell_tui.app.__file__).parent / "dashboard.tcss"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.toasts: list[str] = []

    def notify(self, message: str, **options: Any) -> None:  # type: ignore[override]
        self.toasts.append(message)
        super().notify(message, **options)

    def has(self, widget: type[Widget]) -> bool:
        """Whether the keyboard is in such a widget."""
        return isinstance(self.focused, widget)


Story = Callable[[Stage, Pilot[Any]], Awaitable[None]]


def play(base: Path, place: str, story: Story, *, size: tuple[int, int] = WIDE, keymap: dict[str, str] | None = None) -> int | None:
    """Open the dashboard of a project at a place and go through a story there; what the dashboard ended with, if the story ended it."""

    class At(Stage):
        DEFAULT_MODE = place

    async def go(workspace: Workspace) -> int | None:
        app = At(workspace, Loading(), Settings(clipboard="osc52", keys=keymap or {}))
        async with app.run_test(size=size, notifications=True) as pilot:
            await story(app, pilot)
            return app.return_code

    workspace = require(base)
    ended = drive(go(workspace))  # ends when all that reads in threads has ended
    for thread in threading.enumerate():
        if thread.name == "watching":  # it was told to stop, and may be in the middle of a look
            thread.join(30)
    workspace.close()
    return ended


async def shows(pilot: Pilot[Any], *texts: str) -> str:
    """The frame, as soon as all of these are in it."""
    await eventually(pilot, lambda: all(text in frame(pilot.app) for text in texts))
    return frame(pilot.app)


async def hides(pilot: Pilot[Any], *texts: str) -> str:
    """The frame, as soon as none of these is in it."""
    await eventually(pilot, lambda: not any(text in frame(pilot.app) for text in texts))
    return frame(pilot.app)


async def says(app: Stage, pilot: Pilot[Any], text: str) -> None:
    """As soon as a toast has said this."""
    await eventually(pilot, lambda: any(text in toast for toast in app.toasts))


async def copies(app: Stage, pilot: Pilot[Any], text: str) -> None:
    """As soon as this is on the clipboard."""
    await eventually(pilot, lambda: app.clipboard == text)


async def ran(app: Stage, pilot: Pilot[Any], count: int) -> Run:
    """The newest run, as soon as there are so many and all have ended."""
    database = app.workspace.database
    await eventually(pilot, lambda: history.count_runs(database) == count and not history.unfinished_runs(database))
    return history.list_runs(database, limit=1)[0]
