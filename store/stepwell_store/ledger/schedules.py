"""Schedules: when, or on what change of data, a published pipeline or an endpoint is run. What triggers mean is known to the runner."""

from __future__ import annotations

from typing import Any

import msgspec

from stepwell_store.errors import UsageError
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.publishing import Status
from stepwell_store.ledger.records import Record, from_row, insert, select, to_row


class Schedule(Record, frozen=True, kw_only=True):
    """A schedule of a published pipeline, or else of an endpoint. `trigger`, `parameters` and `state` are JSON-like data;
    `continue_on_failure` is 1, 0 or None for what the pipeline says."""

    id: str
    name: str
    experiment: str
    trigger: dict[str, Any]
    parameters: dict[str, Any]
    state: dict[str, Any]
    created_at: float
    status: Status = "Active"
    description: str | None = None
    published: str | None = None
    endpoint: str | None = None
    continue_on_failure: int | None = None


_SELECT = select(Schedule, "schedules")


def add_schedule(database: Database, record: Schedule) -> None:
    """Keep a schedule."""
    with database.write() as connection:
        connection.execute(insert(Schedule, "schedules"), to_row(record))


def get_schedule(database: Database, identity: str) -> Schedule | None:
    """The schedule with exactly this id; None when there is none."""
    rows = database.read(_SELECT + "WHERE id = ?", (identity,))
    return from_row(Schedule, rows[0]) if rows else None


def find_schedule(database: Database, name: str) -> Schedule:
    """The schedule of this name, id or unique prefix of one; UsageError when there is none, or several."""
    rows = database.read(_SELECT + "WHERE name = ?1 OR (id >= ?1 AND id < ?2)", (name, name + "\U0010ffff"))
    found = [from_row(Schedule, row) for row in rows]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name} is more than one schedule: {', '.join(one.id for one in found)}", todo="give an id")
    raise UsageError(f"there is no schedule {name}", todo="`stepwell schedule ls --all` lists them")


def list_schedules(database: Database, *, active_only: bool = False, published: str | None = None,
                   endpoint: str | None = None) -> list[Schedule]:
    """Schedules, the newest first; only those of one published pipeline or endpoint when that is named."""
    rows = database.read(_SELECT + "WHERE (NOT ?1 OR status = 'Active') AND (?2 IS NULL OR published = ?2)"
                                   " AND (?3 IS NULL OR endpoint = ?3) ORDER BY created_at DESC, id", (active_only, published, endpoint))
    return [from_row(Schedule, row) for row in rows]


def change_schedule(database: Database, record: Schedule) -> None:
    """Keep a schedule as it is now."""
    names = [name for name in Schedule.__struct_fields__ if name != "id"]
    values = dict(zip(Schedule.__struct_fields__, to_row(record), strict=True))
    with database.write() as connection:
        connection.execute(f"UPDATE schedules SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",  # noqa: S608 - own names
                           [*(values[name] for name in names), record.id])


def keep_state(database: Database, identity: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Replace the state of a schedule; False when somebody else has changed it meanwhile."""
    encode = msgspec.json.encode
    with database.write() as connection:
        done = connection.execute("UPDATE schedules SET state = ? WHERE id = ? AND state = ?",
                                  (encode(after).decode(), identity, encode(before).decode()))
        return bool(done.rowcount)


def runs_of(database: Database, identity: str, limit: int = -1) -> list[str]:
    """The ids of the runs that a schedule has fired, the newest first."""
    query = "SELECT id FROM runs WHERE json_extract(properties, '$.\"stepwell.schedule\"') = ? ORDER BY number DESC LIMIT ?"
    return [row[0] for row in database.read(query, (identity, limit))]
