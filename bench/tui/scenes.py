"""The programs that are measured: `python scenes.py NAME ARGUMENT`. Each shows `ready` on its first screen, or what it was asked for."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Log, RichLog, Static

from stepwell_tui.theme import DARK
from stepwell_tui.widgets.log import LogView
from stepwell_tui.widgets.rows import Cell, Column, Row, status_cell
from stepwell_tui.widgets.table import VirtualTable

TITLES = ("Run", "Pipeline", "Status", "Started", "Took", "Who", "Commit", "Said")


class Runs:
    """Pages of a table in SQLite."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)

    def count(self) -> int:
        """How many."""
        return int(self._database.execute("SELECT count(*) FROM runs").fetchone()[0])

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        """Some of them, the newest first."""
        found = self._database.execute("SELECT * FROM runs ORDER BY id DESC LIMIT ? OFFSET ?", (limit, offset))
        return [Row(str(row[0]), (f"run {row[0]}", row[1], status_cell(row[2]), *row[3:7], Cell(row[7], "dim"))) for row in found]


class Scene(App[None]):
    """An application; from the key `z` on it notes in a file beside the argument for how long its event loop was blocked at most."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("z", "watch", priority=True), Binding("o", "open", priority=True)]

    def __init__(self, argument: str) -> None:
        super().__init__()
        self.argument = argument
        self.register_theme(DARK)
        self.theme = DARK.name

    def action_watch(self) -> None:
        """Begin to watch the event loop."""
        self.run_worker(self._watch())

    async def _watch(self) -> None:
        longest, note = 0.0, Path(self.argument + ".stall")
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            late = time.perf_counter() - before - 0.005
            if late > longest:
                longest = late
                note.write_text(f"{longest:.6f}")

    def action_open(self) -> None:
        """Open the log, if there is one."""


class Minimal(Scene):
    """As little as Textual can show."""

    def compose(self) -> ComposeResult:
        yield Static("ready")


class OurTable(Scene):
    """The table of the dashboard."""

    def compose(self) -> ComposeResult:
        columns = [Column(title, width=12) for title in TITLES[:-1]]
        yield VirtualTable([*columns, Column(TITLES[-1])], Runs(self.argument))


class TheirTable(Scene):
    """Textual's table."""

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns(*TITLES)
        for row in Runs(self.argument).page(0, -1):
            table.add_row(*[cell if isinstance(cell, str) else cell.text for cell in row.cells], key=row.key)
        table.focus()


class OurLog(Scene):
    """The log of the dashboard; `o` opens it."""

    def compose(self) -> ComposeResult:
        yield Static("ready")
        yield LogView()

    def action_open(self) -> None:
        self.query_one(LogView).show_log(self.argument)


class _Theirs(Scene):
    """A log of Textual, which follows the file by what was added five times a second; `o` opens it."""

    def action_open(self) -> None:
        self.run_worker(self._follow())

    async def _follow(self) -> None:
        with open(self.argument, encoding="utf-8") as file:
            while True:
                lines = file.read().splitlines()
                if lines:
                    self.add(lines)
                await asyncio.sleep(0.2)

    def add(self, lines: list[str]) -> None:
        """Show more lines."""
        raise NotImplementedError


class TheirRichLog(_Theirs):
    """Textual's RichLog."""

    def compose(self) -> ComposeResult:
        yield Static("ready")
        yield RichLog()

    def add(self, lines: list[str]) -> None:
        """Show more lines."""
        view = self.query_one(RichLog)
        for line in lines:
            view.write(line)


class TheirLog(_Theirs):
    """Textual's Log."""

    def compose(self) -> ComposeResult:
        yield Static("ready")
        yield Log()

    def add(self, lines: list[str]) -> None:
        """Show more lines."""
        self.query_one(Log).write_lines(lines)


SCENES: dict[str, type[Scene]] = {
    "minimal": Minimal, "table": OurTable, "datatable": TheirTable, "logview": OurLog, "richlog": TheirRichLog, "log": TheirLog,
}

if __name__ == "__main__":
    SCENES[sys.argv[1]](sys.argv[2]).run()
