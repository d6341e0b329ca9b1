"""The list of runs: any number of them, the newest at the top, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.runactions import RunActions
from stepwell_tui.views.runs import Having, RunRow, count_runs, run_rows
from stepwell_tui.widgets.captions import caption
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.rows import Cell, Column, Order, Row, status_cell
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Counted, Selected, Sorted

COLUMNS = (
    Column("run", width=7, right=True), Column("status", width=11), Column("pipeline", share=3), Column("steps", width=13, sorts=False),
    Column("at", share=2, hidden_below=84, sorts=False),
    Column("started", width=12, right=True, hidden_below=66),
    Column("took", width=10, right=True), Column("experiment", share=2, hidden_below=96),
    Column("commit", width=9, hidden_below=110),
)
_ORDERS: dict[str, history.RunOrder] = {
    "run": "number", "status": "status", "pipeline": "pipeline", "started": "number", "took": "took", "experiment": "experiment",
    "commit": "commit",
}
_AGES = "started"
"""The column whose smallest value, the shortest time ago, is that of the newest run."""
PARTS = 6
"""Cells of the bar that tells how far a run is."""


class RunRows:
    """The rows of the runs that hold a text, the newest first if no other order is wanted."""

    def __init__(self, workspace: Workspace, text: str = "", pipeline: str | None = None, having: Having | None = None,
                 order: Order | None = None) -> None:
        title = COLUMNS[order.column].title if order is not None else ""
        self._workspace = workspace
        self._text = text
        self._pipeline = pipeline
        self._having = having
        self._order: history.RunOrder = _ORDERS.get(title, "number")
        self._ascending = order is not None and (title == _AGES) == order.descending

    def count(self) -> int:
        """How many there are."""
        return count_runs(self._workspace, text=self._text, pipeline=self._pipeline, having=self._having)

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Some of them."""
        found = run_rows(self._workspace, offset, limit, text=self._text, pipeline=self._pipeline, having=self._having,
                         order=self._order, ascending=self._ascending)
        return [as_row(run) for run in found]


def as_row(run: RunRow) -> Row:
    """A run as a row of the table."""
    return Row(run.key, (run.number, status_cell(run.status), run.pipeline, steps_cell(run), at_cell(run),
                         Cell(run.started, "dim", run.age), Cell(run.took, rank=run.span),
                         Cell(run.experiment, "dim"), Cell(run.git, "dim")))


def at_cell(run: RunRow) -> Cell:
    """The steps that run now or failed."""
    return Cell(run.at, "red" if run.status == "Failed" else "cyan")


def steps_cell(run: RunRow) -> str | Cell:
    """How many steps are done; with a bar while the run goes on."""
    if run.part is None:
        return run.steps
    full = round(run.part * PARTS)
    return Cell(f"{'▰' * full}{'▱' * (PARTS - full)} {run.steps}", "cyan")


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
        super().on_mount()
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
