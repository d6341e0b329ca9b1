"""Pipelines of the project: what each would do now, and running it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from stepwell_runner.watch.news import Looked, News, Notice, Settled
from stepwell_runner.watch.states import StepState
from stepwell_store.errors import StepwellError
from stepwell_store.workspace import Workspace
from stepwell_tui import doing, outside
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line, safe_text
from stepwell_tui.screens.place import Place
from stepwell_tui.views.pipelines import LOOKS, PipelineItem, PlanView, pipelines, plan_view
from stepwell_tui.watching import Watching
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.rows import Column, Fixed, Row
from stepwell_tui.widgets.table import VirtualTable
from stepwell_tui.widgets.tablemessages import Highlighted

COLUMNS = (Column("pipeline", share=3), Column("last runs", width=9), Column("file", share=3, hidden_below=40))


class Told(Message):
    """News of the watcher, from its thread."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news


class PipelinesScreen(Place[list[PipelineItem]]):
    """Pipeline files found in the project, and pipelines that only ran."""

    SCOPE: ClassVar[str | None] = "pipelines"
    PLACE: ClassVar[str] = "Pipelines"

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[str, PipelineItem] = {}
        self._chosen: str | None = None
        self._plan: PlanView | None = None
        self._runs_on_save = False
        self._watching: Watching | None = None

    def body(self) -> ComposeResult:
        """Pipelines to the left; what the chosen one would do to the right."""
        with Horizontal():
            table = VirtualTable(COLUMNS, id="pipelines", classes="panel",
                                 empty=("No pipeline file in this project", "A Python file that defines a Pipeline will be found here"))
            table.border_title = "2 Pipelines"
            yield table
            with Vertical():
                plan = VerticalScroll(Static(id="plan-text", markup=False), id="plan", classes="panel")
                plan.border_title = "What would run now"
                yield plan
                graph = GraphView(id="graph", classes="panel")
                graph.border_title = "Graph"
                yield graph

    def on_mount(self) -> None:
        self._watching = Watching(self.dashboard.workspace, self.dashboard.services, lambda news: self.post_message(Told(news)))
        super().on_mount()
        self.query_one("#pipelines").focus()

    def on_unmount(self) -> None:
        if self._watching is not None:
            self._watching.stop()

    def on_screen_suspend(self) -> None:
        if self._watching is not None and not self._runs_on_save:
            self._watching.stop()

    def read(self, workspace: Workspace) -> list[PipelineItem]:
        """The pipelines."""
        return pipelines(workspace, self.dashboard.services.is_pipeline)

    def show(self, data: list[PipelineItem]) -> None:
        """Put them on the screen, and plan the chosen one anew."""
        self._items = {item.path or item.name: item for item in data}
        rows = [Row(key, (item.name, "".join(look_of(status).glyph for status in item.last), _file(self.dashboard.base, item)))
                for key, item in self._items.items()]
        self.query_one("#pipelines", VirtualTable).show_rows(Fixed(tuple(rows)))
        chosen = self._chosen if self._chosen in self._items else next(iter(self._items), None)
        self._choose(chosen)

    @on(Highlighted, "#pipelines")
    def highlighted(self, event: Highlighted) -> None:
        """Tell of another pipeline."""
        if event.key != self._chosen:
            self._choose(event.key)

    def _choose(self, key: str | None) -> None:
        self._chosen = key
        if key is not None:
            self._tell(key)
            if self._watching is not None:
                self._watching.follow(self._items[key].path)

    def on_told(self, event: Told) -> None:
        """The watcher found something."""
        event.stop()
        match event.news:
            case Looked(trouble=trouble) if trouble is not None:
                lines = [part for part in (trouble.what, trouble.where, trouble.todo) if part]
                self.query_one("#plan-text", Static).update(Text(safe_text("\n".join(lines))))
            case Looked(pipeline=path) if path == self._chosen:
                self._tell(path)
            case Settled(submission=submission) if self._runs_on_save:
                self.do(lambda: doing.run_now(self.dashboard, submission))
            case Notice(text):
                self.notify(safe_line(text), markup=False)
            case _:
                pass

    @work(exclusive=True, group="plan")
    async def _tell(self, key: str) -> None:
        item = self._items[key]
        text = self.query_one("#plan-text", Static)
        if item.path is None:
            text.update("Its file is not in this project. Its runs can be rerun from the list of runs (3).")
            return
        try:
            plan = await asyncio.to_thread(self._planned, item.path)
        except StepwellError as error:
            text.update(Text(safe_line(str(error))))
            return
        if key == self._chosen:
            self._plan = plan
            text.update(Text("\n".join(line for one in plan.states for line in _lines(one))))
            self.query_one(GraphView).show_graph(plan.nodes, plan.edges)

    def _planned(self, path: str) -> PlanView:
        graph = self.dashboard.services.load(Path(path), self.dashboard.workspace.root)
        return plan_view(self.dashboard.workspace, graph, path)

    # --- keys

    def _run(self, *, force: bool) -> None:
        item = self._items.get(self._chosen or "")
        if item is not None and item.path is not None and self._plan is not None:
            self.start(lambda: doing.run_pipeline(self.dashboard, self._plan.graph, item.path, force=force))

    def action_run_pipeline(self) -> None:
        """Ask for the parameters and run it."""
        self._run(force=False)

    def action_force(self) -> None:
        """Run it with every step, also those that could be reused."""
        self._run(force=True)

    def action_toggle_watch(self) -> None:
        """Run what became stale whenever edits have settled, or no longer."""
        self._runs_on_save = not self._runs_on_save
        self.query_one("#plan").border_subtitle = "runs on save" if self._runs_on_save else ""

    def action_edit(self) -> None:
        """Open the file in an editor."""
        item = self._items.get(self._chosen or "")
        if item is not None and item.path is not None:
            outside.edit(self.app, item.path)


def _file(base: Path, item: PipelineItem) -> str:
    return "" if item.path is None else str(Path(item.path).relative_to(base))


def _lines(one: StepState) -> list[str]:
    look = look_of(LOOKS[one.state])
    head = f"{look.glyph} {safe_line(one.step):18} {look.word.lower()}"
    if one.after:
        head += f" for {safe_line(', '.join(one.after))}"
    return [head, *(f"    {safe_line(reason)}" for reason in one.why)]


PLACE = PipelinesScreen
