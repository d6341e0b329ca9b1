"""Things that people register under names and versions: models, environments, modules, drafts. Of each kind one family of names.

The database knows nothing of what is in them: `body` is JSON-like data that belongs to whoever registers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from stepwell_store.errors import UsageError
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.records import Asset, from_row, insert, select, to_row


def register(database: Database, kind: str, name: str, body: Mapping[str, Any], *, version: str | None = None,
             description: str | None = None, tags: Mapping[str, str] | None = None,
             properties: Mapping[str, str] | None = None, status: str = "Active") -> Asset:
    """A new version, by default the number after the highest; UsageError when that version is there."""
    now = time.time()
    with database.write() as connection:
        taken = {row[0] for row in connection.execute("SELECT version FROM assets WHERE kind = ? AND name = ?", (kind, name))}
        chosen = version if version is not None else str(max((int(one) for one in taken if one.isdecimal()), default=0) + 1)
        if chosen in taken:
            raise UsageError(f"there is a {kind} {name} version {chosen} already", todo="leave the version out to get the next number")
        asset = Asset(kind=kind, name=name, version=chosen, id=os.urandom(16).hex(), body=dict(body), created_at=now, modified_at=now,
                      description=description, status=status, tags=dict(tags or {}), properties=dict(properties or {}))
        connection.execute(insert(Asset, "assets"), to_row(asset))
    return asset


def find(database: Database, kind: str, name: str, version: str | None = None) -> Asset | None:
    """One version, by default the one made last; None when there is none."""
    rows = database.read(select(Asset, "assets", "WHERE kind = ?1 AND name = ?2 AND (?3 IS NULL OR version = ?3)"
                                                 " ORDER BY created_at DESC, rowid DESC LIMIT 1"), (kind, name, version))
    return from_row(Asset, rows[0]) if rows else None


def by_id(database: Database, kind: str, asset: str) -> Asset | None:
    """The one with this id; None when there is none."""
    rows = database.read(select(Asset, "assets", "WHERE kind = ? AND id = ?"), (kind, asset))
    return from_row(Asset, rows[0]) if rows else None


def listed(database: Database, kind: str, name: str | None = None) -> list[Asset]:
    """All versions of a kind, or of one name, the newest first."""
    rows = database.read(select(Asset, "assets", "WHERE kind = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY created_at DESC, rowid DESC"),
                         (kind, name))
    return [from_row(Asset, row) for row in rows]


def newest(database: Database, kind: str) -> dict[str, Asset]:
    """The version of every name that was made last, by name in order."""
    found: dict[str, Asset] = {}
    for asset in listed(database, kind):
        found.setdefault(asset.name, asset)
    return dict(sorted(found.items()))


def change(database: Database, asset: Asset, **changes: Any) -> Asset:
    """Change some fields of one version, other than kind and id; it as it is then. UsageError when it is gone."""
    changed = msgspec.structs.replace(asset, modified_at=time.time(), **changes)
    with database.write() as connection:
        if not connection.execute("DELETE FROM assets WHERE kind = ? AND id = ?", (asset.kind, asset.id)).rowcount:
            raise UsageError(f"there is no {asset.kind} {asset.name} version {asset.version} any more")
        connection.execute(insert(Asset, "assets"), to_row(changed))
    return changed


def remove(database: Database, asset: Asset) -> None:
    """Forget one version."""
    with database.write() as connection:
        connection.execute("DELETE FROM assets WHERE kind = ? AND id = ?", (asset.kind, asset.id))
