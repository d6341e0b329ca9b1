"""One run: its steps beside what is told of the chosen one, live."""

from __future__ import annotations

import time
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from stepwell_store.workspace import Workspace
from stepwell_tui import doing, outside, publishing
from stepwell_tui.clipboard import copy
from stepwell_tui.modals.choose import Choose
from stepwell_tui.render.plot import Series as PlotSeries
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import duration_text, safe_line
from stepwell_tui.screens.datastores import FolderScreen
from stepwell_tui.screens.graphed import Graphed
from stepwell_tui.screens.lists import sized
from stepwell_tui.screens.snapshots import SnapshotScreen
from stepwell_tui.screens.telling import BAR, bar, facts_text, metrics_text, why_text
from stepwell_tui.screens.texts import TextScreen
from stepwell_tui.views.run import Leaving, RunView, StepLine, StepView, copies, neighbour, run_view, step_view
from stepwell_tui.views.texts import local_text
from stepwell_tui.widgets.captions import caption
from stepwell_tui.widgets.contextbar import ContextBar
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.log import LogView
from stepwell_tui.widgets.logpanel import LogPanel
from stepwell_tui.widgets.plot import PlotView
from stepwell_tui.widgets.rows import Cell, Column, Row, status_cell
from stepwell_tui.widgets.tablemessages import Highlighted, Selected

STEP_COLUMNS = (Column("status", width=11), Column("step", share=3), Column("took", width=9, right=True),
                Column("when", width=BAR, hidden_below=48))
OUTPUT_COLUMNS = (Column("output", share=2), Column("kind", width=8), Column("files", width=6, right=True, hidden_below=40),
                  Column("size", width=8, right=True), Column("place", share=3, hidden_below=60))
PANELS = {"log": "Log", "why": "Why", "metrics": "Metrics", "outputs": "Outputs", "facts": "Facts"}


