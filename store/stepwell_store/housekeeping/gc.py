"""Collects garbage: plans what goes, and removes it. May be killed anywhere; what a row names is never removed unless asked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress

from stepwell_store.data.datastores import Progress
from stepwell_store.errors import MachineError
from stepwell_store.files import explained
from stepwell_store.housekeeping import garbage, oldruns, reserve
from stepwell_store.housekeeping.guard import collecting
from stepwell_store.housekeeping.plan import KEY_S, Item, Plan, Policy
from stepwell_store.housekeeping.removal import discard, empty_trash
from stepwell_store.housekeeping.report import no_progress
from stepwell_store.ledger import waiting
from stepwell_store.workspace import Workspace

DEFAULT = Policy()

_NOT_ALONE = ("runs, checks or backups are at work here, so only the private copies of ended attempts are looked at;"
              " run `stepwell gc` again when they have ended")


def plan(workspace: Workspace, policy: Policy, now: float, alone: bool) -> Plan:
    """What goes. Unless alone, only what no run can come to need."""
    before = now - policy.grace_s
    keys = waiting.old_keys(workspace.database, now - KEY_S)
    items = list(garbage.ended_attempts(workspace, before))
    if not alone:
        return Plan(tuple(items), (_NOT_ALONE,), keys)
    objects, notes = garbage.unneeded_objects(workspace, before)
    items += objects
    for find in (garbage.incoming, garbage.unnamed_outputs, garbage.unknown_runs, garbage.temporary_files):
        items += find(workspace, before)
    items += _old(workspace, policy, now)
    return Plan(_without_nested(items), tuple(notes), keys)


def _old(workspace: Workspace, policy: Policy, now: float) -> list[Item]:
    if not policy.wants_runs:
        return []
    items = list(oldruns.old_run_files(workspace, policy, now))
    if policy.older_than_s is not None:
        before = now - max(policy.older_than_s, policy.grace_s)
        items += oldruns.unused_environments(workspace, before)
        items += oldruns.old_caches(workspace, before)
    return items


def _without_nested(items: list[Item]) -> tuple[Item, ...]:
    """Without what goes as a part of something else."""
    whole = {item.path for item in items if item.kind in ("run", "output")}
    return tuple(item for item in items if whole.isdisjoint(_parents(item.path)))


def _parents(path: str) -> list[str]:
    found = []
    while (path := os.path.dirname(path)) not in ("", "/"):
        found.append(path)
    return found


def collect(workspace: Workspace, policy: Policy = DEFAULT, *, dry_run: bool = False, progress: Progress = no_progress,
            now: float | None = None, first: Callable[[Plan], Plan] | None = None) -> Plan:
    """Remove what the policy lets go; what that was, or with `dry_run` what it would be.

    `first` is given what was planned before any of it goes, and gives what is to go.
    BusyError when another collection is at work, MachineError when the workspace cannot be written.
    """
    if not os.access(workspace.root, os.W_OK):
        raise MachineError("the workspace cannot be written", where=str(workspace.root), todo="it is on a read-only file system")
    now = time.time() if now is None else now
    with collecting(workspace.locks) as alone:
        planned = plan(workspace, policy, now, alone)
        if not dry_run:
            planned = planned if first is None else first(planned)
            _remove(workspace, planned, progress)
            if planned.keys:
                waiting.forget_keys(workspace.database, now - KEY_S)
    return planned


def _remove(workspace: Workspace, planned: Plan, progress: Progress) -> None:
    done, total = 0, planned.size
    for item in planned.items:
        if item.kind == "object":
            with explained("removing an object", item.path), suppress(FileNotFoundError):
                os.unlink(item.path)
        else:
            discard(workspace.root, item.path)
        done += item.size
        progress(done, total, "removed")
    empty_trash(workspace.root)
    reserve.keep(workspace.root)
