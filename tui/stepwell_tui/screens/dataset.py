"""One dataset: its versions, where its data is, how it begins, and which steps had it as an input."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content

from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.render import profiles, tables
from stepwell_tui.render.text import safe_line, size_text
from stepwell_tui.screens.lists import ListPlace, ago, since
from stepwell_tui.views.datasets import Detail, Preview, Use, Version, detail, preview, profiled
from stepwell_tui.views.tabular import Head
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Column, Row, status_cell
from stepwell_tui.widgets.tablemessages import Highlighted, Selected
from stepwell_tui.widgets.textview import TextView, pair_lines, plain_lines

VERSIONS = (Column("version", width=7, right=True), Column("registered", width=12, right=True))
USES = (Column("run", width=6, right=True), Column("status", width=12), Column("step", share=2), Column("input", share=1),
        Column("version", width=7, right=True, hidden_below=60), Column("pipeline", share=2, hidden_below=70),
        Column("when", width=12, right=True))
_NUMBERS = ("integer", "number")


class DatasetScreen(ListPlace[Detail]):
    """The preview is that of the version under the cursor."""

    SCOPE: ClassVar[str | None] = "dataset"
    DEFAULT_CSS = """
    DatasetScreen #top { height: 35%; min-height: 5; max-height: 12; }
    DatasetScreen #versions { width: 29; }
    DatasetScreen #about { width: 1fr; }
    DatasetScreen #preview { height: 1fr; }
    DatasetScreen #uses { height: 30%; min-height: 5; max-height: 12; }
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._dataset = name
        self._detail = Detail(name, (), ())
        self._version: int | None = None
        self._is_profile = False

    def crumbs(self) -> tuple[str, ...]:
        """Datasets, and its name."""
        return ("Datasets", self._dataset)

    def body(self) -> ComposeResult:
        """Versions and what is said of one, how its data begins, who used it."""
        with Horizontal(id="top"):
            yield ListTable(VERSIONS, title="Versions", empty=("No longer registered", ""), id="versions")
            yield _panel("about", "Definition")
        yield _panel("preview", "How it begins")
        yield ListTable(USES, title="Used by", id="uses", empty=(
            "No run had it as an input yet.", f"In a pipeline: Dataset.get_by_name(workspace, \"{safe_line(self._dataset)}\")"))

    def read(self, workspace: Workspace) -> Detail:
        """All about it but its data."""
        return detail(workspace, self._dataset)

    def show(self, data: Detail) -> None:
        """Put it on the screen."""
        self._detail = data
        self.listing.put(Row(str(one.version), (str(one.version), since(one.created_at))) for one in data.versions)
        self.query_one("#uses", ListTable).put(_use(use) for use in data.uses)
        self._choose(self._version or (data.versions[0].version if data.versions else None))

    @on(Highlighted, "#versions")
    def highlighted(self, event: Highlighted) -> None:
        """Show another version."""
        if event.key is not None:
            self._choose(int(event.key))

    @on(Selected, "#versions")
    def open_maker(self, event: Selected) -> None:
        """Go into the run that made the data of a version."""
        version = self._shown(int(event.key))
        if version is not None and version.made_by is not None:
            self.dashboard.open_run(version.made_by.run)
        else:
            self.notify("No step made its data.", markup=False, timeout=3)

    @on(Selected, "#uses")
    def open(self, event: Selected) -> None:
        """Go into the run that used it."""
        self.dashboard.open_run(event.key.partition("/")[0])

    def reload_now(self) -> None:
        """Its data, too: nobody tells when that changes."""
        super().reload_now()
        chosen, self._version = self._version, None
        self._choose(chosen)

    def _choose(self, number: int | None) -> None:
        version = self._shown(number)
        if version is None or number == self._version:
            return
        self._version = number
        self.query_one("#about", TextView).put(pair_lines(list(_about(version))))
        self._preview(version.version)

    def _shown(self, number: int | None) -> Version | None:
        return next((one for one in self._detail.versions if one.version == number), None)

    @work(exclusive=True, group="preview")
    async def _preview(self, version: int) -> None:
        view = self.query_one("#preview", TextView)
        view.border_title, view.border_subtitle = "What is in its columns" if self._is_profile else "How it begins", "reading …"
        found = await self.ask(partial(_profile_lines if self._is_profile else _lines, name=self._dataset, version=version))
        if found is not None:
            lines, note = found
            view.put(lines)
            view.border_subtitle = Content(note)

    def action_profile(self) -> None:
        """Show what is in the columns, or again how it begins."""
        if self._version is not None:
            self._is_profile = not self._is_profile
            self._preview(self._version)

    def action_copy(self) -> None:
        """Copy the name."""
        copy(self.app, self._dataset)


def _panel(name: str, title: str) -> TextView:
    view = TextView(id=name, classes="panel")
    view.border_title = title
    return view


def _use(use: Use) -> Row:
    return Row(f"{use.run}/{use.step}/{use.input}", (
        f"#{use.number}", status_cell(use.status), use.step, use.input, str(use.version or ""), use.pipeline, since(use.created_at)))


def _about(version: Version) -> Iterator[tuple[str, str]]:
    yield "kind", version.kind
    yield from (("place", safe_line(place)) for place in version.places)
    yield from ((safe_line(name), safe_line(value)) for name, value in version.reading)
    if version.made_by is not None:
        yield "made by", safe_line(f"#{version.made_by.number}/{version.made_by.step} of {version.made_by.pipeline} (enter goes there)")
    if version.description:
        yield "description", safe_line(version.description)
    yield from ((f"tag {safe_line(name)}", safe_line(value)) for name, value in version.tags.items())


def _lines(workspace: Workspace, name: str, version: int) -> tuple[list[Content], str]:
    """How a version begins, as lines and a note; called in a thread."""
    found = preview(workspace, name, version)
    note = safe_line(found.note)
    if found.table is not None and found.table.columns:
        return _table(found.table), note
    if found.files:
        return _files(found), note
    return plain_lines(note), ""


def _profile_lines(workspace: Workspace, name: str, version: int) -> tuple[list[Content], str]:
    """What is in the columns of a version, as lines and a note; called in a thread."""
    found = profiled(workspace, name, version)
    if found.profile is None:
        return plain_lines(safe_line(found.note)), ""
    return _headed(tables.table(profiles.COLUMNS, profiles.cells(found.profile))), safe_line(found.note)


def _table(head: Head) -> list[Content]:
    """Titles, below them what the cells are, and the first rows."""
    columns = [tables.Column(title, right=kind in _NUMBERS, foreign=True) for title, kind in zip(head.columns, head.kinds, strict=True)]
    titles, kinds, *rows = _headed(tables.table(columns, [head.kinds, *head.rows]))
    return [titles, kinds.stylize("$soft"), *rows]


def _files(found: Preview) -> list[Content]:
    columns = [tables.Column("file"), tables.Column("size", right=True), tables.Column("changed", right=True)]
    return _headed(tables.table(columns, [(file.name, size_text(file.size), ago(file.mtime)) for file in found.files]))


def _headed(text: str) -> list[Content]:
    first, *rest = plain_lines(text)
    return [first.stylize("bold $text-muted"), *rest]
