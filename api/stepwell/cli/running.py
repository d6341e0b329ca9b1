"""Running a submission in the foreground or handing it to a process of its own, and telling how it ended."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from stepwell.cli import exits, stay
from stepwell.cli.common import origin, print_json, say, short
from stepwell.cli.progress import View, view_for
from stepwell.cli.streams import best_effort
from stepwell_runner.execution.ownership import request_cancel
from stepwell_runner.graph.model import Graph, decode
from stepwell_runner.planning import reasons
from stepwell_runner.verbs.logfiles import last_lines, log_of
from stepwell_runner.verbs.submit import Finished, Prepared, Submission, execute, prepare
from stepwell_store.ledger import events, history
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import duration_text, safe_text

TAIL_LINES = 15


def submit(workspace: Workspace, submission: Submission, *, detach: bool, as_json: bool) -> int:
    """Run it; the exit code."""
    if detach:
        from stepwell_runner.verbs.detach import start

        run = start(workspace, submission)
        if as_json:
            print_json({"run": run})
        else:
            tell_detached(workspace, run)
            print(run)
        return exits.DONE
    prepared = prepare(workspace, submission)
    finished = run_here(workspace, prepared, quiet=as_json)
    _start_waiting(workspace)
    return report(workspace, finished, as_json=as_json)


def tell_detached(workspace: Workspace, run: str) -> None:
    """Say of a run that was just submitted that it goes on, or that it waits."""
    if history.get_run(workspace.database, run).status == "Queued":
        say(f"run {short(run)} waits for room; `stepwell queue` shows the line")
    else:
        say(f"run {short(run)} goes on by itself; `stepwell logs -f {short(run)}` follows it, `stepwell cancel {short(run)}` stops it")


def _start_waiting(workspace: Workspace) -> None:
    """There may be room now for runs that wait."""
    from stepwell_store.ledger.waiting import count

    if count(workspace.database):
        from stepwell_runner.queue.dispatch import dispatch

        dispatch(workspace)


def run_here(workspace: Workspace, prepared: Prepared, *, quiet: bool = False) -> Finished:
    """Run in this process and show how it goes. The first Ctrl-C stops the steps, the second one does not wait for them."""
    view: View | None = None if quiet else view_for()
    seen: list[str] = []

    def listen(event: events.AnyEvent) -> None:
        if isinstance(event, events.RunCreated):
            seen.append(event.run)
        if view is not None:
            with best_effort(sys.stderr):
                view(event)

    stay()
    try:
        return execute(workspace, prepared, listener=listen, interrupt=lambda stop: _on_signals(workspace, stop, seen))
    finally:
        if view is not None:
            with best_effort(sys.stderr):
                view.close()


def _on_signals(workspace: Workspace, stop: Callable[[], None], run: list[str]) -> None:
    count = 0

    def handle(*_: object) -> None:
        nonlocal count
        count += 1
        if count == 1:
            stop()
            with suppress(OSError):
                os.write(2, b"\nstopping the steps; press Ctrl-C again to end at once\n")
            return
        from stepwell_runner.targets.strays import sweep

        for one in run:
            request_cancel(workspace, one)  # whoever ends the run in our place calls it cancelled
            sweep(one, grace_s=0)
        os._exit(exits.CANCELLED)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)


def report(workspace: Workspace, finished: Finished, *, as_json: bool) -> int:
    """Tell how a run ended; the exit code."""
    run = history.get_run(workspace.database, finished.run)
    if as_json:
        print_json(as_data(workspace, run, history.steps_of(workspace.database, run.id)))
    else:
        _summary(workspace, run)
    return {"Completed": exits.DONE, "Canceled": exits.CANCELLED}.get(run.status, exits.STEP_FAILED)


def as_data(workspace: Workspace, run: Run, steps: list[StepRun]) -> dict[str, Any]:
    """A run in the shape that `run --json` promises."""
    return {
        "run": run.id, "status": run.status, "number": run.number, "error": run.error,
        "steps": [_step_data(step) for step in steps],
        "outputs": _outputs(workspace, decode(workspace.objects.read(run.graph)), steps),
    }


def _step_data(step: StepRun) -> dict[str, Any]:
    return {"name": step.name, "step": step.step, "status": step.status, "reused": step.reused_from is not None,
            "reused_from": step.reused_from, "reasons": [reasons.words(reason) for reason in reasons.decode(step.reasons)],
            "duration_s": step.duration_s, "exit_code": step.exit_code, "error": step.error, "id": step.id}


def _outputs(workspace: Workspace, graph: Graph, steps: list[StepRun]) -> dict[str, str]:
    """The pipeline's named outputs, and every step's as `step/output`, with their paths."""
    from stepwell_runner.execution.sight import Sight

    root_of = Sight(workspace).root_of
    found = {f"{step.step}/{output.name}": os.path.join(root_of(output.datastore), output.path)
             for step in steps if step.status == "Completed"
             for output in history.outputs_of(workspace.database, origin(workspace, step).id)}
    named = {output.name: found[f"{output.step}/{output.output}"] for output in graph.outputs if f"{output.step}/{output.output}" in found}
    return {**named, **found}


def _summary(workspace: Workspace, run: Run) -> None:
    counts = history.step_counts(workspace.database, [run.id]).get(run.id, history.Counts(0, 0, 0, 0))
    took = duration_text((run.ended_at or run.created_at) - run.created_at)
    error = f" ({safe_text(run.error)})" if run.error else ""
    say(f"{run.status} in {took}: {counts.done - counts.reused} ran, {counts.reused} reused{error}")
    for step in history.steps_of(workspace.database, run.id) if counts.failed else ():
        if step.status == "Failed":
            _show_failure(workspace, step)
    if run.status == "Failed":
        say(f"`stepwell logs {short(run.id)}/STEP` shows more; `stepwell resume {short(run.id)}` goes on from what completed")
    print(run.id)


def _show_failure(workspace: Workspace, step: StepRun) -> None:
    say(f"\nstep {step.step} failed: {safe_text(step.error or '')}")
    log = log_of(workspace, step)
    with suppress(FileNotFoundError):
        for line in last_lines(log, TAIL_LINES):
            say(f"  | {safe_text(line)}")
    say(f"  log: {log}")
