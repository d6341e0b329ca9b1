"""Tokens of the REST server. Only their hashes are kept; a token itself is told once, to whoever has it made."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import Literal

from stepwell_store.errors import UsageError
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.records import Record, from_row, insert, new_id, select, to_row

Verb = Literal["read", "submit", "cancel"]
VERBS: tuple[Verb, ...] = ("read", "submit", "cancel")
LOCAL = "local script"
"""The name of tokens that scripts of this machine have made for themselves. They are removed once they have expired."""

_PREFIX = "stepwell_"
_BYTES = 32
_NOTED_S = 600.0


class Token(Record, frozen=True, kw_only=True):
    """A token without its secret. `verbs` is what it allows, `only_for` the id of the one endpoint or published pipeline that it is
    for, `calls_left` how many submissions it may still make. `used_at` is exact to ten minutes."""

    id: str
    name: str
    hash: str
    verbs: list[Verb]
    created_at: float
    only_for: str | None = None
    expires_at: float | None = None
    revoked_at: float | None = None
    calls_left: int | None = None
    used_at: float | None = None

    def is_live(self, now: float) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


_SELECT = select(Token, "tokens")


def make(database: Database, name: str, *, verbs: tuple[Verb, ...] = VERBS, only_for: str | None = None, lifetime_s: float | None = None,
         calls: int | None = None, now: float | None = None) -> tuple[str, Token]:
    """Make a token: the secret, which nobody can be told again, and what is kept of it."""
    at = time.time() if now is None else now
    secret = _PREFIX + secrets.token_urlsafe(_BYTES)
    token = Token(id=new_id()[:8], name=name, hash=_hash(secret), verbs=list(verbs), only_for=only_for, created_at=at,
                  expires_at=None if lifetime_s is None else at + lifetime_s, calls_left=calls)
    with database.write() as connection:
        connection.execute("DELETE FROM tokens WHERE name = ? AND expires_at < ?", (LOCAL, at))
        connection.execute(insert(Token, "tokens"), to_row(token))
    return secret, token


def check(database: Database, secret: str, now: float) -> Token | None:
    """The live token with this secret; None for one that is unknown, expired or revoked, at the same cost."""
    wanted = _hash(secret)
    rows = database.read(_SELECT + "WHERE hash = ?", (wanted,))
    found = from_row(Token, rows[0]) if rows else None
    if found is None or not hmac.compare_digest(found.hash, wanted) or not found.is_live(now):
        return None
    if found.used_at is None or not now - _NOTED_S < found.used_at <= now:
        with database.write() as connection:
            connection.execute("UPDATE tokens SET used_at = ? WHERE id = ?", (now, found.id))
    return found


def spend(database: Database, token: Token) -> bool:
    """Count a submission to a token; False when it has none left."""
    if token.calls_left is None:
        return True
    with database.write() as connection:
        done = connection.execute("UPDATE tokens SET calls_left = calls_left - 1 WHERE id = ? AND calls_left > 0", (token.id,))
        return bool(done.rowcount)


def list_tokens(database: Database) -> list[Token]:
    """All tokens, the newest first."""
    return [from_row(Token, row) for row in database.read(_SELECT + "ORDER BY created_at DESC, id")]


def revoke(database: Database, name: str) -> list[Token]:
    """Make a token, by id, or all of a name, open nothing any longer; UsageError when there is none that is not revoked."""
    with database.write() as connection:
        rows = connection.execute(_SELECT + "WHERE (id = ?1 OR name = ?1) AND revoked_at IS NULL", (name,)).fetchall()
        connection.execute("UPDATE tokens SET revoked_at = ?2 WHERE (id = ?1 OR name = ?1) AND revoked_at IS NULL", (name, time.time()))
    if not rows:
        raise UsageError(f"there is no token {name} that could be revoked", todo="`stepwell token ls` lists them")
    return [from_row(Token, row) for row in rows]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
