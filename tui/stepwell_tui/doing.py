"""What a person can do to runs, pipelines and files. Each is a coroutine for a worker of the screen that asks for it.

None is the answer when it was not done: somebody said no, or an error was shown. Runs are processes of their own, which go on
when the dashboard ends. What runs pipelines is imported by the threads that ask for it, since places shall open at once.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from stepwell_runner.execution.ownership import is_owned, recover
from stepwell_store.errors import BusyError, StepwellError, UsageError
from stepwell_store.faults import translate
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.modals.confirm import Confirm
from stepwell_tui.modals.parameters import Parameters, Values
from stepwell_tui.render.text import safe_line, size_text

if TYPE_CHECKING:
    from stepwell_runner.graph.model import Graph
    from stepwell_runner.verbs.submit import Submission
    from stepwell_store.content.trees import Tree
    from stepwell_store.data.datastores import Uploaded
    from stepwell_tui.app import Dashboard

Result = TypeVar("Result")


async def run_pipeline(dashboard: Dashboard, graph: Graph, source: str, *, force: bool = False) -> str | None:
    """Ask for the parameters, with the values of the pipeline's last run, and start it; the new run's id."""
    newest = await ask(dashboard, lambda workspace: history.list_runs(workspace.database, pipeline=graph.name, limit=1))
    if newest is None:
        return None
    values: Values | None = {}
    if graph.parameters:
        title = f"Run {graph.name}{', every step' if force else ''}"
        values = await dashboard.push_screen_wait(Parameters(graph.parameters, newest[0].parameters if newest else None, title=title))
    if values is None:
        return None

    def make(_: Workspace) -> Submission:
        from stepwell_runner.verbs.submit import Submission

        return Submission(graph=graph, source=source, force=force, parameters=values)

    return await _start(dashboard, make)


async def run_now(dashboard: Dashboard, submission: Submission) -> str | None:
    """Start what a watcher proposes, without asking; the new run's id."""
    return await _start(dashboard, lambda _: submission)


async def rerun(dashboard: Dashboard, run: str, *, start: str | None = None) -> str | None:
    """Ask for the parameters, with the values of the run, and do it again with its own code; the new run's id.

    With `start` this step and all after it run whether or not they changed.
    """
    def make(workspace: Workspace) -> Submission:
        from stepwell_runner.verbs.submit import steps_from

        again = _again(workspace, _record(workspace, run))
        return again if start is None else msgspec.structs.replace(again, forced=steps_from(again.graph, start))

    submission = await ask(dashboard, make)
    if submission is None:
        return None
    declared = submission.graph.parameters
    if declared:
        title = "Rerun" if start is None else f"Rerun from {start}"
        values = await dashboard.push_screen_wait(Parameters(declared, msgspec.to_builtins(submission.parameters), title=title))
        if values is None:
            return None
        submission = msgspec.structs.replace(submission, parameters=values)
    return await _start(dashboard, lambda _: submission)


async def resume(dashboard: Dashboard, run: str) -> str | None:
    """Go on with a run that did not complete: a new one with the same code, that reuses what completed; its id."""
    def make(workspace: Workspace) -> Submission:
        record = _record(workspace, run)
        if record.ended_at is None and (record.started_at is None or is_owned(workspace, run)):
            raise BusyError(f"run #{record.number} {'waits for its turn' if record.started_at is None else 'is still going on'}")
        if record.status == "Completed":
            raise UsageError(f"run #{record.number} completed, there is nothing left to do")
        return _again(workspace, record)

    return await _start(dashboard, make)


async def cancel(dashboard: Dashboard, run: str) -> str | None:
    """Ask whether to stop a run, and ask its owner to do so; the run's id. The ledger tells when it has ended."""
    record = await ask(dashboard, lambda workspace: _unfinished(workspace, run))
    if record is None:
        return None
    question = f"Stop run #{record.number} of {record.pipeline}? Its running steps are ended."
    if not await dashboard.push_screen_wait(Confirm(question, yes="Stop it", no="Let it run", title="Cancel run")):
        return None
    if await ask(dashboard, lambda workspace: _stop(workspace, run)) is None:
        return None
    tell(dashboard, f"Run #{record.number} was asked to stop")
    return run


