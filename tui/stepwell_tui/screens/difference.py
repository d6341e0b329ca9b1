"""What differs between two snapshots: the files, and the lines of the one under the cursor."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from stepwell_runner.verbs.ingredients import brief
from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.lists import ListPlace
from stepwell_tui.screens.texts import Lines, TextScreen, as_lines
from stepwell_tui.views.snapshots import Difference, difference, patch
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.tablemessages import Highlighted, Selected
from stepwell_tui.widgets.textview import TextView

COLUMNS = (Column("", width=7), Column("file"))
_COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}


class DifferenceScreen(ListPlace[list[Difference]]):
    """`old` and `new` are digests of snapshots."""

    SCOPE: ClassVar[str | None] = "difference"
    DEFAULT_CSS = """
    DifferenceScreen #both { layout: vertical; height: 1fr; }
    DifferenceScreen #files { height: 35%; min-height: 5; }
    DifferenceScreen #patch { height: 1fr; }
    DifferenceScreen.-wide #both { layout: horizontal; }
    DifferenceScreen.-wide #files { width: 38; height: 1fr; }
    """

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self._old = old
        self._new = new
        self._found: dict[str, Difference] = {}
        self._chosen: str | None = None

    def crumbs(self) -> tuple[str, ...]:
        """Snapshots, and both digests."""
        return ("Snapshots", f"{brief(self._old)} → {brief(self._new)}")

    def body(self) -> ComposeResult:
        """Files, and the lines of one."""
        with Container(id="both"):
            yield ListTable(COLUMNS, title="Files that differ", id="files", empty=("The same files", "esc goes back"))
            yield TextView(id="patch", classes="panel")

    def read(self, workspace: Workspace) -> list[Difference]:
        """The files that differ."""
        return difference(workspace, self._old, self._new)

    def show(self, data: list[Difference]) -> None:
        """Put them into the list."""
        self._found = {one.path: one for one in data}
        self.listing.put(Row(one.path, (Cell(one.what, _COLOURS[one.what]), one.path)) for one in data)

    @on(Highlighted)
    def highlighted(self, event: Highlighted) -> None:
        """Show the lines of another file."""
        if event.key in self._found and event.key != self._chosen:
            self._chosen = event.key
            self._show_patch(self._found[event.key])

    @work(exclusive=True, group="patch")
    async def _show_patch(self, one: Difference) -> None:
        found = await self.ask(partial(_lines, one=one))
        if found is not None:
            view = self.query_one(TextView)
            view.put(found.lines)
            view.border_title, view.border_subtitle = Content(safe_line(one.path)), Content(found.note)

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Look at the lines on a screen of their own."""
        one = self._found.get(event.key)
        if one is not None:
            self.app.push_screen(TextScreen((*self.crumbs(), one.path), "diff", partial(patch, one=one)))

    def action_copy(self) -> None:
        """Copy the lines that are shown."""
        copy(self.app, self.query_one(TextView).text)


def _lines(workspace: Workspace, one: Difference) -> Lines:
    return as_lines(patch(workspace, one), "diff")
