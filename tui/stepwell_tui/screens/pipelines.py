"""Pipelines of the project: what each would do now, and running it."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from stepwell_runner.graph.model import Graph
from stepwell_runner.watch.news import Looked, News, Notice, Settled, Trouble
from stepwell_runner.watch.states import States, StepState
from stepwell_store.workspace import Workspace
from stepwell_tui import doing, outside, publishing
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line, safe_text
from stepwell_tui.screens.graphed import Graphed
from stepwell_tui.screens.lists import ListPlace, since
from stepwell_tui.screens.runs import RunsScreen
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.pipelines import LOOKS, PipelineItem, PlanView, pipelines, plan_view, state_words
from stepwell_tui.watching import Watching
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.tablemessages import Highlighted, Selected

COLUMNS = (Column("pipeline", share=3), Column("last runs", width=9, sorts=False), Column("newest", width=11, right=True, hidden_below=60),
           Column("file", share=3, hidden_below=40))
_NO_FILE = "Its file is not in this project.\nIts runs can be rerun: enter shows them."


STEP_WIDTH = 16


class Told(Message):
    """News of the watcher, from its thread, and the graph that it concerns."""

    def __init__(self, news: News, graph: Graph | None) -> None:
        super().__init__()
        self.news = news
        self.graph = graph


class PipelinesScreen(Graphed[list[PipelineItem]], ListPlace[list[PipelineItem]]):
    """Pipeline files found in the project, and pipelines that only ran. Enter goes to the runs of one."""

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
        self._on_save: str | None = None
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
        self._watching = Watching(self.dashboard.workspace, self.dashboard.services,
                                  lambda news, graph: self.post_message(Told(news, graph)))

    def on_unmount(self) -> None:
        if self._watching is not None:
            self._watching.stop()

    def on_screen_suspend(self) -> None:
        if self._watching is not None and self._on_save is None and not self.app.screen.is_modal:
            self._watching.stop()

    def on_screen_resume(self) -> None:
        self._follow()

    def read(self, workspace: Workspace) -> list[PipelineItem]:
        """The pipelines."""
        return pipelines(workspace, self.dashboard.services.is_pipeline)

    def show(self, data: list[PipelineItem]) -> None:
        """Put them on the screen."""
        self._items = {item.path or item.name: item for item in data}
        base = self.dashboard.base
        self.listing.put(Row(key, (item.name, _last(item), since(item.at), _file(base, item))) for key, item in self._items.items())
        if self._chosen not in self._items:
            self._choose(next(iter(self._items), None))

    @on(Highlighted, "#pipelines")
    def highlighted(self, event: Highlighted) -> None:
        """Tell of another pipeline."""
        if event.key in self._items and event.key != self._chosen:
            self._choose(event.key)

    @on(Selected, "#pipelines")
    def open(self, event: Selected) -> None:
        """Go to the runs of a pipeline."""
        item = self._items.get(event.key)
        if item is not None:
            self.app.push_screen(RunsScreen(pipeline=item.name))

    def _choose(self, key: str | None) -> None:
        self._run_on_save(None)
        self._chosen = key
        self._plan = None  # another file's, which no key may run from now on
        item = self._items.get(key or "")
        name = "" if item is None else item.name if item.path is None else _file(self.dashboard.base, item)
        waiting = _NO_FILE if item is not None and item.path is None else f"Reading {safe_line(name)} …" if item is not None else ""
        self.query_one("#plan-text", Static).update(Content.styled(waiting, "$soft"))
        self.query_one("#plan").border_title = "What would run now"
        graph = self.query_one(GraphView)
        graph.say_empty(waiting.partition("\n")[0])
        graph.show_graph((), ())
        self._follow()

    def _follow(self) -> None:
        """Watch the chosen one; what is already watched goes on."""
        item = self._items.get(self._chosen or "")
        if item is not None and self._watching is not None:
            self._watching.follow(item.path)

    def on_told(self, event: Told) -> None:
        """The watcher found something."""
        event.stop()
        match event.news:
            case Looked(pipeline=path, trouble=trouble) if path == self._chosen and trouble is not None:
                self._show_trouble(trouble)
            case Looked(pipeline=path, states=states) if path == self._chosen and event.graph is not None:
                self._show_plan(plan_view(event.graph, states))
            case Settled(submission=submission) if self._on_save is not None:
                self.do(lambda: doing.run_now(self.dashboard, submission))
            case Notice(text):
                self.notify(safe_line(text), markup=False)
            case _:
                pass

    def _show_trouble(self, trouble: Trouble) -> None:
        self._plan = None
        lines = [part for part in (trouble.what, trouble.where, trouble.todo) if part]
        self.query_one("#plan-text", Static).update(Content.styled(safe_text("\n".join(lines)), "$text-error"))
        self.query_one("#plan").border_title = "What is wrong with it"
        self.query_one(GraphView).say_empty("It cannot be read", "What is wrong with it stands beside the list")

    def _show_plan(self, plan: PlanView) -> None:
        self._plan = plan
        self.query_one("#plan-text", Static).update(Content("\n").join(line for one in plan.states for line in _lines(one)))
        self.query_one("#plan").border_title = f"What would run now · {_sum(plan.states)}"
        self.query_one(GraphView).show_graph(plan.nodes, plan.edges)

    # --- keys

    def _planned(self) -> tuple[Graph, str] | None:
        """The graph and the file of the chosen one; None, and said why, when it has none or is not read yet."""
        item = self._items.get(self._chosen or "")
        if item is not None and item.path is not None and self._plan is not None:
            return self._plan.graph, item.path
        self.notify("No pipeline is chosen that could be read: its panel says why.", markup=False, timeout=4)
        return None

    def _run(self, *, force: bool) -> None:
        if (planned := self._planned()) is not None:
            self.start(lambda: doing.run_pipeline(self.dashboard, *planned, force=force))

    def action_run_pipeline(self) -> None:
        """Ask for the parameters and run it."""
        self._run(force=False)

    def action_force(self) -> None:
        """Run it with every step, also those that could be reused."""
        self._run(force=True)

    def action_publish(self) -> None:
        """Publish it with its code as it is now."""
        if (planned := self._planned()) is not None:
            self.do(partial(publishing.publish_file, self.dashboard, *planned))

    def action_toggle_watch(self) -> None:
        """Run what became stale whenever edits of the chosen one have settled, or no longer."""
        item = self._items.get(self._chosen or "")
        if item is not None and item.path is not None:
            self._run_on_save(None if self._on_save else item.name)
        else:
            self._say_no_file()

    def _run_on_save(self, name: str | None) -> None:
        """Run the pipeline of this name on save; the one before does so no longer, which is said."""
        if name is None and self._on_save is not None:
            self.notify(safe_line(f"{self._on_save} no longer runs on save"), markup=False, timeout=4)
        self._on_save = name
        self.query_one("#plan").border_subtitle = "runs on save" if name else ""

    def action_edit(self) -> None:
        """Open the file in an editor."""
        item = self._items.get(self._chosen or "")
        if item is not None and item.path is not None:
            outside.edit(self.app, item.path)
        else:
            self._say_no_file()

    def _say_no_file(self) -> None:
        self.notify("It has no file in this project.", markup=False, timeout=4)


def _file(base: Path, item: PipelineItem) -> str:
    return "" if item.path is None else str(Path(item.path).relative_to(base))


def _last(item: PipelineItem) -> Cell:
    """How the last runs ended, in the colour of the newest."""
    return Cell("".join(look_of(status).glyph for status in item.last), look_of(item.last[-1]).colour if item.last else "")


def _sum(found: States) -> str:
    counts = Counter(_COUNTED[one.state] for one in found)
    return ", ".join(f"{count} {word}" for word, count in counts.items())


_COUNTED = {"fresh": "fresh", "stale": "stale", "follows": "may follow", "unknown": "unknown"}


def _lines(one: StepState) -> list[Content]:
    look = look_of(LOOKS[one.state])
    first, *more = map(safe_line, state_words(one))
    head = Content.assemble((f"{look.glyph} ", f"${STATUS_COLOURS[look.colour]}"), (f"{safe_line(one.step):{STEP_WIDTH}} ", "bold"),
                            (first, f"${STATUS_COLOURS[look.colour]}"))
    return [head, *(Content.styled(f"{'':{STEP_WIDTH + 3}}{reason}", "$soft") for reason in more)]


PLACE = PipelinesScreen
