"""Registered datasets."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.screens.dataset import DatasetScreen
from stepwell_tui.screens.lists import ListPlace, since
from stepwell_tui.views.datasets import Listed, registered
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Column, Row
from stepwell_tui.widgets.tablemessages import Selected

COLUMNS = (
    Column("name", share=2), Column("version", width=7, right=True), Column("kind", width=17), Column("registered", width=12, right=True),
    Column("description", share=3, hidden_below=70),
)


class DatasetsScreen(ListPlace[list[Listed]]):
    """All of them by name; enter goes into one."""

    SCOPE: ClassVar[str | None] = "datasets"
    PLACE: ClassVar[str] = "Datasets"

    def body(self) -> ComposeResult:
        """The list."""
        yield ListTable(COLUMNS, title="4 Datasets", id="datasets", empty=(
            "No dataset has a name yet.",
            "stepwell dataset register NAME FILE\nIn a driver: dataset.register(workspace, \"NAME\")\n"
            "In a pipeline: output.register_on_complete(\"NAME\")"))

    def read(self, workspace: Workspace) -> list[Listed]:
        """The newest version of each."""
        return registered(workspace)

    def show(self, data: list[Listed]) -> None:
        """Put them into the list."""
        self.listing.put(Row(one.name, (one.name, str(one.version), one.kind, since(one.created_at), one.description)) for one in data)

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a dataset."""
        self.app.push_screen(DatasetScreen(event.key))

    def action_copy(self) -> None:
        """Copy the name."""
        if (key := self.listing.key) is not None:
            copy(self.app, key)


PLACE = DatasetsScreen
