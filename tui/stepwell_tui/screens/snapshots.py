"""Snapshots of source folders, and the files of one."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from stepwell_runner.verbs.ingredients import brief
from stepwell_store.content.trees import TreeEntry
from stepwell_store.ledger.lineage import KeptSnapshot
from stepwell_store.workspace import Workspace
from stepwell_tui import doing
from stepwell_tui.clipboard import copy
from stepwell_tui.modals.typed import Typed
from stepwell_tui.render.text import size_text
from stepwell_tui.screens.difference import DifferenceScreen
from stepwell_tui.screens.lists import ListPlace, since, sized
from stepwell_tui.screens.place import Place
from stepwell_tui.screens.texts import TextScreen
from stepwell_tui.views.datastores import files_words
from stepwell_tui.views.snapshots import Contents, contents, file_text, kept
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Column, Row
from stepwell_tui.widgets.tablemessages import Selected

COLUMNS = (Column("snapshot", width=12), Column("last used by", share=3), Column("pipeline", share=2, hidden_below=56),
           Column("began", width=12, right=True),
           Column("uses", width=6, right=True))
FILES = (Column("file", share=3), Column("size", width=9, right=True), Column("content", width=12, hidden_below=60),
         Column("", width=10, hidden_below=70))


class SnapshotsScreen(ListPlace[list[KeptSnapshot]]):
    """Those used last first; space marks two to be compared."""

    SCOPE: ClassVar[str | None] = "snapshots"
    PLACE: ClassVar[str] = "Snapshots"

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}

    def body(self) -> ComposeResult:
        """The list."""
        yield ListTable(COLUMNS, title="6 Snapshots", id="snapshots", empty=(
            "No snapshots yet: a run keeps one of each source folder.", "Press 2 for the pipelines, or type: stepwell run pipeline.py"))

    def read(self, workspace: Workspace) -> list[KeptSnapshot]:
        """Those that step runs ran in."""
        return kept(workspace)

    def show(self, data: list[KeptSnapshot]) -> None:
        """Put them into the list."""
        self._numbers = {one.digest: one.number for one in data}
        self.listing.put(Row(one.digest, (brief(one.digest), f"#{one.number}/{one.step}", one.pipeline, since(one.started_at),
                                          str(one.uses))) for one in data)

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a snapshot."""
        self.app.push_screen(SnapshotScreen(event.key))

    def action_diff(self) -> None:
        """Show what differs between the two that are marked, or this one and the one used before it."""
        marked = list(self.listing.marked)
        if len(marked) != 2:
            marked = self._with_the_one_before()
        if len(marked) == 2:
            old, new = sorted(marked, key=lambda digest: self._numbers.get(digest, 0))
            self.app.push_screen(DifferenceScreen(old, new))
        else:
            self.app.notify("Mark two snapshots with space, then press d.", markup=False, timeout=4)

    def _with_the_one_before(self) -> list[str]:
        digests = list(self._numbers)
        at = digests.index(self.listing.key) if self.listing.key in self._numbers else len(digests)
        return [] if self.listing.marked else digests[at : at + 2]

    def action_save(self) -> None:
        """Ask for a folder and copy the snapshot there."""
        if self.listing.key is not None:
            ask_and_restore(self, self.listing.key)

    def action_copy(self) -> None:
        """Copy the digest."""
        if self.listing.key is not None:
            copy(self.app, self.listing.key)


class SnapshotScreen(ListPlace[tuple[Contents, list[Row]]]):
    """The files of one snapshot."""

    SCOPE: ClassVar[str | None] = "snapshot"

    def __init__(self, digest: str) -> None:
        super().__init__()
        self._digest = digest
        self._entries: dict[str, TreeEntry] = {}

    def crumbs(self) -> tuple[str, ...]:
        """Snapshots, and the beginning of its digest."""
        return ("Snapshots", brief(self._digest))

    def body(self) -> ComposeResult:
        """The files."""
        yield ListTable(FILES, title="Files", id="files", empty=("It has no files.", "All files of its folder are ignored"))

    def read(self, workspace: Workspace) -> tuple[Contents, list[Row]]:
        """Its tree, and its rows: there may be very many."""
        found = contents(workspace, self._digest)
        return found, [Row(one.path, (one.path, sized(one.size), brief(one.digest), "executable" if one.executable else ""))
                       for one in found.tree.entries]

    def show(self, data: tuple[Contents, list[Row]]) -> None:
        """Put the files into the list."""
        found, rows = data
        self._entries = {entry.path: entry for entry in found.tree.entries}
        self.listing.put(rows, f"{files_words(len(rows))}, {size_text(found.tree.size)}")

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Look at a file."""
        entry = self._entries.get(event.key)
        if entry is not None:
            self.app.push_screen(TextScreen((*self.crumbs(), entry.path), "code", partial(file_text, entry=entry)))

    def action_save(self) -> None:
        """Ask for a folder and copy the snapshot there."""
        ask_and_restore(self, self._digest)

    def action_copy(self) -> None:
        """Copy the path of the file."""
        if self.listing.key is not None:
            copy(self.app, self.listing.key)


def ask_and_restore(place: Place[Any], digest: str) -> None:
    """Ask for a folder and copy a snapshot there."""

    def answered(folder: str | None) -> None:
        if folder and folder.strip():
            place.do(partial(doing.restore, place.dashboard, digest, folder.strip()))

    question = "Copy its files into which folder? It must be new or empty: nothing is ever written over."
    place.app.push_screen(Typed(f"Restore {brief(digest)}", question, f"restored-{brief(digest)[:7]}"), answered)


PLACE = SnapshotsScreen
