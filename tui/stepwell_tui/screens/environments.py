"""What steps run in: the interpreter of Stepwell, environments that were made, and those that earlier runs remember."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from stepwell_runner.verbs.ingredients import brief
from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.render.text import safe_line, size_text
from stepwell_tui.screens.lists import ListPlace, ago, since, sized
from stepwell_tui.views.environments import Environment, environments
from stepwell_tui.views.paths import near
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.tablemessages import Highlighted
from stepwell_tui.widgets.textview import TextView, pair_lines

COLUMNS = (Column("environment", width=12), Column("what", share=3), Column("state", share=2), Column("size", width=8, right=True),
           Column("uses", width=5, right=True), Column("last used", width=12, right=True, hidden_below=90))
_COLOURS = {"ready": "green", "being made": "cyan", "used by earlier runs": "dim"}


USES = 4
"""Steps that are named; what is in an environment stands below them."""


class EnvironmentsScreen(ListPlace[list[Environment]]):
    """A list, and below or beside it all that is known of the one under the cursor."""

    SCOPE: ClassVar[str | None] = "environments"
    PLACE: ClassVar[str] = "Environments"
    DEFAULT_CSS = """
    EnvironmentsScreen #both { layout: vertical; height: 1fr; }
    EnvironmentsScreen #environments { height: 40%; min-height: 5; }
    EnvironmentsScreen #about { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, Environment] = {}

    def body(self) -> ComposeResult:
        """The list and what is known of one."""
        with Container(id="both"):
            yield ListTable(COLUMNS, title="7 Environments", id="environments", empty=("No environment", ""))
            view = TextView(id="about", classes="panel")
            view.border_title = "What is in it"
            yield view

    def read(self, workspace: Workspace) -> list[Environment]:
        """All that are known; folders are walked once for their size."""
        return environments(workspace)

    def show(self, data: list[Environment]) -> None:
        """Put them into the list."""
        self._found = {one.key: one for one in data}
        self.listing.put(map(_row, data))
        self._tell(self.listing.key or (data[0].key if data else None))

    @on(Highlighted)
    def highlighted(self, event: Highlighted) -> None:
        """Tell of another one."""
        self._tell(event.key)

    def _tell(self, key: str | None) -> None:
        one = self._found.get(key or "")
        if one is not None:
            view = self.query_one("#about", TextView)
            lines = pair_lines(list(_about(one, self.dashboard.base)))
            if [line.plain for line in lines] != view.text.split("\n"):
                view.put(lines)

    def action_copy(self) -> None:
        """Copy where it is."""
        one = self._found.get(self.listing.key or "")
        if one is not None:
            copy(self.app, one.where or one.key)


def _row(one: Environment) -> Row:
    name = "current" if one.kind == "current" else one.key[:12]
    return Row(one.key, (name, one.words, Cell(one.state, _COLOURS.get(one.state, "red")), sized(one.size),
                         str(one.uses), since(one.used_at)))


def _about(one: Environment, base: Path) -> Iterator[tuple[str, str]]:
    kind = "python" if one.kind == "current" else "folder" if one.where else "digest"
    yield kind, safe_line(near(one.where, base)) or brief(f"blake3:{one.key}")
    if one.made_at is not None and one.size is not None:
        yield "made", f"{ago(one.made_at)}, {one.files} files, {size_text(one.size)}"
    for number, step in enumerate(one.used_by[:USES]):
        yield "" if number else "used by", safe_line(step)
    if len(one.used_by) > USES:
        yield "", f"and {len(one.used_by) - USES} more steps"
    if not one.used_by:
        yield "used by", "no step so far"
    for number, requirement in enumerate(one.requirements):
        yield "" if number else "requirements", safe_line(requirement)
    for number, (name, version) in enumerate(one.packages):
        yield "" if number else "packages", f"{safe_line(name)} {safe_line(version)}"


PLACE = EnvironmentsScreen
