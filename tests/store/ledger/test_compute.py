"""Compute targets that people define."""

from __future__ import annotations

import msgspec
import pytest

from stepwell_store.errors import UsageError
from stepwell_store.ledger.compute import IMPLIED, ComputeTarget, find_target, list_targets, put_target, remove_target
from stepwell_store.workspace import Workspace

BIG = ComputeTarget(name="big", kind="docker", max_steps=3, settings={"memory": "4g", "gpus": "all"}, description="the big one",
                    properties={"vm_size": "STANDARD_D2"})


def test_a_target_comes_back_as_it_was(workspace: Workspace) -> None:
    stored = put_target(workspace.database, BIG)
    assert stored.created_at > 0
    assert msgspec.structs.replace(stored, created_at=0.0) == BIG
    assert find_target(workspace.database, "big") == stored
    assert find_target(workspace.database, "small") is None


def test_targets_are_listed_by_name(workspace: Workspace) -> None:
    for name in ("b", "a"):
        put_target(workspace.database, ComputeTarget(name=name, kind="local"))
    assert [target.name for target in list_targets(workspace.database)] == ["a", "b"]


def test_a_name_that_is_taken_stays_unless_it_is_to_be_replaced(workspace: Workspace) -> None:
    put_target(workspace.database, BIG)
    with pytest.raises(UsageError, match="big already"):
        put_target(workspace.database, ComputeTarget(name="big", kind="local"))
    put_target(workspace.database, ComputeTarget(name="big", kind="local"), replace=True)
    found = find_target(workspace.database, "big")
    assert found is not None
    assert (found.kind, found.max_steps, found.settings) == ("local", None, {})


def test_what_was_removed_is_gone_and_an_unknown_name_is_told(workspace: Workspace) -> None:
    put_target(workspace.database, BIG)
    remove_target(workspace.database, "big")
    assert list_targets(workspace.database) == []
    with pytest.raises(UsageError, match="no compute target big"):
        remove_target(workspace.database, "big")


@pytest.mark.parametrize("name", ["", "-x", ".x", "a/b", "a b", "x" * 65, "a\n"])
def test_names_that_could_not_be_a_file_name_are_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        put_target(workspace.database, ComputeTarget(name=name, kind="local"))


def test_no_steps_at_all_is_no_limit(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="0 steps at once"):
        put_target(workspace.database, ComputeTarget(name="none", kind="local", max_steps=0))


def test_defining_one_replaces_an_implied_one_and_no_other(workspace: Workspace) -> None:
    implied = ComputeTarget(name="cpu", kind="local", properties={IMPLIED: "true"})
    put_target(workspace.database, implied)
    put_target(workspace.database, ComputeTarget(name="cpu", kind="local", max_steps=1))
    assert [target.max_steps for target in list_targets(workspace.database)] == [1]
    with pytest.raises(UsageError, match="already"):
        put_target(workspace.database, implied)
