"""A whole run, for people and as JSON."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from stepwell.cli.common import print_json, print_table, say, short, words
from stepwell.cli.printing import (
    moment,
    plain,
    print_facts,
    print_heading,
    run_data,
    run_seconds,
    seconds,
    step_data,
    step_seconds,
)
from stepwell_runner.planning import reasons
from stepwell_runner.verbs.logfiles import last_lines, log_of
from stepwell_runner.verbs.steps import shown_status
from stepwell_store.data.definition import DatasetDefinition, place_words
from stepwell_store.ledger import history
from stepwell_store.ledger.lineage import Origin, origins
from stepwell_store.ledger.records import OutputRecord, Run, StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, size_text

TAIL_LINES = 15


def show_run(workspace: Workspace, run: Run, steps: list[StepRun], *, as_json: bool) -> None:
    """Print a run with its steps, and what they left."""
    if as_json:
        print_json(_data(workspace, run, steps))
        return
    print_facts(facts(run))
    if steps:
        print()
        _print_steps(steps, origins(workspace.database, run.id))
    for step in searches(steps):
        from stepwell.cli.show_trials import SHOWN, print_trials

        print_trials(workspace, step, limit=SHOWN)
    _print_outputs(workspace, steps)
    _print_failures(workspace, run, steps)


def _data(workspace: Workspace, run: Run, steps: list[StepRun]) -> dict[str, Any]:
    told = [step_data(step) | {"outputs": msgspec.to_builtins(outputs(workspace, step))} | trials(workspace, step) for step in steps]
    return run_data(run) | {"steps": told, "artifacts": msgspec.to_builtins(history.artifacts_of(workspace.database, run.id))}


def searches(steps: list[StepRun]) -> list[StepRun]:
    """The steps among them that are sweeps and have begun."""
    return [step for step in steps if "work/space" in step.ingredients]


def trials(workspace: Workspace, step: StepRun) -> dict[str, Any]:
    """`trials` for a sweep, as JSON-like data; nothing for other steps."""
    if not searches([step]):
        return {}
    from stepwell_runner.verbs.trials import trials_data, trials_told

    return {"trials": trials_data(trials_told(workspace, step))}


def outputs(workspace: Workspace, step: StepRun) -> list[OutputRecord]:
    """What a step left, or the step whose result it took."""
    return history.outputs_of(workspace.database, step.reused_from or step.id) if step.id else []


def facts(run: Run) -> list[tuple[str, str | None]]:
    """What is said of a run as names and values."""
    return [
        ("run", f"#{run.number}  {run.id}"),
        ("status", run.status),
        ("pipeline", run.pipeline),
        ("experiment", run.experiment if run.experiment != run.pipeline else None),
        ("source", run.source),
        ("rerun of", short(run.rerun_of) if run.rerun_of else None),
        ("started", moment(run.started_at or run.created_at)),
        ("took", seconds(run_seconds(run))),
        ("options", _pairs(run.options)),
        ("parameters", _pairs({name: _parameter(value) for name, value in run.parameters.items()})),
        ("git", git_words(run.git)),
        ("tags", _pairs(run.tags)),
        ("properties", _pairs(run.properties)),
        ("error", run.error),
    ]


def _pairs(values: dict[str, Any]) -> str:
    return "\n".join(f"{safe_line(name)} = {words(value_text(value))}" for name, value in values.items())


def _parameter(value: Any) -> Any:
    """Data by its name, or by where it is."""
    if not isinstance(value, dict):
        return value
    data = msgspec.convert(value, DatasetDefinition)
    return f"{data.name}:{data.version}" if data.name else ", ".join(map(place_words, data.places))


def value_text(value: Any) -> str:
    """A parameter's or a tag's value as text; data as JSON."""
    return value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()


def git_words(git: dict[str, Any] | None) -> str | None:
    """Where the source came from, in one line."""
    if not git:
        return None
    changed = ", with changes that were not committed" if git.get("dirty") else ""
    return words(f"{git.get('branch') or 'detached head'} at {str(git.get('commit'))[:12]}{changed} ({git.get('repository')})")


def _print_steps(steps: list[StepRun], found: dict[str, Origin]) -> None:
    columns = [Column("step"), Column("status", keep=True, status=True), Column("took", right=True, keep=True), Column("why")]
    print_table(columns, [(step.step, shown_status(step), seconds(step_seconds(step)), plain(_few_words(step, found.get(step.id))))
                          for step in steps])


def _few_words(step: StepRun, origin: Origin | None) -> str:
    if step.reused_from is not None:
        return "nothing it depends on changed" + (f" since run #{origin.number}" if origin else "")
    if step.status in ("Skipped", "Queued"):
        return step.error or ""
    told = [reasons.words(reason) for reason in reasons.decode(step.reasons)]
    return "; ".join(told)


def _print_outputs(workspace: Workspace, steps: list[StepRun]) -> None:
    rows = [(step.step, one.name, one.kind, str(one.files), size_text(one.size)) for step in steps for one in outputs(workspace, step)]
    if rows:
        print()
        columns = [Column("output of"), Column("name"), Column("kind"), Column("files", right=True), Column("size", right=True, keep=True)]
        print_table(columns, rows)


def _print_failures(workspace: Workspace, run: Run, steps: list[StepRun]) -> None:
    failed = [step for step in steps if step.status == "Failed"]
    for step in failed:
        print_failure(workspace, step)
    if failed:
        say(f"\nmend it, then `stepwell resume {short(run.id)}` goes on from what completed;"
             f" `stepwell logs {short(run.id)}/{safe_line(failed[0].step)}` shows the whole log")
    elif run.status in ("Failed", "Canceled"):
        say(f"\n`stepwell resume {short(run.id)}` goes on from what completed")


def print_failure(workspace: Workspace, step: StepRun) -> None:
    """Why a step failed and the end of its log."""
    print_heading(f"{step.step} failed: {step.error or 'no reason is known'}")
    path = log_of(workspace, step)
    lines = last_lines(path, TAIL_LINES) if os.path.exists(path) else []
    for line in lines:
        print(f"  {safe_line(line)}")
    if not lines:
        print("  it wrote nothing")
