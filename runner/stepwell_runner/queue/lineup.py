"""Whether there is room for a submission now, and what it takes for one that was not published to wait: all that its author may edit
meanwhile is kept as it is."""

from __future__ import annotations

from collections import Counter

import msgspec

from stepwell_runner.execution.ownership import is_owned
from stepwell_runner.queue.enqueue import enqueue, room_in
from stepwell_runner.verbs.submit import Submission, adapted, prepare, targets_of
from stepwell_store.content.gitfacts import gather
from stepwell_store.housekeeping.guard import using
from stepwell_store.ledger import waiting
from stepwell_store.workspace import Workspace


def runs_on(workspace: Workspace) -> Counter[str]:
    """How many runs go on, by target. One whose runner died takes no room, whether or not that has been recorded."""
    active = waiting.active_targets(workspace.database)
    return Counter(target for run, targets in active if is_owned(workspace, run) for target in targets)


def has_room(workspace: Workspace, submission: Submission) -> bool:
    """Whether it may begin at once: no run waits for a target that it wants, and each of them takes one more."""
    targets = targets_of(adapted(submission))
    wanted = {target for _, others in waiting.heads(workspace.database) for target in others}
    if wanted.intersection(targets):
        return False
    taken = runs_on(workspace)
    return all(taken[target] < room_in(workspace, target) for target in targets)


def line_up(workspace: Workspace, submission: Submission) -> str:
    """Put it into the line with its sources as they are now; the run. Raises what would keep it from beginning."""
    prepared = prepare(workspace, submission)
    with using(workspace.locks):
        pinned = {step.key: digest for step in prepared.graph.steps if (digest := prepared.sight.stored(step)) is not None}
        files = {path: prepared.sight.file(path) for step in prepared.graph.steps for path in step.hash_paths}
        git = None if prepared.graph.base is None else gather(prepared.graph.base, workspace.objects)
        kept = msgspec.structs.replace(submission, pinned=pinned, files={**submission.files, **files})
        return enqueue(workspace, kept, git=None if git is None else msgspec.to_builtins(git)).id
