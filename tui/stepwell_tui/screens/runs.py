"""The list of runs: any number of them, the newest at the top, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from stepwell_store.workspace import Workspace
from stepwell_tui import doing
from stepwell_tui.clipboard import copy
from stepwell_tui.screens.place import Place
from stepwell_tui.views.runs import RunRow, count_runs, run_rows
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.rows import Column, Row, status_cell
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Selected

COLUMNS = (
    Column("run", width=7, right=True), Column("status", width=12), Column("pipeline", share=3), Column("steps", width=9),
    Column("started", width=12, right=True), Column("took", width=10, right=True), Column("experiment", share=2, hidden_below=96),
    Column("commit", width=9, hidden_below=110),
)


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
    return Row(run.key, (run.number, status_cell(run.status), run.pipeline, run.steps, run.started, run.took, run.experiment, run.git))


class RunsScreen(Place[None]):
    """All runs of the workspace."""

    SCOPE: ClassVar[str | None] = "runs"
    PLACE: ClassVar[str] = "Runs"

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

    def read(self, workspace: Workspace) -> None:
        """The table reads its own pages."""

    async def _reload(self) -> None:
        self.table.reload()

    @on(FilterBar.Filtered)
    def narrow(self, event: FilterBar.Filtered) -> None:
        """Show the runs that hold the text."""
        self.table.show_rows(RunRows(self.dashboard.workspace, event.text.strip()))
        self.table.border_subtitle = f"/{event.text}" if event.text else ""

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

    def action_copy(self) -> None:
        """Copy the run's id."""
        if (run := self._chosen()) is not None:
            copy(self.app, run)


PLACE = RunsScreen
