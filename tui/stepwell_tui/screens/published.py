"""Published pipelines and endpoints: what there is, what it takes, and how it is called."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.widgets import Static

from stepwell_store.workspace import Workspace
from stepwell_tui import publishing
from stepwell_tui.clipboard import copy
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.lists import ListPlace, since
from stepwell_tui.screens.runs import RunsScreen
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.published import Detail, Publications, Versioned, endpoint_detail, pipeline_detail, publications
from stepwell_tui.views.runs import RunRow
from stepwell_tui.views.schedules import due_words
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.tablemessages import Highlighted, Selected
from stepwell_tui.widgets.textview import pair_lines

PIPELINES = (Column("name", share=3), Column("version", width=8), Column("steps", width=5, right=True), Column("state", width=10),
             Column("published", width=11, right=True, hidden_below=56))
ENDPOINTS = (Column("name", share=3), Column("default", width=8), Column("versions", width=8, right=True), Column("state", width=10))


class PublishedScreen(ListPlace[Publications]):
    """Two lists; what is under the cursor of the one with the keyboard is told of beside them."""

    SCOPE: ClassVar[str | None] = "published"
    PLACE: ClassVar[str] = "Published"
    DEFAULT_CSS = """
    PublishedScreen #lists { width: 1fr; }
    PublishedScreen #published { height: 3fr; }
    PublishedScreen #endpoints { height: 2fr; }
    PublishedScreen #told { width: 1fr; }
    PublishedScreen.-narrow #sides { layout: vertical; }
    PublishedScreen.-narrow #lists { width: 1fr; height: 3fr; }
    PublishedScreen.-narrow #told { width: 1fr; height: 2fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._detail: Detail | None = None
        self._of_endpoints = False

    def body(self) -> ComposeResult:
        """The lists, and what is told."""
        with Horizontal(id="sides"):
            with Vertical(id="lists"):
                yield ListTable(PIPELINES, title="0 Published pipelines", id="published", empty=(
                    "Nothing is published.", "Press 2 for the pipelines, or 3 for the runs, and p there"))
                yield ListTable(ENDPOINTS, title="Endpoints", id="endpoints", empty=(
                    "No endpoint.", "a makes a published pipeline a version of one"))
            told = VerticalScroll(Static(id="told-text", markup=False), id="told", classes="panel")
            told.border_title = "How it is called"
            yield told

    def read(self, workspace: Workspace) -> Publications:
        """All of them."""
        return publications(workspace)

    def show(self, data: Publications) -> None:
        """Put them into the lists, and tell of the chosen one anew."""
        self.listing.put(Row(one.id, (one.name, one.version or "", str(one.steps), _state(one.status), since(one.created_at)))
                         for one in data.pipelines)
        self._endpoints.put(map(_endpoint, data.endpoints))
        self._tell()

    @property
    def _endpoints(self) -> ListTable:
        return self.query_one("#endpoints", ListTable)

    @property
    def _chosen(self) -> tuple[str, bool] | None:
        """The id of the chosen one, and whether it is an endpoint."""
        table = self._endpoints if self._of_endpoints else self.listing
        return (table.key, self._of_endpoints) if table.key is not None else None

    @on(Highlighted)
    @on(Selected)
    def _again(self) -> None:
        self._tell()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Another list has the keyboard; what is told stays while one reads it."""
        if isinstance(event.widget, ListTable):
            self._of_endpoints = event.widget is self._endpoints
            self._tell()

    @work(exclusive=True, group="told")
    async def _tell(self) -> None:
        chosen = self._chosen
        if chosen is None:
            self._detail = None
            return
        look = endpoint_detail if chosen[1] else pipeline_detail
        found = await self.ask(partial(look, identity=chosen[0], address=self.dashboard.services.address))
        if found is not None and chosen == self._chosen:
            self._detail = found
            self.query_one("#told").border_title = Content(safe_line(found.name))
            self.query_one("#told-text", Static).update(Content("\n").join(_lines(found)))

    # --- keys

    def action_run(self) -> None:
        """Ask for the parameters and run it."""
        if (chosen := self._chosen) is not None:
            self.start(lambda: publishing.run_published(self.dashboard, chosen[0], endpoint=chosen[1]))

    def action_switch(self) -> None:
        """Let it be run, or let nobody run it."""
        if (chosen := self._chosen) is not None:
            self.do(lambda: publishing.switch(self.dashboard, chosen[0], endpoint=chosen[1]))

    def action_add(self) -> None:
        """Make it a version of an endpoint."""
        chosen = self._chosen
        if chosen is not None and not chosen[1]:
            self.do(lambda: publishing.add_to_endpoint(self.dashboard, chosen[0]))
        else:
            self.notify("Go to a published pipeline: a makes it a version of an endpoint.", markup=False, timeout=4)

    def action_default(self) -> None:
        """Choose the default version of the endpoint."""
        key = self._endpoints.key
        if key is not None:
            self.do(lambda: publishing.choose_default(self.dashboard, key))
        else:
            self.notify("There is no endpoint yet: a makes one of a published pipeline.", markup=False, timeout=4)

    def action_runs(self) -> None:
        """Show all runs of it."""
        if self._detail is not None:
            self.app.push_screen(RunsScreen(having=self._detail.having, of=self._detail.name))

    def action_copy(self) -> None:
        """Copy the line that calls it."""
        if self._detail is not None:
            copy(self.app, self._detail.curl)


def _state(status: str) -> Cell:
    look = look_of(status)
    return Cell(f"{look.glyph} {look.word.lower()}", look.colour)


def _endpoint(one: Versioned) -> Row:
    return Row(one.endpoint.id, (one.endpoint.name, one.endpoint.default_version, str(len(one.versions)), _state(one.endpoint.status)))


def _lines(found: Detail) -> Iterator[Content]:
    yield from pair_lines([(name, safe_line(value)) for name, value in found.facts])
    if found.versions:
        yield from _heading("Versions")
        for one in found.versions:
            look = look_of(one.status)
            yield Content.assemble((f"{one.number:>4} ", "bold"), (f"{look.glyph} ", ""), safe_line(one.pipeline),
                                   ("  default" if one.is_default else "", "$accent"))
    yield from _heading(f"Runs: {found.count:,}")
    yield from map(_run, found.runs)
    if found.schedules:
        yield from _heading("Schedules")
        yield from pair_lines([(safe_line(one.name), due_words(one.seconds)) for one in found.schedules])
    yield from _heading("Parameters")
    yield from pair_lines([(safe_line(name), safe_line(value)) for name, value in found.parameters] or [("none", "")])
    yield from _heading("Call it, while `stepwell serve` runs (y copies this)")
    yield Content(safe_line(found.curl))


def _run(run: RunRow) -> Content:
    look = look_of(run.status)
    return Content.assemble((f"{run.number:>5} ", "bold"), (f"{look.glyph} {look.word:10}", f"${STATUS_COLOURS[look.colour]}"),
                            (f" {run.started}, {run.took}", "$soft"))


def _heading(text: str) -> Iterator[Content]:
    yield Content()
    yield Content.styled(text, "bold $soft")


PLACE = PublishedScreen
