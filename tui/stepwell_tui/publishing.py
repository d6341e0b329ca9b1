"""What a person can do with what is published; like `doing`, each for a worker of the screen that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepwell_runner.verbs import publish as verbs
from stepwell_runner.verbs.publish import Called
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history, publishing
from stepwell_store.ledger.publishing import Endpoint, Published
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.doing import ask, tell
from stepwell_tui.modals.choose import Choose
from stepwell_tui.modals.parameters import Parameters, Values
from stepwell_tui.modals.typed import Typed

if TYPE_CHECKING:
    from stepwell_runner.graph.model import Graph
    from stepwell_tui.app import Dashboard


async def publish_run(dashboard: Dashboard, run: str) -> str | None:
    """Ask for a name and publish what a run ran, with the code that it ran; the id of the published pipeline."""
    record = await ask(dashboard, lambda workspace: history.find_run(workspace.database, run))
    name = await _name(dashboard, record.pipeline, f"run #{record.number}, with its code as it was") if record else None
    if record is None or name is None:
        return None
    return _told(dashboard, await ask(dashboard, lambda workspace: verbs.publish_run(workspace, record, name=name)))


async def publish_file(dashboard: Dashboard, graph: Graph, source: str) -> str | None:
    """Ask for a name and publish a pipeline with its code as it is now; the id of the published pipeline."""
    name = await _name(dashboard, graph.name, "it with its code as it is now")
    if name is None:
        return None
    return _told(dashboard, await ask(dashboard, lambda workspace: verbs.publish_graph(workspace, graph, name=name, source=source)))


async def _name(dashboard: Dashboard, pipeline: str, what: str) -> str | None:
    name = await dashboard.push_screen_wait(Typed("Publish", f"Publish {what}, under which name?", pipeline))
    return (name or "").strip() or None


def _told(dashboard: Dashboard, done: Published | None) -> str | None:
    if done is None:
        return None
    tell(dashboard, f"{done.name} is published; 0 shows it")
    return done.id


async def run_published(dashboard: Dashboard, identity: str, *, endpoint: bool) -> str | None:
    """Ask for the parameters and put a run into the line, which starts when there is room; its id."""
    called = await ask(dashboard, lambda workspace: _called(workspace, identity, endpoint))
    graph = await ask(dashboard, lambda workspace: verbs.graph_of(workspace, called.published)) if called else None
    if called is None or graph is None:
        return None
    values: Values | None = {}
    if graph.parameters:
        values = await dashboard.push_screen_wait(Parameters(graph.parameters, None, title=f"Run {called.published.name}"))
    if values is None:
        return None
    run = await ask(dashboard, lambda workspace: _enqueued(workspace, called, values))
    if run is not None:
        tell(dashboard, f"Run #{run.number} of {run.pipeline} {'has begun' if run.started_at else 'waits for room'}")
    return run.id if run is not None else None


def _called(workspace: Workspace, identity: str, endpoint: bool) -> Called:
    called = verbs.called_by_endpoint(workspace, _endpoint(workspace, identity)) if endpoint else Called(_published(workspace, identity))
    verbs.refuse_disabled(called)
    return called


def _enqueued(workspace: Workspace, called: Called, values: Values) -> Run:
    from stepwell_runner.queue.dispatch import dispatch
    from stepwell_runner.queue.enqueue import enqueue

    run = enqueue(workspace, verbs.submission_of(workspace, called, parameters=values)).id
    dispatch(workspace)
    return history.get_run(workspace.database, run)


async def switch(dashboard: Dashboard, identity: str, *, endpoint: bool) -> bool | None:
    """Enable what is disabled and disable what is enabled; whether it can be run now."""
    def turn(workspace: Workspace) -> tuple[str, bool]:
        found = _endpoint(workspace, identity) if endpoint else _published(workspace, identity)
        status: publishing.Status = "Disabled" if found.status == "Active" else "Active"
        if endpoint:
            publishing.change_endpoint(workspace.database, identity, status=status)
        else:
            publishing.set_published_status(workspace.database, identity, status)
        return found.name, status == "Active"

    done = await ask(dashboard, turn)
    if done is None:
        return None
    tell(dashboard, f"{done[0]} {'can be run' if done[1] else 'cannot be run until it is enabled again'}")
    return done[1]


async def add_to_endpoint(dashboard: Dashboard, identity: str) -> str | None:
    """Ask for an endpoint, make it when there is none of the name, and make a published pipeline its default version; the version."""
    name = await dashboard.push_screen_wait(Typed("Endpoint", "Make it the default version of which endpoint? A new name makes one."))
    if not name or not name.strip():
        return None

    def add(workspace: Workspace) -> str:
        known = publishing.endpoint_named(workspace.database, name.strip())
        if known is not None:
            return publishing.add_version(workspace.database, known, identity, default=True)
        return publishing.create_endpoint(workspace.database, name.strip(), identity, None).default_version

    version = await ask(dashboard, add)
    if version is not None:
        tell(dashboard, f"It is version {version} of {name.strip()}, and the default one")
    return version


async def choose_default(dashboard: Dashboard, identity: str) -> str | None:
    """Ask which version of an endpoint is to be run when none is named; the version."""
    def versions(workspace: Workspace) -> tuple[str, list[tuple[str, str]]]:
        found = _endpoint(workspace, identity)
        pairs = [(one.version, publishing.get_published(workspace.database, one.published))
                 for one in publishing.versions_of(workspace.database, identity)]
        return found.name, [(number, f"{number}  {one.name if one else ''}{'  (default)' if number == found.default_version else ''}")
                            for number, one in reversed(pairs)]

    known = await ask(dashboard, versions)
    if known is None:
        return None
    name, items = known
    chosen = await dashboard.push_screen_wait(Choose(f"Default version of {name}", items))
    if chosen is None:
        return None

    def change(workspace: Workspace) -> str:
        publishing.change_endpoint(workspace.database, identity, default_version=chosen)
        return chosen

    done = await ask(dashboard, change)
    if done is not None:
        tell(dashboard, f"Version {done} of {name} is run when none is named")
    return done


def _endpoint(workspace: Workspace, identity: str) -> Endpoint:
    found = publishing.get_endpoint(workspace.database, identity)
    if found is None:
        raise UsageError("that endpoint is no longer there")
    return found


def _published(workspace: Workspace, identity: str) -> Published:
    found = publishing.get_published(workspace.database, identity)
    if found is None:
        raise UsageError("that published pipeline is no longer there")
    return found
