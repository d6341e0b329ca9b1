"""Snapshots as people name them: by a step of a run, or by the beginning of a digest."""

from __future__ import annotations

import os
import re

from stepwell_runner.verbs.steps import step_named, steps_of_run
from stepwell_store.content import snapshots
from stepwell_store.content.trees import Tree, TreeEntry
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history
from stepwell_store.ledger.lineage import find_snapshots
from stepwell_store.ledger.records import StepRun
from stepwell_store.workspace import Workspace

_is_hex = re.compile(r"[0-9a-f]+").fullmatch


def find_snapshot(workspace: Workspace, name: str) -> str:
    """The digest of the snapshot that `RUN/STEP`, `RUN` (of one step) or the beginning of a digest names."""
    if "/" not in name:
        found = _by_digest(workspace, name)
        if found is not None:
            return found
    return _of_step(workspace, name)


def _by_digest(workspace: Workspace, name: str) -> str | None:
    prefix = name if name.startswith("blake3:") else f"blake3:{name}" if _is_hex(name) else None
    if prefix is None:
        return None
    found = find_snapshots(workspace.database, prefix)
    if len(found) > 1:
        raise UsageError(f"{name} begins more than one snapshot: {', '.join(found)}", todo="give more characters of it")
    if not found and name.startswith("blake3:"):
        raise UsageError(f"there is no snapshot {name}", todo="`stepwell snapshot ls` lists them")
    return found[0] if found else None


def _of_step(workspace: Workspace, name: str) -> str:
    run_name, slash, step_name = name.partition("/")
    run = history.find_run(workspace.database, run_name)
    steps = steps_of_run(workspace, run)
    if not slash and len(steps) != 1:
        raise UsageError(f"which step of run {run_name}?", todo=f"write {name}/STEP; its steps are: {', '.join(one.step for one in steps)}")
    step = made_by(workspace, step_named(workspace, steps, step_name) if slash else steps[0])
    if step.snapshot is None:
        raise UsageError(f"step {step.step} has no snapshot", todo="it has no source folder, or it has not begun")
    return step.snapshot


def made_by(workspace: Workspace, step: StepRun) -> StepRun:
    """The step run that made the result of this one: itself, unless it took an earlier one."""
    return step if step.reused_from is None else history.get_step(workspace.database, step.reused_from)


def file_in(tree: Tree, path: str) -> TreeEntry:
    """The file of a snapshot at this path; UsageError with those that look like it."""
    found = [entry for entry in tree.entries if entry.path == path]
    if not found:
        import difflib

        near = difflib.get_close_matches(path, [entry.path for entry in tree.entries], n=3, cutoff=0.4)
        raise UsageError(f"the snapshot has no file {path}", todo=f"did you mean {' or '.join(near)}?" if near else None)
    return found[0]


def restore(workspace: Workspace, digest: str, folder: str) -> Tree:
    """Copy a snapshot into a folder that is new or empty; UsageError for any other."""
    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise UsageError(f"{folder} is not an empty folder", todo="name a new one; nothing is ever written over")
    return snapshots.restore(digest, workspace.objects, folder)
