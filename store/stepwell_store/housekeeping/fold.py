"""Compares the rows of history with the fold of its events, and makes them anew from the events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepwell_store.files import write_atomic
from stepwell_store.housekeeping.report import Finding
from stepwell_store.ledger import events, schema
from stepwell_store.ledger.database import open_connection
from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    import sqlite3

_TODO = "run `stepwell check --full --repair`, which makes the rows anew from the events"


def check_rows(workspace: Workspace) -> list[Finding]:
    """A finding for every table of history that is not what its events say."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="stepwell-") as folder, workspace.database.snapshot():
        path = Path(folder, "fold.db")
        write_atomic(path, b"", durable=False)
        copy = open_connection(path)
        try:
            copy.execute("PRAGMA synchronous=OFF")
            return _compare(workspace.database.connection, copy)
        finally:
            copy.close()


def _compare(live: sqlite3.Connection, copy: sqlite3.Connection) -> list[Finding]:
    copy.execute("BEGIN IMMEDIATE")
    schema.migrate(copy)
    try:
        events.replay(copy, (row[0] for row in live.execute("SELECT payload FROM events ORDER BY seq")))
    except (msgspec.MsgspecError, TypeError) as error:
        return [Finding(what="rows", state="unreadable", name="events", detail=str(error), todo="restore a backup")]
    found = []
    for table in events.HISTORY_TABLES:
        differing = len(_rows(live, table) ^ _rows(copy, table))
        if differing:
            found.append(Finding(what="rows", state="changed", name=table, todo=_TODO,
                                 detail=f"{differing} rows of {table} differ from what the events say"))
    return found


def _rows(connection: sqlite3.Connection, table: str) -> set[tuple[object, ...]]:
    """All rows without the numbers that SQLite gave them."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    names = ", ".join(name for name in columns if (table, name) != ("metrics", "id"))
    return set(connection.execute(f"SELECT {names} FROM {table}"))  # noqa: S608 - names from the schema itself


def repair_rows(workspace: Workspace) -> None:
    """Make the rows of history anew from the events, in one transaction."""
    with workspace.database.write() as connection:
        payloads = [row[0] for row in connection.execute("SELECT payload FROM events ORDER BY seq")]
        events.replay(connection, payloads)

