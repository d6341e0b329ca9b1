"""What is known of a step of a run, in groups of pairs: the step, its parameters and inputs, the run, and the commit that it saw."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from stepwell_runner.verbs.compare import environment_words
from stepwell_runner.verbs.ingredients import brief, words
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.views.paths import near


class Facts(msgspec.Struct, frozen=True):
    """A group with its title; names and values are foreign text, values may have several lines."""

    title: str
    pairs: tuple[tuple[str, str], ...]


def facts_of(workspace: Workspace, run: Run, step: StepRun) -> tuple[Facts, ...]:
    """All groups in which there is something."""
    groups = {"Step": _step(workspace, step), "Parameters": _of(step, "parameter"), "Inputs": _of(step, "input"),
              "Run": _run(run, workspace.base), "Git": _git(run)}
    found = [Facts(title, tuple(pair for pair in pairs if pair[1])) for title, pairs in groups.items()]
    return tuple(one for one in found if one.pairs)


def _step(workspace: Workspace, step: StepRun) -> Iterator[tuple[str, str]]:
    yield "error", step.error or ""
    yield "exit code", "" if step.exit_code is None else str(step.exit_code)
    yield "kind", step.kind
    yield "target", step.target
    yield "attempt", str(step.attempt or "")
    yield "started", _moment(step.started_at)
    yield "environment", environment_words(workspace, step.ingredients.get("environment")) or ""
    yield "code", brief(step.snapshot or "")
    yield from ((f"tag {name}", value) for name, value in step.tags.items())
    yield from step.properties.items()
    yield "step run", step.id


def _of(step: StepRun, kind: str) -> Iterator[tuple[str, str]]:
    for name, value in step.ingredients.items():
        if name.startswith(f"{kind}/"):
            yield name.partition("/")[2], words(name, value) if kind == "input" else value


def _run(run: Run, base: Path) -> Iterator[tuple[str, str]]:
    yield "run", run.id
    yield "number", f"#{run.number}"
    yield "experiment", run.experiment
    yield "submitted", _moment(run.created_at)
    yield "pipeline file", near(run.source, base) if run.source else ""
    yield "rerun of", run.rerun_of or ""
    yield "error", run.error or ""
    yield from ((f"parameter {name}", _value(value)) for name, value in run.parameters.items())
    yield from ((f"tag {name}", value) for name, value in run.tags.items())
    yield from run.properties.items()


def _git(run: Run) -> Iterator[tuple[str, str]]:
    git = run.git or {}
    for name in ("repository", "branch", "commit"):
        yield name, str(git.get(name) or "")
    yield "not committed", "some of it: what ran is in the snapshot of its code" if git.get("dirty") else ""


def _value(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _moment(at: float | None) -> str:
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
