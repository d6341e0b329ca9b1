"""Runs as rows of a table, for the places that list them."""

from __future__ import annotations

from collections.abc import Sequence

from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace
from stepwell_tui.views.runs import Having, RunRow, count_runs, run_rows
from stepwell_tui.widgets.rows import Cell, Column, Order, Row, status_cell

COLUMNS = (
    Column("run", width=7, right=True), Column("status", width=11), Column("pipeline", share=3),
    Column("steps", width=13, sorts=False, hidden_below=56), Column("at", share=2, hidden_below=84, sorts=False),
    Column("started", width=12, right=True, hidden_below=66),
    Column("took", width=10, right=True), Column("experiment", share=2, hidden_below=96),
    Column("commit", width=9, hidden_below=110),
)
"""Of the list of all runs."""
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
