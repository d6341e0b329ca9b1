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
from stepwell_tui.render.text import age_text, display_width, duration_text, safe_line, truncate
from stepwell_tui.screens.runactions import RunActions
from stepwell_tui.screens.runrows import at_cell, steps_cell
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.home import LAST_RUNS, Habit, HomeView, Served, home_view
from stepwell_tui.views.runs import RunRow
from stepwell_tui.views.schedules import Due, due_words
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row, status_cell
from stepwell_tui.widgets.tablemessages import Selected

GOING = (Column("run", width=6, right=True), Column("status", width=11, hidden_below=60), Column("pipeline", share=2),
         Column("at", share=3, hidden_below=60, sorts=False), Column("steps", width=13, sorts=False), Column("for", width=9, right=True))
RECENT = (Column("run", width=6, right=True), Column("status", width=11), Column("pipeline", share=3),
          Column("steps", width=9, sorts=False, hidden_below=50), Column("started", width=11, right=True, hidden_below=66),
          Column("took", width=9, right=True), Column("commit", width=8, hidden_below=77))
NEWEST = 100
BAR = 14
NAME = 16


class HomeScreen(RunActions[HomeView]):
    """What one sees first."""

    SCOPE: ClassVar[str | None] = "home"
    PLACE: ClassVar[str] = "Home"
    DEFAULT_CSS = """
    HomeScreen #runs { width: 1fr; }
    HomeScreen #going { height: auto; max-height: 9; display: none; }
    HomeScreen #recent { height: 1fr; }
    HomeScreen #side { width: 38; }
    HomeScreen #day, HomeScreen #habits { height: auto; max-height: 14; }
    HomeScreen #side #more { height: 1fr; }
    HomeScreen.-narrow #side { display: none; }
    """

    def body(self) -> ComposeResult:
        """What runs and what ran; how the last day went, pipelines, and what waits for callers and for its time."""
        with Horizontal():
            with Vertical(id="runs"):
                yield ListTable(GOING, title="Running now", id="going", empty=("", ""))
                yield ListTable(RECENT, title="Recent runs", id="recent", empty=(
                    "Nothing has run yet", "Press 2 to see the pipelines of this project, or type: stepwell demo"))
            with Vertical(id="side"):
                yield _panel("day", "Last 24 hours")
                yield _panel("habits", "Pipelines")
                yield _panel("more", "Places", _places())

    def on_mount(self) -> None:
        self.query_one("#recent").focus()

    def moves(self) -> bool:
        """Times grow while something runs."""
        return self.dashboard.facts.running > 0

    def read(self, workspace: Workspace) -> HomeView:
        """What is shown."""
        return home_view(workspace, NEWEST)

    def show(self, data: HomeView) -> None:
        """Put it on the screen."""
        going, recent = self.query_one("#going", ListTable), self.query_one("#recent", ListTable)
        going.put(map(_going, data.going))
        going.styles.height = len(data.going) + 3
        going.display = bool(data.going)
        if not going.display and going.has_focus:
            recent.focus()
        recent.put(map(_recent, data.recent), f"{data.total} in all{_today(data)}" if data.total else "")
        self._show_side(data)

    def _show_side(self, data: HomeView) -> None:
        self.query_one("#day", Static).update(Content("\n").join(_day(data)))
        habits = self.query_one("#habits", Static)
        habits.update(Content("\n").join(map(_habit, data.habits)))
        habits.display = bool(data.habits)
        if data.endpoints or data.schedules:
            more = self.query_one("#more", Static)
            titles = (("Endpoints", data.endpoints), ("Schedules", data.schedules))
            more.border_title = ", ".join(title for title, some in titles if some)
            more.update(Content("\n").join((*map(_served, data.endpoints), *map(_due, data.schedules))))

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a run."""
        self.dashboard.open_run(event.key)


def _going(run: RunRow) -> Row:
    return Row(run.key, (run.number, status_cell(run.status), run.pipeline, at_cell(run), steps_cell(run), Cell(run.took, rank=run.span)))


def _recent(run: RunRow) -> Row:
    return Row(run.key, (run.number, status_cell(run.status), run.pipeline, steps_cell(run), Cell(run.started, "dim", run.age),
                         Cell(run.took, rank=run.span), Cell(run.git, "dim")))


def _today(data: HomeView) -> str:
    counts = " ".join(f"{look_of(status).glyph}{count}" for status, count in data.day if status in ("Completed", "Failed"))
    return f", today {counts}" if counts else ""


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
        yield Content.assemble(("median took   ", "$soft"), (sparkline(data.took, 8), "$live"), f" {duration_text(middle)}")


def _habit(habit: Habit) -> Content:
    age = " " * (LAST_RUNS - len(habit.last)) + f"{age_text(habit.age):>12}"
    return Content.assemble(_named(habit.pipeline), *_glyphs(habit.last), (age, "$soft"))


def _named(name: str) -> str:
    name = truncate(safe_line(name), NAME)
    return name + " " * (NAME + 1 - display_width(name))


def _served(one: Served) -> Content:
    look = look_of(one.status)
    version = truncate(f"version {safe_line(one.version)}", NAME - 1)
    return Content.assemble((f"{look.glyph} ", f"${STATUS_COLOURS[look.colour]}"), _named(one.name), (version, "$soft"))


def _due(one: Due) -> Content:
    return Content.assemble(("◷ ", "$accent"), _named(one.name), (due_words(one.seconds), "$soft"))


def _glyphs(statuses: Sequence[str]) -> Iterator[tuple[str, str]]:
    for status in statuses:
        look = look_of(status)
        yield look.glyph, f"${STATUS_COLOURS[look.colour]}"


def _places() -> Content:
    return Content("\n").join(Content.assemble((f" {digit}  ", "bold $accent"), title) for digit, _, title in PLACES)


PLACE = HomeScreen
