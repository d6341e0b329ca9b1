"""One step of a run, for people and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from stepwell.cli.common import print_json, print_table, say, short, words
from stepwell.cli.printing import (
    moment,
    plain,
    print_facts,
    print_heading,
    run_line,
    run_name,
    seconds,
    step_data,
    step_seconds,
)
from stepwell.cli.show_run import outputs, print_failure, searches, trials, value_text
from stepwell_runner.execution.folders import attempt_folder
from stepwell_runner.planning import reasons
from stepwell_runner.verbs import ingredients
from stepwell_runner.verbs.compare import environment_words
from stepwell_runner.verbs.measured import Measured, measured_by
from stepwell_runner.verbs.steps import shown_status
from stepwell_store.ledger import history
from stepwell_store.ledger.lineage import origin_of
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, size_text

TOLD_ELSEWHERE = {"command", "environment", "source"}


def show_step(workspace: Workspace, run: Run, step: StepRun, *, as_json: bool) -> None:
    """Print a step: how it ended and why it ran, and what its result was made from and left."""
    made = step if step.reused_from is None else history.get_step(workspace.database, step.reused_from)
    if as_json:
        print_json(_data(workspace, step, made))
        return
    print_facts(_facts(workspace, run, step, made))
    if made.id:
        _print_ingredients(made)
        _print_trials(workspace, made)
        _print_outputs(workspace, step)
        _print_artifacts(workspace, made)
        _print_metrics(workspace, made)
    if step.status == "Failed":
        print_failure(workspace, step)
        say(f"\nmend it, then `stepwell resume {short(run.id)}` goes on from what completed;"
             f" `stepwell logs {short(run.id)}/{safe_line(step.step)}` shows the whole log")


def _data(workspace: Workspace, step: StepRun, made: StepRun) -> dict[str, Any]:
    return step_data(step) | {
        "made_by": step_data(made),
        "folder": folder_of(workspace, made),
        "environment": environment_words(workspace, made.ingredients.get("environment")),
        "outputs": msgspec.to_builtins(outputs(workspace, step)),
        "artifacts": msgspec.to_builtins(history.artifacts_of(workspace.database, made.id)),
        "metrics": msgspec.to_builtins(measured_by(workspace, made)),
    } | trials(workspace, made)


def folder_of(workspace: Workspace, made: StepRun) -> str | None:
    """Where the newest attempt at a step lies; None when it has not begun."""
    return attempt_folder(workspace, made.run, made.step, made.attempt) if made.attempt else None


def _facts(workspace: Workspace, run: Run, step: StepRun, made: StepRun) -> list[tuple[str, str | None]]:
    return [
        ("step", step.step + (f"  ({step.name})" if step.name != step.step else "")),
        ("status", shown_status(step)),
        ("of", run_line(run)),
        ("step run", step.id),
        ("kind", f"{step.kind} on {step.target}"),
        (*_why(workspace, step),),
        ("started", moment(made.started_at)),
        ("took", seconds(step_seconds(made))),
        ("attempts", str(made.attempt) if made.attempt > 1 else None),
        ("exit code", None if made.exit_code is None else str(made.exit_code)),
        ("error", step.error),
        ("command", ingredients.words("command", made.ingredients["command"]) if made.ingredients else None),
        ("environment", environment_words(workspace, made.ingredients.get("environment"))),
        ("snapshot", made.snapshot),
        ("folder", folder_of(workspace, made)),
        ("tags", "\n".join(f"{safe_line(name)} = {words(value)}" for name, value in step.tags.items())),
        ("properties", "\n".join(f"{safe_line(name)} = {words(value)}" for name, value in step.properties.items())),
    ]


def _why(workspace: Workspace, step: StepRun) -> tuple[str, str | None]:
    if step.reused_from is not None:
        origin = origin_of(workspace.database, step.reused_from)
        if origin is None:
            return "reused", f"the result of {step.reused_from}"
        made = history.get_run(workspace.database, origin.run)
        return "reused", f"the result of run {run_name(made)}: nothing that it depends on changed"
    told = [plain(reasons.words(reason)) for reason in reasons.decode(step.reasons)]
    return "why it ran", "\n".join(safe_line(line) for line in told)


def _print_ingredients(made: StepRun) -> None:
    rows = [(name, ingredients.words(name, value)) for name, value in made.ingredients.items() if name not in TOLD_ELSEWHERE]
    if rows:
        print_heading("made from")
        print_table([Column("ingredient"), Column("value")], rows)


def _print_trials(workspace: Workspace, made: StepRun) -> None:
    if searches([made]):
        from stepwell.cli.show_trials import print_trials

        print_trials(workspace, made)


def _print_outputs(workspace: Workspace, step: StepRun) -> None:
    rows = [(one.name, one.kind, str(one.files), size_text(one.size)) for one in outputs(workspace, step)]
    if rows:
        print_heading("outputs")
        columns = [Column("name"), Column("kind"), Column("files", right=True), Column("size", right=True, keep=True)]
        print_table(columns, rows)


def _print_artifacts(workspace: Workspace, made: StepRun) -> None:
    found = history.artifacts_of(workspace.database, made.id)
    if found:
        print_heading("artifacts")
        print_table([Column("name"), Column("size", right=True, keep=True)], [(one.name, size_text(one.size)) for one in found])


def _print_metrics(workspace: Workspace, made: StepRun) -> None:
    found = measured_by(workspace, made)
    if found:
        print_heading("metrics")
        print_table([Column("name"), Column("latest", right=True), Column("values", right=True)],
                    [(one.name, latest_text(one), str(one.count)) for one in found])


def latest_text(one: Measured) -> str:
    """The last value of a metric in one cell."""
    return f"{one.latest:.6g}" if isinstance(one.latest, float) else value_text(one.latest)