class RunScreen(Graphed[RunView]):
    """The run with this id. `panel` is what is told of the chosen step at first."""

    SCOPE: ClassVar[str | None] = "run"
    PLACE: ClassVar[str] = "Runs"
    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (72, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's own declaration
    DEFAULT_CSS = """
    RunScreen #graph { height: auto; min-height: 3; max-height: 40%; }
    RunScreen.-narrow #graph, RunScreen.-slim #graph { display: none; }
    RunScreen.-graph #graph { display: block; height: 1fr; max-height: 100%; }
    RunScreen.-graph #below { display: none; }
    RunScreen #below { height: 1fr; }
    RunScreen #steps { width: 47%; max-width: 76; }
    RunScreen.-narrow #steps { width: 32; }
    RunScreen.-slim #below { layout: vertical; }
    RunScreen.-slim #steps { width: 1fr; height: 40%; }
    RunScreen #panels { width: 1fr; }
    RunScreen #metrics-text { height: auto; margin-bottom: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, run: str, panel: str = "log") -> None:
        super().__init__()
        self.run_id = run
        self._panel = panel
        self._view: RunView | None = None
        self._step: str | None = None
        self._log: str | None = None
        self._told: StepView | None = None

    def body(self) -> ComposeResult:
        """The graph above; below it steps to the left, one panel to the right."""
        graph = GraphView(id="graph", classes="panel")
        graph.border_title = "Graph"
        yield graph
        with Horizontal(id="below"):
            yield ListTable(STEP_COLUMNS, title="Steps", empty=("No step has begun", ""), id="steps")
            with ContentSwitcher(initial=self._panel, id="panels", classes="panel"):
                yield LogPanel(LogView(), id="log")
                with Vertical(id="metrics"):
                    yield Static(id="metrics-text", markup=False)
                    yield PlotView(id="plot")
                yield ListTable(OUTPUT_COLUMNS, title="", id="outputs", empty=("It left nothing", "")).remove_class("panel")
                for name in ("why", "facts"):
                    with VerticalScroll(id=name):
                        yield Static(id=f"{name}-text", markup=False)

    def crumbs(self) -> tuple[str, ...]:
        if self._view is None:
            return (self.PLACE, self.run_id[:8])
        run = self._view.run
        return (self.PLACE, run.pipeline, f"#{run.number} {run.id[:8]}")

    def on_mount(self) -> None:
        self.query_one("#steps").focus()
        self._title()

    def moves(self) -> bool:
        """Times grow while it runs."""
        return self._view is not None and not self._view.over

    def read(self, workspace: Workspace) -> RunView:
        """The run as it is now."""
        return run_view(workspace, self.run_id)

    def show(self, data: RunView) -> None:
        """Steps, graph, and the chosen step's panel."""
        self._view = data
        top = self.query_one(ContextBar)
        top.crumbs, top.status = self.crumbs(), data.run.status
        top.note = f"{data.took(time.time())}  {data.done}/{data.total} steps"
        first = None if self._step in {line.step for line in data.steps} else _first_of_interest(data)
        self.query_one("#steps", ListTable).put(map(_row, data.steps), f"{data.done}/{data.total}", key=first)
        self.query_one(GraphView).show_graph(data.nodes, data.edges)
        self._choose(first or self._step)

    @on(Highlighted, "#steps")
    def chosen(self, event: Highlighted) -> None:
        """Tell of another step."""
        if event.key is not None and event.key != self._step:
            self._choose(event.key)

    @on(Selected, "#steps")
    def opened(self) -> None:
        """Go into what is told of the step."""
        panel = self.query_one("#panels", ContentSwitcher).visible_content
        if panel is not None:
            inside = next((one for one in panel.walk_children(Widget, with_self=True) if one.focusable), None)
            if inside is not None:
                inside.focus()

    @on(Selected, "#outputs")
    def look_into(self, event: Selected) -> None:
        """Look into what the step left."""
        one = self._leaving(event.key)
        if one is not None:
            self.app.push_screen(screen_of(one, self.crumbs()))

    def _leaving(self, path: str | None) -> Leaving | None:
        return next((one for one in self._told.left if one.path == path), None) if self._told is not None else None

    @on(GraphView.NodeSelected)
    def walked(self, event: GraphView.NodeSelected) -> None:
        """A step was chosen in the graph."""
        self._choose(event.key)
        self._switch("why")
        self.query_one("#steps").focus()

    def _choose(self, step: str | None) -> None:
        if step != self._step:
            self._told = None
        self._step = step
        if step is None or self._view is None:
            return
        log = next((line.log for line in self._view.steps if line.step == step), None)
        if log != self._log:  # the same log goes on where the reader is
            self._log = log
            self.query_one(LogView).show_log(log)
        self.query_one(GraphView).move_to(next((line.of or step for line in self._view.steps if line.step == step), step))
        self._title()
        self._tell(step)

    @work(exclusive=True, group="step")
    async def _tell(self, step: str) -> None:
        told = await self.ask(lambda workspace: step_view(workspace, self.run_id, step))
        if told is not None and step == self._step:
            self._show_step(told)

    def _show_step(self, told: StepView) -> None:
        self._told = told
        self.query_one("#why-text", Static).update(why_text(told))
        self.query_one("#outputs", ListTable).put(map(_left, told.left))
        self.query_one("#facts-text", Static).update(facts_text(told))
        self.query_one("#metrics-text", Static).update(metrics_text(told))
        curves = [PlotSeries(series.name, list(series.values)) for series in told.series if len(series.values) > 1]
        self.query_one(PlotView).show_series(curves)
        self.query_one(PlotView).display = bool(curves)

    @on(LogView.Changed)
    def follows(self) -> None:
        """Say whether the log is followed, and how long it is."""
        if self._panel == "log":
            caption(self.query_one("#panels"), self.query_one(LogView).state)

    def _title(self) -> None:
        panels = self.query_one("#panels", ContentSwitcher)
        panels.border_subtitle = Content(self.query_one(LogView).state if self._panel == "log" else "")
        panels.border_title = Content(" · ".join(part for part in (PANELS[self._panel], safe_line(self._step or "")) if part))

    def _switch(self, panel: str) -> None:
        self._panel = panel
        panels = self.query_one("#panels", ContentSwitcher)
        if not self.unzoom() and panels.has_focus_within:
            self.query_one("#steps").focus()  # before what has the keyboard is hidden
        panels.current = panel
        self._title()

    # --- keys

    def action_show_logs(self) -> None:
        self._switch("log")
        self.query_one(LogView).focus()

    def action_show_metrics(self) -> None:
        self._switch("metrics")

    def action_show_why(self) -> None:
        self._switch("why")

    def action_show_outputs(self) -> None:
        self._switch("outputs")
        self.query_one("#outputs").focus()

    def action_show_facts(self) -> None:
        self._switch("facts")

    def action_rerun(self) -> None:
        self.start(lambda: doing.rerun(self.dashboard, self.run_id))

    def action_rerun_from(self) -> None:
        if self._step is not None:
            self.start(lambda: doing.rerun(self.dashboard, self.run_id, start=self._step))

    def action_resume(self) -> None:
        self.start(lambda: doing.resume(self.dashboard, self.run_id))

    def action_cancel(self) -> None:
        self.do(lambda: doing.cancel(self.dashboard, self.run_id))

    def action_compare(self) -> None:
        self.compare([self.run_id])

    def action_copy(self) -> None:
        """Copy the path of the output under the cursor where the keyboard is among them, else the id of the run."""
        outputs = self.query_one("#outputs", ListTable)
        copy(self.app, outputs.key if outputs.has_focus and outputs.key is not None else self.run_id)

    def action_copy_what(self) -> None:
        """Ask what to copy."""
        if self._view is not None:
            items = dict(copies(self._view, self._step, self._told, self.dashboard.base))
            self.app.push_screen(Choose("Copy", [(name, f"{name}  {value}") for name, value in items.items()]),
                                 lambda name: copy(self.app, items[name]) if name is not None else None)

    def action_publish(self) -> None:
        self.do(lambda: publishing.publish_run(self.dashboard, self.run_id))

    def action_snapshot(self) -> None:
        """Browse the code that the step ran."""
        if self._told is not None and self._told.snapshot is not None:
            self.app.push_screen(SnapshotScreen(self._told.snapshot))
        else:
            self.notify("The step has no snapshot: it has no source folder, or did not begin.", markup=False, timeout=4)

    def action_pager(self) -> None:
        log = next((line.log for line in self._view.steps if line.step == self._step), None) if self._view else None
        if log is not None:
            outside.page(self.app, log)
        else:
            self.notify("The step has no log: it did not begin.", markup=False, timeout=4)

    def action_newer(self) -> None:
        self._neighbour(newer=True)

    def action_older(self) -> None:
        self._neighbour(newer=False)

    @work(exclusive=True, group="neighbour")
    async def _neighbour(self, *, newer: bool) -> None:
        found = await self.ask(lambda workspace: neighbour(workspace, self.run_id, newer=newer))
        if found is None and self.is_here:
            self.notify("There is no other run of this pipeline in that direction.", markup=False)
        elif found is not None:
            self.run_id, self._told = found, None
            self.reload()


def _row(step: StepLine) -> Row:
    look = look_of(step.status)
    name = step.step if step.of is None else f"  {step.step}"
    took = Cell("" if step.took is None else duration_text(step.took), rank=step.took)
    return Row(step.step, (status_cell(step.status), name, took, Cell(bar(step.begin, step.end), look.colour, step.begin)))


def _left(one: Leaving) -> Row:
    return Row(one.path, (one.name, Cell(one.kind, "dim"), str(one.files), sized(one.size), Cell(one.place or one.path, "dim")))


def screen_of(one: Leaving, where: tuple[str, ...]) -> Screen[None]:
    """The screen on which one looks into it: a folder of its datastore, or the text of a file."""
    if one.kind == "folder" and one.datastore is not None:
        return FolderScreen(one.datastore, one.place)
    return TextScreen((*where, one.name), "code", partial(local_text, path=one.path))


def _first_of_interest(view: RunView) -> str | None:
    """The step that failed, else the one that runs, else the first."""
    for status in ("Failed", "Running"):
        for step in view.steps:
            if step.status == status:
                return step.step
    return view.steps[0].step if view.steps else None
