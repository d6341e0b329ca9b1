"""The list of runs: any number of them, the newest at the top, live."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.runactions import RunActions
from stepwell_tui.screens.runrows import COLUMNS, RunRows
from stepwell_tui.views.runs import Having
from stepwell_tui.widgets.captions import caption
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Counted, Selected, Sorted


class RunsScreen(RunActions[None]):
    """All runs of the workspace; or those of one pipeline, or that have a property; or at first those that hold a text.

    `of` says in the line of context which ones they are.
    """

    SCOPE: ClassVar[str | None] = "runs"
    PLACE: ClassVar[str] = "Runs"

    def __init__(self, text: str = "", pipeline: str | None = None, having: Having | None = None, of: str | None = None) -> None:
        super().__init__()
        self._text = text
        self._pipeline = pipeline
        self._having = having
        self._of = of or pipeline
        self._total = 0

    def body(self) -> ComposeResult:
        """The table."""
        table = VirtualTable(COLUMNS, empty=("No runs yet", "Press 2 for the pipelines of this project, and r there to run one"), id="runs",
                             classes="panel")
        table.border_title = "3 Runs"
        yield table

    @property
    def table(self) -> VirtualTable:
        """The table of runs."""
        return self.query_one("#runs", VirtualTable)

    def on_mount(self) -> None:
        self._show_rows()
        self.table.focus()

    def moves(self) -> bool:
        """Times grow while something runs."""
        return self.dashboard.facts.running > 0

    def read(self, workspace: Workspace) -> None:
        """The table reads its own pages."""

    async def _reload(self) -> None:
        self.table.reload()

    def narrow(self, event: FilterBar.Filtered) -> None:
        """Show the runs that hold the text."""
        self._text = event.text.strip()
        self._show_rows()

    @on(Sorted)
    def sort(self, event: Sorted) -> None:
        """Show them in another order."""
        event.stop()
        self._show_rows(stay=False)

    def _show_rows(self, *, stay: bool = True) -> None:
        self.table.narrowed_to = self._text
        rows = RunRows(self.dashboard.workspace, self._text, self._pipeline, self._having, self.table.order)
        self.table.show_rows(rows, stay=stay)

    def crumbs(self) -> tuple[str, ...]:
        """Runs, and which ones."""
        return (self.PLACE,) if self._of is None else (self.PLACE, self._of)

    @on(Counted)
    def counted(self, event: Counted) -> None:
        """Say how many there are."""
        self._total = max(event.count, self._total) if self._text else event.count
        there = f"{event.count:,} of {self._total:,} /{safe_line(self._text)}" if self._text else f"{event.count:,}" if event.count else ""
        caption(self.table, there)

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a run."""
        self.dashboard.open_run(event.key)


PLACE = RunsScreen