async def compare(dashboard: Dashboard, runs: list[str]) -> tuple[str, str] | None:
    """The older and the newer of two runs, or of one and the one before it of the same pipeline: what to compare."""
    def pair(workspace: Workspace) -> tuple[str, str]:
        records = sorted((_record(workspace, run) for run in runs), key=lambda record: record.number)
        newer = records[-1]
        if len(records) == 1:
            records = history.list_runs(workspace.database, pipeline=newer.pipeline, before=newer.number, limit=1)
        if not records:
            raise UsageError(f"run #{newer.number} is the first of {newer.pipeline}, there is none to compare it with",
                             todo="mark two runs to compare them with each other")
        return records[0].id, newer.id

    return await ask(dashboard, pair)


async def restore(dashboard: Dashboard, snapshot: str, folder: str) -> Tree | None:
    """Copy a snapshot, by its digest, into a folder that is new or empty; relative to the project."""
    target = _place(dashboard, folder)

    def copy(workspace: Workspace) -> Tree:
        from stepwell_runner.verbs import sources

        return sources.restore(workspace, snapshot, target)

    tree = await ask(dashboard, copy)
    if tree is not None:
        tell(dashboard, f"{_files(len(tree.entries))} in {target}")
    return tree


async def upload(dashboard: Dashboard, datastore: str, source: str, target: str = "", *, overwrite: bool = False) -> Uploaded | None:
    """Copy a file or a folder's content to a datastore, telling how far it is. Ends at the next file when its worker is cancelled."""
    stop = threading.Event()
    progress = Progress(partial(tell, dashboard), stop)
    path = _place(dashboard, source)
    try:
        done = await ask(dashboard, lambda workspace: workspace.datastore(datastore).upload(
            path, target, overwrite=overwrite, progress=progress))
    finally:
        stop.set()
    if done is not None:
        skipped = f"; {len(done.skipped)} were there already" if done.skipped else ""
        tell(dashboard, f"{_files(len(done.uploaded))} copied to {datastore}{skipped}")
    return done


class Progress:
    """Tells every now and then how far a copy is; ends it when it shall stop, which leaves every file whole."""

    def __init__(self, tell: Callable[[str], None], stop: threading.Event, every_s: float = 2.0) -> None:
        self._tell = tell
        self._stop = stop
        self._every_s = every_s
        self._next = time.monotonic() + every_s

    def __call__(self, done: int, total: int, name: str) -> None:
        if self._stop.is_set():
            raise UsageError("the copy was stopped", where=name)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every_s
            self._tell(f"{size_text(done)} of {size_text(total)} copied")


async def _start(dashboard: Dashboard, make: Callable[[Workspace], Submission]) -> str | None:
    def start(workspace: Workspace) -> Run:
        from stepwell_runner.verbs import detach

        return history.get_run(workspace.database, detach.start(workspace, make(workspace)))

    started = await ask(dashboard, start)
    if started is None:
        return None
    tell(dashboard, f"Run #{started.number} of {started.pipeline} has begun")
    return started.id


async def ask(dashboard: Dashboard, question: Callable[[Workspace], Result]) -> Result | None:
    """Do it in a thread; an error that people can act on is shown."""
    try:
        return await asyncio.to_thread(question, dashboard.workspace)
    except StepwellError as error:
        dashboard.complain(error)
    except OSError as error:
        dashboard.complain(translate(error, "doing that", error.filename or dashboard.workspace.root))
    return None


def _record(workspace: Workspace, run: str) -> Run:
    return history.find_run(workspace.database, run)


def _again(workspace: Workspace, record: Run) -> Submission:
    from stepwell_runner.verbs.submit import rerun_of

    return rerun_of(workspace, record)


def _unfinished(workspace: Workspace, run: str) -> Run:
    record = _record(workspace, run)
    if record.ended_at is not None:
        raise UsageError(f"run #{record.number} is over already: {record.status}")
    return record


def _stop(workspace: Workspace, run: str) -> Run:
    from stepwell_runner.verbs.control import ask_to_stop

    record = _unfinished(workspace, run)
    ask_to_stop(workspace, run)
    if not is_owned(workspace, run):
        recover(workspace)  # its runner died, so nobody else will end it
    return record


def _place(dashboard: Dashboard, path: str) -> str:
    return os.path.join(dashboard.workspace.base, os.path.expanduser(path))


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def tell(dashboard: Dashboard, text: str) -> None:
    dashboard.notify(safe_line(text), timeout=3, markup=False)
