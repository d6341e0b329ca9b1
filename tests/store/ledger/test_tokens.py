"""Tokens: only hashes are kept, and one opens something only while it is live."""

from __future__ import annotations

import pytest

from stepwell_store.errors import UsageError
from stepwell_store.ledger import tokens
from stepwell_store.workspace import Workspace

NOW = 1_800_000_000.0


def test_a_token_is_found_by_its_secret_until_it_expires(workspace: Workspace) -> None:
    secret, token = tokens.make(workspace.database, "ci", lifetime_s=60, now=NOW)
    assert tokens.check(workspace.database, secret, NOW + 59) is not None
    assert tokens.check(workspace.database, secret, NOW + 60) is None
    assert tokens.check(workspace.database, token.hash, NOW) is None
    assert tokens.check(workspace.database, "", NOW) is None
    assert tokens.check(workspace.database, "\udcff", NOW) is None


def test_the_secret_is_not_kept(workspace: Workspace) -> None:
    secret, _ = tokens.make(workspace.database, "ci")
    rows = workspace.database.read("SELECT * FROM tokens")
    assert secret not in repr(rows)
    assert len({tokens.make(workspace.database, "ci")[0] for _ in range(50)}) == 50


def test_when_it_was_used_is_noted_now_and_then(workspace: Workspace) -> None:
    secret, _ = tokens.make(workspace.database, "ci", now=NOW)
    for later in (1, 2, 500, 700):
        tokens.check(workspace.database, secret, NOW + later)
    (token,) = tokens.list_tokens(workspace.database)
    assert token.used_at == NOW + 700
    tokens.check(workspace.database, secret, NOW - 1000)  # the clock was set back
    assert tokens.list_tokens(workspace.database)[0].used_at == NOW - 1000


def test_submissions_are_counted(workspace: Workspace) -> None:
    _, few = tokens.make(workspace.database, "few", calls=2)
    _, many = tokens.make(workspace.database, "many")
    assert [tokens.spend(workspace.database, few) for _ in range(3)] == [True, True, False]
    assert tokens.spend(workspace.database, many)


def test_revoking_is_by_id_or_by_name_and_for_good(workspace: Workspace) -> None:
    (first, one), (second, _), (third, _) = (tokens.make(workspace.database, name) for name in ("a", "b", "b"))
    assert [token.name for token in tokens.revoke(workspace.database, "b")] == ["b", "b"]
    assert tokens.check(workspace.database, second, NOW) is tokens.check(workspace.database, third, NOW) is None
    assert tokens.check(workspace.database, first, NOW) is not None
    tokens.revoke(workspace.database, one.id)
    with pytest.raises(UsageError, match="no token"):
        tokens.revoke(workspace.database, one.id)


def test_those_of_local_scripts_are_removed_once_they_have_expired(workspace: Workspace) -> None:
    tokens.make(workspace.database, tokens.LOCAL, lifetime_s=1, now=NOW)
    tokens.make(workspace.database, "kept", lifetime_s=1, now=NOW)
    tokens.make(workspace.database, tokens.LOCAL, lifetime_s=1, now=NOW + 10)
    assert sorted(token.name for token in tokens.list_tokens(workspace.database)) == ["kept", tokens.LOCAL]
