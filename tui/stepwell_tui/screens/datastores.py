"""Datastores, and the folders and files on them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from stepwell_store.workspace import Workspace
from stepwell_tui import doing
from stepwell_tui.clipboard import copy
from stepwell_tui.modals.typed import Typed
from stepwell_tui.render.text import safe_line, size_text
from stepwell_tui.screens.lists import ListPlace, since, sized
from stepwell_tui.screens.texts import TextScreen
from stepwell_tui.views.datastores import Folder, Item, Store, browse, download, file_text, files_words, stores
from stepwell_tui.views.paths import near
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row
from stepwell_tui.widgets.tablemessages import Selected

STORES = (Column("name", width=20), Column("default", width=7), Column("kind", width=4), Column("folder"))
ITEMS = (Column("name", share=3), Column("size", width=9, right=True), Column("files", width=7, right=True, hidden_below=50),
         Column("changed", width=12, right=True))


class DatastoresScreen(ListPlace[list[Store]]):
    """All of them; enter goes into one."""

    SCOPE: ClassVar[str | None] = "datastores"
    PLACE: ClassVar[str] = "Datastores"

    def __init__(self) -> None:
        super().__init__()
        self._folders: dict[str, str | None] = {}

    def body(self) -> ComposeResult:
        """The list. It is never empty: two datastores are part of the workspace."""
        yield ListTable(STORES, title="5 Datastores", id="datastores", empty=("No datastore", "stepwell datastore add NAME FOLDER"))

    def read(self, workspace: Workspace) -> list[Store]:
        """All of them."""
        return stores(workspace)

    def show(self, data: list[Store]) -> None:
        """Put them into the list."""
        self._folders = {store.name: store.folder for store in data}
        self.listing.put(_store(store, self.dashboard.base) for store in data)

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a datastore."""
        self.app.push_screen(FolderScreen(event.key))

    def action_copy(self) -> None:
        """Copy the folder of the datastore."""
        if self.listing.key is not None:
            copy(self.app, self._folders.get(self.listing.key) or self.listing.key)


class FolderScreen(ListPlace[tuple[Folder, list[Row]]]):
    """A folder of a datastore; `path` is empty for its top."""

    SCOPE: ClassVar[str | None] = "folder"

    def __init__(self, store: str, path: str = "") -> None:
        super().__init__()
        self._store = store
        self._path = path
        self._items: dict[str, Item] = {}

    def crumbs(self) -> tuple[str, ...]:
        """Datastores, the datastore, and the folders on the way."""
        return ("Datastores", self._store, *(part for part in self._path.split("/") if part))

    def body(self) -> ComposeResult:
        """What is in it."""
        table = ListTable(ITEMS, title="", id="items", empty=("Nothing is here.", "Press u to copy a file or folder of this machine here"))
        table.border_title = Content(safe_line(self._path or self._store))
        yield table

    def read(self, workspace: Workspace) -> tuple[Folder, list[Row]]:
        """What is in it now, and its rows: there may be very many."""
        folder = browse(workspace, self._store, self._path)
        return folder, [_row(item) for item in folder.items]

    def show(self, data: tuple[Folder, list[Row]]) -> None:
        """Put it into the list."""
        folder, rows = data
        self._items = {item.path: item for item in folder.items}
        self.listing.put(rows, f"{files_words(folder.files)}, {size_text(folder.size)}" if rows else "")

    @on(Selected)
    def open(self, event: Selected) -> None:
        """Go into a folder, or look at a file."""
        item = self._items.get(event.key)
        if item is not None:
            self.app.push_screen(FolderScreen(self._store, item.path) if item.is_folder else self._file(item))

    def _file(self, item: Item) -> TextScreen:
        return TextScreen((*self.crumbs(), item.name), "code", partial(file_text, store=self._store, path=item.path))

    def action_upload(self) -> None:
        """Ask for a file or folder and copy it here."""
        question = "Which file, or folder with all that is in it? Files that are here already stay as they are."
        self.app.push_screen(Typed(f"Upload to {self._path or self._store}", question), self._upload)

    def _upload(self, source: str | None) -> None:
        if source and source.strip():
            self.do(partial(self._copied_here, source.strip()))

    async def _copied_here(self, source: str) -> None:
        if await doing.upload(self.dashboard, self._store, source, self._path) is not None:
            self.reload_now()

    def action_save(self) -> None:
        """Ask for a folder and copy what is under the cursor there."""
        item = self._items.get(self.listing.key or "")
        if item is None:
            return
        question = f"Copy {item.name} into which folder of this machine? Files that are there already stay as they are."
        self.app.push_screen(Typed("Save", question, str(self.dashboard.base)), partial(self._save, item.path))

    def _save(self, path: str, folder: str | None) -> None:
        if folder is not None:
            self.do(partial(self._copied_away, path, folder))

    async def _copied_away(self, path: str, folder: str) -> None:
        done = await self.ask(partial(download, store=self._store, path=path, folder=folder))
        if done is not None:
            self.app.notify(safe_line(done), markup=False, timeout=4)

    def action_copy(self) -> None:
        """Copy the path on the datastore."""
        if self.listing.key is not None:
            copy(self.app, self.listing.key)


def _store(store: Store, base: Path) -> Row:
    return Row(store.name, (store.name, Cell("default" if store.default else "", "green"), store.kind, near(store.folder or "", base)))


def _row(item: Item) -> Row:
    name = f"{item.name}/" if item.is_folder else item.name
    return Row(item.path, (Cell(name, "cyan" if item.is_folder else ""), sized(item.size), str(item.files) if item.is_folder else "",
                           since(item.mtime)))


PLACE = DatastoresScreen
