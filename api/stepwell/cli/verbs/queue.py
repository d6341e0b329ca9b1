"""`stepwell queue`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say, short
from stepwell.cli.printing import ago
from stepwell_store.ledger import history, waiting
from stepwell_tui.render.tables import Column


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("--start", action="store_true", help="start those for which there is room, as a server would")
    add_workspace(parser)
    add_json(parser)
    parser.description = (f"{parser.description} They begin in this order: when a run ends, when another is submitted, and while "
                          "`stepwell serve` runs. `stepwell cancel RUN` takes one out.")
    examples(parser, "stepwell queue", "stepwell queue --start")


def run(args: argparse.Namespace) -> int:
    """Show the line, or start what can be started."""
    workspace = open_workspace(args)
    if args.start:
        from stepwell_runner.queue.dispatch import dispatch

        started = dispatch(workspace)
        say(f"started: {', '.join(map(short, started))}" if started else "nothing was started")
    line = [(history.get_run(workspace.database, one.run), one.targets) for one in waiting.line(workspace.database)]
    if args.json:
        print_json([{"run": record.id, "number": record.number, "pipeline": record.pipeline, "experiment": record.experiment,
                     "targets": targets.split(","), "submitted_at": record.created_at} for record, targets in line])
    elif line:
        print_table([Column("place", right=True, keep=True), Column("run", keep=True), Column("pipeline"), Column("experiment"),
                     Column("waits for"), Column("submitted", keep=True)],
                    [(str(place), f"#{record.number} {short(record.id)}", record.pipeline, record.experiment, targets.replace(",", ", "),
                      ago(record.created_at)) for place, (record, targets) in enumerate(line, 1)])
    else:
        say("no run waits")
    return exits.DONE
