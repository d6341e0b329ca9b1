"""The first place: what goes on, what ended last, and where everything else is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from stepwell_store.workspace import Workspace
from stepwell_tui.actions import PLACES
from stepwell_tui.render.plot import sparkline
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import display_width, duration_text, safe_line, truncate
from stepwell_tui.screens.place import Place
from stepwell_tui.screens.runs import as_row
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.home import Habit, HomeView, home_view
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Column, Row
from stepwell_tui.widgets.tablemessages import Selected

COLUMNS = (Column("run", width=6, right=True), Column("status", width=11), Column("pipeline", share=3), Column("steps", width=13),
           Column("started", width=11, right=True, hidden_below=66), Column("took", width=9, right=True))
RECENT = 100
BAR = 14
NAME = 16


class HomeScreen(Place[HomeView]):
    """What one sees first."""

    SCOPE: ClassVar[str | None] = "home"
    PLACE: ClassVar[str] = "Home"
    DEFAULT_CSS = """
    HomeScreen #recent { width: 1fr; }
    HomeScreen #side { width: 38; }
    HomeScreen #day, HomeScreen #habits { height: auto; max-height: 14; }
    HomeScreen #side #places { height: 1fr; }
    HomeScreen.-narrow #side { display: none; }
    """

    def body(self) -> ComposeResult:
        """Recent runs, how the last day went, pipelines, and the places."""
        with Horizontal():
            yield ListTable(COLUMNS, title="Recent runs", id="recent", empty=(
                "Nothing has run yet", "Press 2 to see the pipelines of this project, or type: stepwell demo"))
            with Vertical(id="side"):
                yield _panel("day", "Last 24 hours")
                yield _panel("habits", "Pipelines")
                yield _panel("places", "Places", _places())

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#recent").focus()

    def moves(self) -> bool:
        """Times grow while something runs."""
        return self.dashboard.facts.running > 0

    def read(self, workspace: Workspace) -> HomeView:
        """What is shown."""
        return home_view(workspace, RECENT)

    def show(self, data: HomeView) -> None:
        """Put it on the screen."""
        note = f"{data.running} running, {data.total} in all" if data.running else f"{data.total} in all" if data.total else ""
        self.query_one("#recent", ListTable).put((Row(row.key, row.cells[:len(COLUMNS)]) for row in map(as_row, data.recent)), note)
        self.query_one("#day", Static).update(Content("\n").join(_day(data)))
        habits = self.query_one("#habits", Static)
        habits.update(Content("\n").join(map(_habit, data.habits)))
        habits.display = bool(data.habits)

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a run."""
        self.dashboard.open_run(event.key)


def _panel(name: str, title: str, text: Content | str = "") -> Static:
    panel = Static(text, id=name, classes="panel", markup=False)
    panel.border_title = title
    return panel


def _day(data: HomeView) -> Iterator[Content]:
    if not data.day:
        yield Content.styled("no runs", "$soft")
    for status, count in data.day:
        look = look_of(status)
        yield Content.assemble((f"{look.glyph} {safe_line(look.word):12}", f"${STATUS_COLOURS[look.colour]}"), (f"{count:,}", "bold"))
    if data.success is not None:
        full = round(data.success * BAR)
        yield Content.assemble(("success       ", "$soft"), ("━" * full, "$success"), ("━" * (BAR - full), "$error"),
                               f" {data.success:.0%}")
    if len(data.took) > 1:
        middle = sorted(data.took)[len(data.took) // 2]
        yield Content.assemble(("took          ", "$soft"), (sparkline(data.took, 8), "$live"),
                               f" {duration_text(middle)} ", ("median", "$soft"))


def _habit(habit: Habit) -> Content:
    name = truncate(safe_line(habit.pipeline), NAME)
    return Content.assemble(name + " " * (NAME + 2 - display_width(name)), *_glyphs(habit.last))


def _glyphs(statuses: Sequence[str]) -> Iterator[tuple[str, str]]:
    for status in statuses:
        look = look_of(status)
        yield look.glyph, f"${STATUS_COLOURS[look.colour]}"


def _places() -> Content:
    return Content("\n").join(Content.assemble((f" {digit}  ", "bold $accent"), title) for digit, _, title in PLACES)


PLACE = HomeScreen
