"""Put a submission into the line: a durable run of history that has not begun."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from stepwell_runner.execution.ids import new_run_id
from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import Graph, encode
from stepwell_runner.graph.parameters import bind
from stepwell_runner.targets.registry import resolve, room
from stepwell_runner.verbs.submit import Submission, adapted, creation, targets_of
from stepwell_store.content.digest import digest_bytes
from stepwell_store.errors import UsageError
from stepwell_store.housekeeping.guard import using
from stepwell_store.ledger import waiting
from stepwell_store.ledger.compute import list_targets
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.events import RunCreated
from stepwell_store.ledger.records import Run
from stepwell_store.ledger.waiting import Key, Request, Waiting
from stepwell_store.workspace import Workspace

Add = Callable[[Database, Request], RunCreated]

LONGEST_LINE = 10_000
"""How many runs may wait unless somebody says otherwise."""


def enqueue(workspace: Workspace, submission: Submission, *, owner: str = "", key: str | None = None, body: str = "",
            limit: int | None = LONGEST_LINE, add: Add = waiting.add, git: dict[str, Any] | None = None) -> Run:
    """Create a run that waits for its turn; the run, once it is durable. UsageError for what its author must mend.

    With a `key`, the second submission of the same `owner` raises TakenKey, which names the first; `body` is kept with it.
    waiting.Full when `limit` runs wait already. `add` is what writes: a server has many written at once. `git`
    are facts of the source, which are of this moment.
    """
    graph = adapted(submission)
    check(graph)
    targets = targets_of(graph)
    defined = list_targets(workspace.database)
    for target in targets:
        resolve(target, defined)
    values = bind(graph, submission.parameters)
    run, now = new_run_id(), time.time()
    with using(workspace.locks):
        digest = _stored(workspace, graph)
        made = creation(submission, graph, digest, values, run, now, git)
        created = add(workspace.database, Request(
            make=made, limit=limit, key=None if key is None else Key(owner=owner, name=key, body=body, run=run, at=now),
            waits=lambda number: Waiting(run=run, number=number, targets=",".join(targets), pinned=dict(submission.pinned),
                                         files=dict(submission.files))))
    return created.record


def _stored(workspace: Workspace, graph: Graph) -> str:
    """The digest of the graph's object, which is written only when it is not there: a published one is, and writing is slow."""
    data = encode(graph)
    digest = digest_bytes(data)
    return digest if workspace.objects.has(digest) else workspace.objects.put_bytes(data)


def room_in(workspace: Workspace, target: str) -> int:
    """How many runs a target takes at once: as many as steps, for each run has one at least. One for a target that is defined no longer,
    so that what waits for it gets to say so."""
    try:
        return room(resolve(target, list_targets(workspace.database)))
    except UsageError:
        return 1
