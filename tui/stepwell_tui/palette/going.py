"""Going to what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.binding import ActiveBinding

from stepwell_tui.palette.entries import Entry
from stepwell_tui.widgets.listtable import ListTable

if TYPE_CHECKING:
    from stepwell_tui.app import Dashboard

_LISTS = {"pipeline": ("pipelines", "pipelines"), "published": ("published", "published"), "endpoint": ("published", "endpoints"),
          "environment": ("environments", "environments")}
"""Kinds of things that have no screen of their own → the place and the list that they are in."""


async def go(dashboard: Dashboard, entry: Entry, doings: Mapping[str, ActiveBinding]) -> None:
    """Go there, or do it. `doings` are the bindings of the screen from which one goes, by the ids of their actions."""
    match entry.kind:
        case "place":
            await dashboard.action_go(entry.key)
        case "action":
            where, binding, _, _ = doings[entry.key]
            await dashboard.run_action(binding.action, where)
        case "theme":
            dashboard.theme = entry.key
        case "run":
            dashboard.open_run(entry.key)
        case "dataset" | "datastore" | "snapshot":
            _open(dashboard, entry)
        case _:
            await _point_at(dashboard, *_LISTS[entry.kind], entry.key)


def _open(dashboard: Dashboard, entry: Entry) -> None:
    from stepwell_tui.screens.dataset import DatasetScreen
    from stepwell_tui.screens.datastores import FolderScreen
    from stepwell_tui.screens.snapshots import SnapshotScreen

    screens = {"dataset": DatasetScreen, "datastore": FolderScreen, "snapshot": SnapshotScreen}
    dashboard.push_screen(screens[entry.kind](entry.key))


async def _point_at(dashboard: Dashboard, place: str, table: str, key: str) -> None:
    await dashboard.action_go(place)
    listing = dashboard.screen.query_one(f"#{table}", ListTable)
    listing.seek(key)
    listing.focus()
