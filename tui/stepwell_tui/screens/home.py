"""The first place: what goes on, what ended last, and where everything else is."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from stepwell_store.workspace import Workspace
from stepwell_tui.actions import PLACES
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.place import Place
from stepwell_tui.screens.runs import as_row
from stepwell_tui.views.home import HomeView, home_view
from stepwell_tui.widgets.rows import Column, Fixed, Row
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Selected

COLUMNS = (Column("run", width=7, right=True), Column("status", width=12), Column("pipeline", share=3), Column("steps", width=9),
           Column("started", width=12, right=True), Column("took", width=10, right=True))
RECENT = 100


class HomeScreen(Place[HomeView]):
    """What one sees first."""

    PLACE: ClassVar[str] = "Home"

    def body(self) -> ComposeResult:
        """Recent runs, health, and the places."""
        with Horizontal():
            recent = VirtualTable(COLUMNS, id="recent", classes="panel",
                                  empty=("Nothing has run yet", "Press 2 to see the pipelines of this project, or type: stepwell demo"))
            recent.border_title = "Recent runs"
            yield recent
            with Vertical(id="side"):
                health = Static(id="health", classes="panel", markup=False)
                health.border_title = "Health"
                yield health
                places = Static(_places(), id="places", classes="panel", markup=False)
                places.border_title = "Places"
                yield places

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#recent").focus()

    def read(self, workspace: Workspace) -> HomeView:
        """What is shown."""
        return home_view(workspace, RECENT)

    def show(self, data: HomeView) -> None:
        """Put it on the screen."""
        recent = self.query_one("#recent", VirtualTable)
        recent.show_rows(Fixed(tuple(Row(row.key, row.cells[:len(COLUMNS)]) for row in map(as_row, data.recent))))
        recent.border_subtitle = f"{data.running} running" if data.running else ""
        self.query_one("#health", Static).update(Text("\n".join(f"{name:13} {safe_line(value)}" for name, value in data.health)))

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a run."""
        self.dashboard.open_run(event.key)


def _places() -> Text:
    return Text("\n".join(f"{digit}  {title}" for digit, _, title in PLACES))


PLACE = HomeScreen
