"""What `:` offers: every place, the newest runs, the themes."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from stepwell_store.ledger import history
from stepwell_tui.actions import PLACES
from stepwell_tui.render.text import safe_line

if TYPE_CHECKING:
    from stepwell_tui.app import Dashboard

NEWEST = 200


class Destinations(Provider):
    """Places by name, runs by number, id or pipeline."""

    @property
    def _dashboard(self) -> Dashboard:
        from stepwell_tui.app import Dashboard

        assert isinstance(self.app, Dashboard)
        return self.app

    async def startup(self) -> None:
        """Read the newest runs once."""
        runs = await asyncio.to_thread(history.list_runs, self._dashboard.workspace.database, limit=NEWEST)
        self._runs = [(f"run #{run.number} {run.id[:8]} {safe_line(run.pipeline)} {run.status}", run.id) for run in runs]

    async def discover(self) -> Hits:
        """The places, before anything is typed."""
        for digit, name, title in PLACES:
            yield DiscoveryHit(f"{title}  ({digit})", partial(self._dashboard.run_action, f"go('{name}')"))
        yield DiscoveryHit("Quit  (q)", self._dashboard.exit)

    async def search(self, query: str) -> Hits:
        """Places and runs that fit."""
        matcher = self.matcher(query)
        for _, name, title in PLACES:
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), partial(self._dashboard.run_action, f"go('{name}')"))
        for text, run in self._runs:
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), partial(self._dashboard.open_run, run))
        if (score := matcher.match("quit")) > 0:
            yield Hit(score, "Quit", self._dashboard.exit)
