"""Compute targets that people define: a name for a kind of target, how many steps it takes at once, and its settings.

What kinds there are, and what their settings mean, is the runner's knowledge; here they are text.
"""

from __future__ import annotations

import re
import time

import msgspec

from stepwell_store.errors import UsageError
from stepwell_store.ledger.database import Database

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
IMPLIED = "implied"
"""The property of a target that nobody defined on purpose: a pipeline named it. Defining one of its name replaces it."""

_COLUMNS = "name, kind, max_steps, settings, description, properties, created_at"


class ComputeTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A compute target. `max_steps` None is what its kind finds right; it holds across runs and processes.

    `settings` are read by its kind. `properties` are what a vocabulary wants to remember of it, and IMPLIED.
    """

    name: str
    kind: str
    max_steps: int | None = None
    settings: dict[str, str] = {}
    description: str | None = None
    properties: dict[str, str] = {}
    created_at: float = 0.0


def list_targets(database: Database) -> list[ComputeTarget]:
    """All that were defined, by name."""
    return [_target(row) for row in database.read(f"SELECT {_COLUMNS} FROM compute ORDER BY name")]  # noqa: S608


def find_target(database: Database, name: str) -> ComputeTarget | None:
    """The one of this name, or None."""
    rows = database.read(f"SELECT {_COLUMNS} FROM compute WHERE name = ?", (name,))  # noqa: S608
    return _target(rows[0]) if rows else None


def put_target(database: Database, target: ComputeTarget, *, replace: bool = False) -> ComputeTarget:
    """Define a target; it as it is stored. UsageError for a name that is taken (unless `replace`, or by an implied one) or
    cannot be one."""
    _check(target)
    stored = msgspec.structs.replace(target, created_at=time.time())
    row = (stored.name, stored.kind, stored.max_steps, _json(stored.settings), stored.description, _json(stored.properties),
           stored.created_at)
    with database.write() as connection:
        taken = connection.execute("SELECT properties FROM compute WHERE name = ?", (target.name,)).fetchone()
        if taken is not None and not replace and IMPLIED not in msgspec.json.decode(taken[0]):
            raise UsageError(f"there is a compute target {target.name} already", todo="choose another name, or replace it with --replace")
        connection.execute(f"INSERT OR REPLACE INTO compute ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
    return stored


def remove_target(database: Database, name: str) -> None:
    """Forget a target; UsageError when there is none of this name. What ran on it stays as it is recorded."""
    with database.write() as connection:
        if not connection.execute("DELETE FROM compute WHERE name = ?", (name,)).rowcount:
            raise UsageError(f"no compute target {name} was defined", todo="`stepwell compute ls` lists those that there are")


def _check(target: ComputeTarget) -> None:
    if not _NAME.match(target.name):
        raise UsageError(f"{target.name!r} cannot be the name of a compute target",
                         todo="use letters, digits, `-`, `_` and `.`, beginning with a letter or digit, 64 at most")
    if target.max_steps is not None and target.max_steps < 1:
        raise UsageError(f"the compute target {target.name} would take {target.max_steps} steps at once", todo="let it take one at least")


def _json(value: dict[str, str]) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _target(row: tuple[object, ...]) -> ComputeTarget:
    name, kind, max_steps, settings, description, properties, created_at = row
    return msgspec.convert(
        {"name": name, "kind": kind, "max_steps": max_steps, "settings": msgspec.json.decode(str(settings)), "description": description,
         "properties": msgspec.json.decode(str(properties)), "created_at": created_at}, ComputeTarget)
