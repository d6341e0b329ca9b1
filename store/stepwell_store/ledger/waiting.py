"""Runs that were submitted and wait for room: a run of history with status Queued, and beside it what its start needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from stepwell_store.ledger import events
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.records import Record, from_row, insert, select, to_row

if TYPE_CHECKING:
    import sqlite3


class Waiting(Record, frozen=True, kw_only=True):
    """A run that has not begun. `number` is the run's, by which the line is ordered; `targets`, with commas between them, are those
    that its steps name, of which it waits for room. `pinned` maps step keys to snapshots, `files` paths of hash_paths to digests."""

    run: str
    number: int
    targets: str
    pinned: dict[str, str]
    files: dict[str, str]


class Key(Record, frozen=True, kw_only=True):
    """A caller's own name for a submission, by which it can be sent again without harm. `body` is the digest of what was sent."""

    owner: str
    name: str
    body: str
    run: str
    at: float


_KEY = select(Key, "submission_keys", "WHERE owner = ? AND name = ?")


class TakenKey(Exception):
    """The key has been used before: for `key.run`."""

    def __init__(self, key: Key) -> None:
        super().__init__(key.name)
        self.key = key


class Full(Exception):
    """As many runs wait as may."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A run to be created that waits. Both callables are given the number of the run. `limit` is how many may wait at once."""

    make: Callable[[int], events.RunCreated]
    waits: Callable[[int], Waiting]
    key: Key | None = None
    limit: int | None = None


def add(database: Database, request: Request) -> events.RunCreated:
    """Create a run that waits, in one durable transaction; the event that did. TakenKey or Full when it is not created."""
    (found,) = add_all(database, [request])
    if isinstance(found, events.RunCreated):
        return found
    raise found


def add_all(database: Database, requests: Sequence[Request]) -> list[events.RunCreated | TakenKey | Full]:
    """The same for several at once, in their order and in one transaction: reaching the disk is what takes time, however many there are."""
    with database.write() as connection:
        return [_add(connection, request) for request in requests]


def _add(connection: sqlite3.Connection, request: Request) -> events.RunCreated | TakenKey | Full:
    key = request.key
    if key is not None:
        rows = connection.execute(_KEY, (key.owner, key.name)).fetchall()
        if rows:
            return TakenKey(from_row(Key, rows[0]))
    if request.limit is not None:
        count = connection.execute("SELECT count(*) FROM queue").fetchone()[0]
        if count >= request.limit:
            return Full(count)
    number = events.next_number(connection)
    created = request.make(number)
    events.append(connection, [created])
    connection.execute(insert(Waiting, "queue"), to_row(request.waits(number)))
    if key is not None:
        connection.execute(insert(Key, "submission_keys"), to_row(key))
    return created


def find_key(database: Database, owner: str, name: str) -> Key | None:
    """What a key was used for; None when it was not."""
    rows = database.read(_KEY, (owner, name))
    return from_row(Key, rows[0]) if rows else None


_OLD_KEYS = "FROM submission_keys WHERE at < ? AND run IN (SELECT id FROM runs WHERE ended_at IS NOT NULL)"


def old_keys(database: Database, before: float) -> int:
    """How many keys were used before this time, for runs that have ended."""
    return int(database.read(f"SELECT count(*) {_OLD_KEYS}", (before,))[0][0])


def forget_keys(database: Database, before: float) -> None:
    """Forget the keys that `old_keys` counts: the same submission with one of them makes a new run from now on."""
    with database.write() as connection:
        connection.execute(f"DELETE {_OLD_KEYS}", (before,))


def begin(database: Database, started: events.RunStarted) -> bool:
    """Record that a waiting run begins; False when it does not wait any longer, because somebody began or ended it."""
    return _leave(database, started)


def end(database: Database, ended: events.RunEnded) -> bool:
    """Record the end of a run that never began; False when it does not wait any longer."""
    return _leave(database, ended)


def _leave(database: Database, event: events.RunStarted | events.RunEnded) -> bool:
    with database.write() as connection:
        if not connection.execute("SELECT 1 FROM queue WHERE run = ?", (event.run,)).fetchone():
            return False
        events.append(connection, [event])
    return True


def get(database: Database, run: str) -> Waiting | None:
    """What the start of a run needs; None when it does not wait."""
    rows = database.read(select(Waiting, "queue", "WHERE run = ?"), (run,))
    return from_row(Waiting, rows[0]) if rows else None


def count(database: Database) -> int:
    """How many runs wait."""
    return int(database.read("SELECT count(*) FROM queue")[0][0])


def line(database: Database, limit: int = -1) -> list[Waiting]:
    """The runs that wait, the oldest first."""
    return [from_row(Waiting, row) for row in database.read(select(Waiting, "queue", "ORDER BY number LIMIT ?"), (limit,))]


def heads(database: Database, without: Collection[str] = ()) -> list[tuple[str, list[str]]]:
    """Of the runs that want the same targets the oldest one, with those targets; the oldest of these first."""
    marks = ", ".join("?" * len(without))
    rows = database.read(f"SELECT run, targets, min(number) FROM queue WHERE run NOT IN ({marks})"  # noqa: S608 - question marks
                         " GROUP BY targets ORDER BY min(number)", tuple(without))
    return [(row[0], row[1].split(",")) for row in rows]


def place_of(database: Database, run: str) -> int | None:
    """How many runs are before this one in the line; None when it does not wait."""
    rows = database.read("SELECT (SELECT count(*) FROM queue WHERE number < mine.number) FROM queue AS mine WHERE run = ?", (run,))
    return rows[0][0] if rows else None


def active_targets(database: Database) -> list[tuple[str, list[str]]]:
    """Every run that has begun and not ended, with its targets."""
    rows = database.read("SELECT id, properties FROM runs WHERE ended_at IS NULL AND started_at IS NOT NULL")
    return [(run, msgspec.json.decode(text, type=dict[str, str]).get(TARGETS, "local").split(",")) for run, text in rows]


TARGETS = "stepwell.targets"
"""The property of a run that names the targets of its steps, with commas between them."""
