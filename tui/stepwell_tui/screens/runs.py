"""The list of runs: any number of them, the newest at the top, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from stepwell_store.workspace import Workspace
from stepwell_tui import doing, publishing
from stepwell_tui.clipboard import copy
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.place import Place
from stepwell_tui.views.runs import RunRow, count_runs, run_rows
from stepwell_tui.widgets.captions import caption
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.rows import Cell, Column, Row, status_cell
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Counted, Selected

COLUMNS = (
    Column("run", width=7, right=True), Column("status", width=11), Column("pipeline", share=3), Column("steps", width=13),
    Column("started", width=12, right=True, hidden_below=66),
    Column("took", width=10, right=True), Column("experiment", share=2, hidden_below=96),
    Column("commit", width=9, hidden_below=110),
)
PARTS = 6
"""Cells of the bar that tells how far a run is."""


class RunRows:
    """The rows of the runs that hold a text."""

    def __init__(self, workspace: Workspace, text: str = "", pipeline: str | None = None) -> None:
        self._workspace = workspace
        self._text = text
        self._pipeline = pipeline

    def count(self) -> int:
        """How many there are."""
        return count_runs(self._workspace, text=self._text, pipeline=self._pipeline)

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Some of them."""
        return [as_row(run) for run in run_rows(self._workspace, offset, limit, text=self._text, pipeline=self._pipeline)]


def as_row(run: RunRow) -> Row:
    """A run as a row of the table."""
    return Row(run.key, (run.number, status_cell(run.status), run.pipeline, _steps(run), Cell(run.started, "dim"), run.took,
                         Cell(run.experiment, "dim"), Cell(run.git, "dim")))


def _steps(run: RunRow) -> str | Cell:
    if run.part is None:
        return run.steps
    full = round(run.part * PARTS)
    return Cell(f"{'▰' * full}{'▱' * (PARTS - full)} {run.steps}", "cyan")


class RunsScreen(Place[None]):
    """All runs of the workspace."""

    SCOPE: ClassVar[str | None] = "runs"
    PLACE: ClassVar[str] = "Runs"

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

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
        self.table.show_rows(RunRows(self.dashboard.workspace))
        super().on_mount()
        self.table.focus()

    def moves(self) -> bool:
        """Times grow while something runs."""
        return self.dashboard.facts.running > 0

    def read(self, workspace: Workspace) -> None:
        """The table reads its own pages."""

    async def _reload(self) -> None:
        self.table.reload()

    @on(FilterBar.Filtered)
    def narrow(self, event: FilterBar.Filtered) -> None:
        """Show the runs that hold the text."""
        self._text = event.text.strip()
        self.table.show_rows(RunRows(self.dashboard.workspace, self._text))

    @on(Counted)
    def counted(self, event: Counted) -> None:
        """Say how many there are."""
        caption(self.table, f"{event.count:,}{f' /{safe_line(self._text)}' if self._text else ''}" if event.count or self._text else "")

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a run."""
        self.dashboard.open_run(event.key)

    def _chosen(self) -> str | None:
        return self.table.key

    def action_logs(self) -> None:
        """Go into the run, to its log."""
        if (run := self._chosen()) is not None:
            self.dashboard.open_run(run, panel="log")

    async def action_rerun(self) -> None:
        """Do the run again."""
        if (run := self._chosen()) is not None:
            self.start(lambda: doing.rerun(self.dashboard, run))

    async def action_cancel(self) -> None:
        """Stop the run."""
        if (run := self._chosen()) is not None:
            self.do(lambda: doing.cancel(self.dashboard, run))

    def action_compare(self) -> None:
        """Compare the two marked runs, or this one with the one before it."""
        marked = list(self.table.marked)
        chosen = self._chosen()
        if len(marked) == 2:
            self.compare(marked)
        elif chosen is not None:
            self.compare([chosen])

    def action_publish(self) -> None:
        """Publish what the run ran."""
        if (run := self._chosen()) is not None:
            self.do(lambda: publishing.publish_run(self.dashboard, run))

    def action_copy(self) -> None:
        """Copy the run's id."""
        if (run := self._chosen()) is not None:
            copy(self.app, run)


PLACE = RunsScreen
