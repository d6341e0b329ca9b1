"""Pipelines of the project: what each would do now, and running it."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from stepwell_runner.watch.news import Looked, News, Notice, Settled
from stepwell_runner.watch.states import States, StepState
from stepwell_store.errors import StepwellError
from stepwell_store.workspace import Workspace
from stepwell_tui import doing, outside, publishing
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line, safe_text
from stepwell_tui.screens.place import Place
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.pipelines import LOOKS, PipelineItem, PlanView, pipelines, plan_view
from stepwell_tui.watching import Watching
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row
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
    DEFAULT_CSS = """
    PipelinesScreen #graph { height: auto; min-height: 3; max-height: 40%; }
    PipelinesScreen #graph > .graph--blurred { background: $background; text-style: none; }
    PipelinesScreen #below { height: 1fr; }
    PipelinesScreen #pipelines { width: 47%; max-width: 76; }
    PipelinesScreen #plan { width: 1fr; }
    PipelinesScreen.-narrow #graph { display: none; }
    PipelinesScreen.-narrow #below { layout: vertical; }
    PipelinesScreen.-narrow #pipelines { width: 1fr; max-width: 100%; height: 40%; }
    PipelinesScreen.-narrow #plan { height: 1fr; }
    PipelinesScreen.-graph #graph { display: block; height: 1fr; max-height: 100%; }
    PipelinesScreen.-graph #below { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[str, PipelineItem] = {}
        self._chosen: str | None = None
        self._plan: PlanView | None = None
        self._runs_on_save = False
        self._watching: Watching | None = None

    def body(self) -> ComposeResult:
        """The graph of the chosen one above; below it the pipelines, and what the chosen one would do."""
        graph = GraphView(id="graph", classes="panel")
        graph.border_title = "Graph"
        yield graph
        with Horizontal(id="below"):
            yield ListTable(COLUMNS, title="2 Pipelines", id="pipelines", empty=(
                "No pipeline file in this project",
                "A Python or YAML file that defines a pipeline will be found here; `stepwell demo` makes one"))
            plan = VerticalScroll(Static(id="plan-text", markup=False), id="plan", classes="panel")
            plan.border_title = "What would run now"
            yield plan

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
        rows = [Row(key, (item.name, _last(item), _file(self.dashboard.base, item))) for key, item in self._items.items()]
        self.query_one("#pipelines", ListTable).put(rows)
        chosen = self._chosen if self._chosen in self._items else next(iter(self._items), None)
        self._choose(chosen)

    @on(Highlighted, "#pipelines")
    def highlighted(self, event: Highlighted) -> None:
        """Tell of another pipeline."""
        if event.key != self._chosen:
            self._choose(event.key)

    def _choose(self, key: str | None) -> None:
        if key != self._chosen:
            self._plan = None  # another file's, which no key may run from now on
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
                self.query_one("#plan-text", Static).update(Content.styled(safe_text("\n".join(lines)), "$text-error"))
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
            if key == self._chosen:
                self._plan = None
            text.update(Content.styled(safe_text(str(error)), "$text-error"))
            return
        if key == self._chosen and self.is_here:
            self._plan = plan
            text.update(Content("\n").join(line for one in plan.states for line in _lines(one)))
            self.query_one("#plan").border_title = f"What would run now · {_sum(plan.states)}"
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

    def action_publish(self) -> None:
        """Publish it with its code as it is now."""
        item = self._items.get(self._chosen or "")
        if item is not None and item.path is not None and self._plan is not None:
            self.do(partial(publishing.publish_file, self.dashboard, self._plan.graph, item.path))

    def action_toggle_watch(self) -> None:
        """Run what became stale whenever edits have settled, or no longer."""
        self._runs_on_save = not self._runs_on_save
        self.query_one("#plan").border_subtitle = "runs on save" if self._runs_on_save else ""

    def action_show_graph(self) -> None:
        """All of the screen for the graph, and back."""
        self.toggle_class("-graph")
        (self.query_one(GraphView) if self.has_class("-graph") else self.query_one("#pipelines")).focus()

    def action_edit(self) -> None:
        """Open the file in an editor."""
        item = self._items.get(self._chosen or "")
        if item is not None and item.path is not None:
            outside.edit(self.app, item.path)


def _file(base: Path, item: PipelineItem) -> str:
    return "" if item.path is None else str(Path(item.path).relative_to(base))


def _last(item: PipelineItem) -> Cell:
    """How the last runs ended, in the colour of the newest."""
    return Cell("".join(look_of(status).glyph for status in item.last), look_of(item.last[-1]).colour if item.last else "")


def _sum(found: States) -> str:
    counts = Counter(LOOKS[one.state].lower() for one in found)
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _lines(one: StepState) -> list[Content]:
    look = look_of(LOOKS[one.state])
    after = f" for {safe_line(', '.join(one.after))}" if one.after else ""
    head = Content.assemble((f"{look.glyph} ", f"${STATUS_COLOURS[look.colour]}"), (f"{safe_line(one.step):18} ", "bold"),
                            (f"{look.word.lower()}{after}", f"${STATUS_COLOURS[look.colour]}"))
    return [head, *(Content.styled(f"    {safe_line(reason)}", "$soft") for reason in one.why)]


PLACE = PipelinesScreen
