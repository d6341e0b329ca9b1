"""The dashboard over a real workspace with one empty place, for what does not depend on its places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from frames import SMALL, eventually
from textual.pilot import Pilot
from textual.screen import Screen

from stepwell_runner.graph.model import Graph
from stepwell_store import workspace as workspaces
from stepwell_store.errors import UsageError
from stepwell_store.workspace import Workspace
from stepwell_tui.app import Dashboard

Result = TypeVar("Result")


class NoFiles:
    """Services for a project that has no pipeline file."""

    def load(self, path: Path, root: Path) -> Graph:
        raise UsageError(f"there is no {path}")

    def is_pipeline(self, path: Path) -> bool:
        return False

    def address(self, workspace: Workspace, path: str) -> str:
        return f"http://127.0.0.1{path}"


class Bare(Dashboard):
    """All of the dashboard but its places."""

    CSS_PATH = None
    MODES: ClassVar[dict[str, Any]] = {"home": Screen}

    def toasts(self) -> list[str]:
        """What was said in toasts."""
        return [notification.message for notification in self._notifications]


@asynccontextmanager
async def bare(base: Path) -> AsyncIterator[tuple[Bare, Pilot[None]]]:
    """The running dashboard over the workspace of a folder."""
    workspace = workspaces.open_workspace(workspaces.create(base))
    app = Bare(workspace, NoFiles())
    async with app.run_test(size=SMALL) as pilot:
        yield app, pilot
    await asyncio.get_running_loop().shutdown_default_executor()  # what still reads in threads comes to its end
    workspace.close()


async def done(app: Bare, pilot: Pilot[None], work: Coroutine[Any, Any, Result], *keys: str) -> Result:
    """What a coroutine comes to as a worker; the keys are pressed as soon as it asks something."""
    worker = app.run_worker(work)
    if keys:
        await eventually(pilot, lambda: len(app.screen_stack) > 1)
        await pilot.press(*keys)
    return await worker.wait()
