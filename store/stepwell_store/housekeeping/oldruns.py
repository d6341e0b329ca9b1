"""What is old and goes when asked: files of old runs, environments and caches not used for long. Finds, and removes nothing.

Rows stay. Results of removed outputs count as missing, so their steps run again when they are next wanted. What a kept run
used, also by reuse, stays, and so does the newest result of every step of every pipeline.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from stepwell_store.data.datastores import EMBEDDED_DATASTORES
from stepwell_store.housekeeping.garbage import mentioned
from stepwell_store.housekeeping.plan import Item, Policy, entries, is_older, item
from stepwell_store.workspace import Workspace

_CACHES = ("stat", "data", "interpreters", "downloads")
_WHY = "an old run"


def old_run_files(workspace: Workspace, policy: Policy, now: float) -> Iterator[Item]:
    """Folders and private outputs of runs that are not kept. The caller is alone."""
    texts = mentioned(workspace)
    old = {run for run in _old_runs(workspace, policy, now) if run not in texts}
    if not old:
        return
    used = _used(workspace, old)
    steps: dict[str, list[tuple[str, str]]] = {run: [] for run in old}
    for run, step_run, step in workspace.database.read("SELECT run, id, step FROM step_runs WHERE reused_from IS NULL"):
        if run in steps:
            steps[run].append((step_run, step))
    for run, those in steps.items():
        yield from _run_folder(workspace, run, {step for step_run, step in those if step_run in used})
        yield from _outputs(workspace, [step_run for step_run, _ in those if step_run not in used and step_run not in texts])


def _old_runs(workspace: Workspace, policy: Policy, now: float) -> set[str]:
    """Ended runs that no rule of the policy keeps."""
    age = max(policy.grace_s, policy.older_than_s or 0.0)
    rows = workspace.database.read("SELECT id, ended_at FROM runs ORDER BY number DESC")
    return {run for run, ended in rows[policy.keep_runs or 0:] if ended is not None and ended < now - age}


def _used(workspace: Workspace, old: set[str]) -> set[str]:
    """The step runs whose files are needed: those of kept runs, those that kept runs reused, the newest results."""
    rows = workspace.database.read("SELECT run, coalesce(reused_from, id) FROM step_runs")
    used = {step_run for run, step_run in rows if run not in old}
    used |= {row[0] for row in workspace.database.read("SELECT step_run FROM latest")}
    # The outputs of a sweep lie where its best trial left them.
    made = workspace.database.read("SELECT step_run, path FROM outputs WHERE path LIKE 'azureml/%'")
    return used | {path.split("/")[1] for step_run, path in made if step_run in used}


def _run_folder(workspace: Workspace, run: str, kept_steps: set[str]) -> Iterator[Item]:
    folder = str(workspace.runs / run)
    if not kept_steps:
        if os.path.isdir(folder):
            yield item("run", folder, _WHY)
        return
    for entry in entries(folder):
        if entry.is_dir(follow_symlinks=False) and entry.name not in kept_steps:
            yield item("run", entry.path, _WHY)


def _outputs(workspace: Workspace, step_runs: list[str]) -> Iterator[Item]:
    """Only places that belong to one step run; what an author placed elsewhere stays, and so do other datastores."""
    for step_run in step_runs:
        for datastore in EMBEDDED_DATASTORES:
            path = str(workspace.root / "datastores" / datastore / "azureml" / step_run)
            if os.path.isdir(path):
                yield item("output", path, _WHY)


def unused_environments(workspace: Workspace, before: float) -> Iterator[Item]:
    """Environments in which no step ran since this time and that no published pipeline needs. The caller is alone."""
    rows = workspace.database.read("SELECT DISTINCT json_extract(ingredients, '$.environment') FROM step_runs"
                                   " WHERE reused_from IS NULL AND coalesce(ended_at, started_at) >= ?", (before,))
    published = workspace.database.read("SELECT value FROM published, json_each(published.environments)")
    used = {str(row[0]).partition(":")[2][:20] for row in (*rows, *published)}
    for entry in entries(str(workspace.envs)):
        if entry.name.partition(".")[0] not in used and ".tmp-" not in entry.name and is_older(entry, before):
            yield item("environment", entry.path, "no step ran in it for long; it is made again when one does")


def old_caches(workspace: Workspace, before: float) -> Iterator[Item]:
    """Files of caches that were written before this time; they cost time, or a download, to make again. The caller is alone."""
    for name in _CACHES:
        for entry in entries(str(workspace.cache / name)):
            if is_older(entry, before) and not entry.name.startswith(".tmp-"):
                yield item("cache", entry.path, "a cache that was not written for long")
