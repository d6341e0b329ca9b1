"""Things with names and versions: numbered one after the other, found, listed newest first, changed, removed."""

from __future__ import annotations

import pytest

from stepwell_store.errors import UsageError
from stepwell_store.ledger import assets
from stepwell_store.workspace import Workspace


def test_versions_are_numbered_and_found(workspace: Workspace) -> None:
    made = [assets.register(workspace.database, "model", "m", {"n": number}) for number in range(3)]
    assert [one.version for one in made] == ["1", "2", "3"]
    assert assets.find(workspace.database, "model", "m") == made[2]
    assert assets.find(workspace.database, "model", "m", "1") == made[0]
    assert assets.find(workspace.database, "environment", "m") is None
    assert assets.by_id(workspace.database, "model", made[1].id) == made[1]
    assert assets.listed(workspace.database, "model", "m") == made[::-1]


def test_a_version_of_ones_own_is_not_counted_and_not_given_twice(workspace: Workspace) -> None:
    assets.register(workspace.database, "module", "m", {}, version="beta")
    assert assets.register(workspace.database, "module", "m", {}).version == "1"
    with pytest.raises(UsageError, match="there is a module m version beta already"):
        assets.register(workspace.database, "module", "m", {}, version="beta")


def test_change_and_remove(workspace: Workspace) -> None:
    made = assets.register(workspace.database, "draft", "d", {"a": 1}, tags={"x": "y"}, description="old")
    changed = assets.change(workspace.database, made, description="new", tags={}, name="e")
    found = assets.by_id(workspace.database, "draft", made.id)
    assert found == changed
    assert (changed.description, changed.tags, changed.body, changed.name) == ("new", {}, {"a": 1}, "e")
    assert list(assets.newest(workspace.database, "draft")) == ["e"]
    assets.remove(workspace.database, changed)
    assert assets.listed(workspace.database, "draft") == []
    with pytest.raises(UsageError, match="any more"):
        assets.change(workspace.database, changed, description="late")
