"""Two runs side by side."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.render.plot import Series
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.lists import ListPlace
from stepwell_tui.screens.texts import TextScreen
from stepwell_tui.views.compare import Compared, Pair, Panel, compared, curves, file_difference
from stepwell_tui.widgets.contextbar import ContextBar
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.plot import PlotView
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.tablemessages import Highlighted, Selected

TITLES: dict[Panel, str] = {"parameters": "Parameters", "metrics": "Metrics", "steps": "Steps", "rest": "Code, data, environments"}
COLUMNS: dict[Panel, tuple[Column, ...]] = {
    "parameters": (Column("name", share=2), Column("old", share=2), Column("new", share=2),
                   Column("change", width=9, right=True, hidden_below=60)),
    "metrics": (Column("name"), Column("old", width=10, right=True), Column("new", width=10, right=True),
                Column("change", width=10, right=True, hidden_below=44)),
    "steps": (Column("name", share=2), Column("old", share=3), Column("new", share=3)),
    "rest": (Column("name", share=3), Column("old", share=2), Column("new", share=2), Column("what", width=11, hidden_below=50)),
}
_MANY = 3


class CompareScreen(ListPlace[Compared]):
    """`old` and `new` are runs as people name them. Enter on a file shows the lines by which it differs.

    Below the metrics stand the curves of the one under the cursor, of both runs.
    """

    SCOPE: ClassVar[str | None] = "compare"
    DEFAULT_CSS = """
    CompareScreen #sides { layout: vertical; height: 1fr; }
    CompareScreen #sides ListTable { height: 4; }
    CompareScreen #sides ListTable:focus { height: 1fr; }
    CompareScreen #measures { height: auto; }
    CompareScreen #measures:focus-within { height: 1fr; }
    CompareScreen #curves { height: 2fr; display: none; }
    CompareScreen.-wide #sides { layout: grid; grid-size: 2 2; }
    CompareScreen.-wide #sides ListTable, CompareScreen.-wide #measures { height: 1fr; }
    CompareScreen.-wide #measures ListTable { min-height: 6; }
    CompareScreen.-wide #curves { display: block; }
    CompareScreen.-curves #sides { layout: vertical; }
    CompareScreen.-curves #sides > ListTable { display: none; }
    CompareScreen.-curves #measures { height: 1fr; }
    CompareScreen.-curves #curves { display: block; }
    """

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self._old = old
        self._new = new
        self._only_different = True
        self._compared: Compared | None = None

    def crumbs(self) -> tuple[str, ...]:
        """Both runs, once they are known."""
        if self._compared is None:
            return ("Compare",)
        return ("Compare", f"{_run(self._compared.old)}  with  {_run(self._compared.new)}")

    def body(self) -> ComposeResult:
        """A panel for each kind of thing."""
        with Container(id="sides"):
            for panel in TITLES:
                if panel != "metrics":
                    yield _both(panel)
                    continue
                with Vertical(id="measures"):
                    yield _both(panel)
                    yield PlotView(id="curves", classes="panel", empty=("No curve", "Neither run measured it more than once"))

    def read(self, workspace: Workspace) -> Compared:
        """All that can be compared."""
        return compared(workspace, self._old, self._new)

    def show(self, data: Compared) -> None:
        """Put it into the panels."""
        self._compared = data
        self.query_one(ContextBar).crumbs = self.crumbs()
        for panel in TITLES:
            pairs = data.shown(panel, only_different=self._only_different)
            self._table(panel).put(_row(panel, pair) for pair in pairs)

    def _table(self, panel: Panel) -> ListTable:
        return self.query_one(f"#both-{panel}", ListTable)

    def narrow(self, event: FilterBar.Filtered) -> None:
        """Show what has the text, in every panel."""
        for table in self.query(ListTable):
            table.narrow(event.text)

    @on(Selected, "#both-rest")
    def open(self, event: Selected) -> None:
        """Show the lines by which a file differs."""
        found = self._compared
        pair = next((pair for pair in found.panels["rest"] if _key(pair) == event.key), None) if found else None
        if found is not None and pair is not None and pair.part == "code" and pair.steps:
            question = partial(file_difference, old=found.old.id, new=found.new.id, step=pair.steps[0], path=pair.name)
            self.app.push_screen(TextScreen(("Compare", f"#{found.old.number} → #{found.new.number}", pair.name), "diff", question))

    @on(Highlighted, "#both-metrics")
    def another_metric(self, event: Highlighted) -> None:
        """Draw the curves of another metric."""
        found = self._compared
        pair = next((pair for pair in found.panels["metrics"] if _key(pair) == event.key), None) if found else None
        if pair is not None:
            self._draw(pair)

    @work(exclusive=True, group="curves")
    async def _draw(self, pair: Pair) -> None:
        step = pair.steps[0] if pair.steps else None
        found = await self.ask(partial(curves, old=self._old, new=self._new, step=step, name=pair.name))
        if found is not None:
            plot = self.query_one(PlotView)
            plot.border_title = Content(safe_line(_name("metrics", pair)))
            plot.show_series([Series(f"#{one.run}", one.values, one.at) for one in found])

    def action_curves(self) -> None:
        """All of the screen for metrics and their curves, and back."""
        self.toggle_class("-curves")
        self._table("metrics").focus()

    def action_back(self) -> None:
        """Show the other panels again, else leave."""
        if self.has_class("-curves"):
            self.action_curves()
        else:
            super().action_back()

    def action_toggle_different(self) -> None:
        """Show everything, or only what differs."""
        self._only_different = not self._only_different
        if self._compared is not None:
            self.show(self._compared)

    def action_swap(self) -> None:
        """The other way round."""
        self._old, self._new = self._new, self._old
        self.reload_now()

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        table = self.focused if isinstance(self.focused, ListTable) else self.listing
        pairs = self._compared.panels if self._compared else {}
        line = next((pair for group in pairs.values() for pair in group if _key(pair) == table.key), None)
        if line is not None:
            copy(self.app, f"{line.name}\t{line.old or '-'}\t{line.new or '-'}")


def _both(panel: Panel) -> ListTable:
    return ListTable(COLUMNS[panel], title=TITLES[panel], id=f"both-{panel}", empty=("Nothing differs.", "= shows everything"))


def _run(run: Run) -> str:
    return f"#{run.number} {look_of(run.status).glyph} {run.pipeline}"


def _key(pair: Pair) -> str:
    return "\n".join((pair.part, pair.name, pair.old or "", pair.new or "", *pair.steps))


def _row(panel: Panel, pair: Pair) -> Row:
    new = Cell(_cell(pair.new), "" if pair.same else "yellow")
    beside = pair.part if panel == "rest" else pair.change
    return Row(_key(pair), (_name(panel, pair), _cell(pair.old), new, beside))


def _cell(text: str | None) -> str:
    return "–" if text is None else text


def _name(panel: Panel, pair: Pair) -> str:
    if panel in ("steps", "parameters") or not pair.steps:
        return pair.name
    more = f" and {len(pair.steps) - _MANY} more" if len(pair.steps) > _MANY else ""
    return f"{pair.name} ({', '.join(pair.steps[:_MANY])}{more})"
