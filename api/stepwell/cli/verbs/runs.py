"""`stepwell runs`."""

from __future__ import annotations

import argparse
from functools import cache
from typing import Any

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say, short
from stepwell.cli.printing import ago, run_data, run_seconds, seconds
from stepwell_runner.verbs.steps import step_count
from stepwell_store.ledger import history
from stepwell_store.ledger.history import Counts
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column

STATUSES = ("Queued", "Running", "Completed", "Failed", "Canceled")
NONE_YET = Counts(0, 0, 0, 0)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("--experiment", metavar="NAME", help="runs of this experiment only")
    parser.add_argument("--pipeline", metavar="NAME", help="runs of this pipeline only")
    parser.add_argument("--status", metavar="STATUS", type=_status, help=f"runs in this state only: {', '.join(STATUSES)}")
    parser.add_argument("-n", metavar="N", type=_count, default=20, dest="limit", help="how many (default: 20)")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell runs", "stepwell runs --status failed -n 5", "stepwell runs --pipeline iris --json")


def _status(text: str) -> str:
    word = text.capitalize().replace("Cancelled", "Canceled")
    if word not in STATUSES:
        raise argparse.ArgumentTypeError(f"no status {text!r}; there are {', '.join(STATUSES)}")
    return word


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """List runs, newest first."""
    workspace = open_workspace(args)
    found = history.list_runs(workspace.database, experiment=args.experiment, pipeline=args.pipeline, status=args.status, limit=args.limit)
    counts = _counts(workspace, found)
    if args.json:
        print_json([_data(one, counts[one.id]) for one in found])
    elif found:
        _print(found, counts)
    else:
        wanted = args.experiment or args.pipeline or args.status
        say("no such runs: `stepwell runs` lists them all" if wanted else "no runs yet: stepwell run pipeline.py")
    return exits.DONE


def _counts(workspace: Workspace, runs: list[Run]) -> dict[str, Counts]:
    """How far each run is; a run that was not completed has steps that only its graph knows."""
    known = history.step_counts(workspace.database, [one.id for one in runs])
    size = cache(lambda graph: step_count(workspace, graph))
    found = {}
    for one in runs:
        begun = known.get(one.id, NONE_YET)
        total = begun.total if one.status == "Completed" else size(one.graph) or begun.total
        found[one.id] = Counts(total, begun.done, begun.reused, begun.failed)
    return found


def _data(one: Run, counts: Counts) -> dict[str, Any]:
    steps = {"total": counts.total, "done": counts.done, "reused": counts.reused, "failed": counts.failed}
    return run_data(one) | {"steps": steps}


def _print(runs: list[Run], counts: dict[str, Counts]) -> None:
    experiments = any(one.experiment != one.pipeline for one in runs)
    columns = [Column("#", right=True, keep=True), Column("run", keep=True), Column("status", keep=True, status=True), Column("pipeline"),
               *([Column("experiment")] if experiments else []), Column("steps", keep=True), Column("reused", right=True, keep=True),
               Column("started", keep=True), Column("took", right=True, keep=True)]
    print_table(columns, [
        (str(one.number), short(one.id), one.status, one.pipeline, *([one.experiment] if experiments else []),
         f"{counts[one.id].done}/{counts[one.id].total}", str(counts[one.id].reused or ""), ago(one.created_at), seconds(run_seconds(one)))
        for one in runs])
