"""`stepwell resume RUN`."""

from __future__ import annotations

import argparse

from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, say, short
from stepwell.cli.running import report, submit
from stepwell_runner.execution.ownership import is_adopted, is_owned
from stepwell_runner.verbs.control import wait_until_ended
from stepwell_runner.verbs.submit import Finished, rerun_of
from stepwell_store.errors import BusyError, UsageError
from stepwell_store.ledger import history


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="@last", help="an id, the beginning of one, #number or @last (default)")
    parser.add_argument("-j", "--jobs", metavar="N", type=int, help="steps at once (default: one per processor)")
    parser.add_argument("--detach", action="store_true", help="come back at once; the run goes on by itself")
    add_workspace(parser)
    add_json(parser)
    parser.description = f"{parser.description} A new run with the same code and parameters; the steps that completed are reused."
    examples(parser, "stepwell resume", "stepwell resume 1f0c --detach")


def run(args: argparse.Namespace) -> int:
    """Submit an unfinished run's graph again; what completed is reused."""
    workspace = open_workspace(args)
    earlier = history.find_run(workspace.database, args.run)
    if earlier.ended_at is None and is_adopted(workspace, earlier.id):
        say(f"steps of run {short(earlier.id)} go on without its runner; waiting for them (Ctrl-C leaves them to go on)")
        earlier = wait_until_ended(workspace, earlier.id)
        if earlier.status == "Completed":
            return report(workspace, Finished(earlier.id, earlier.status), as_json=args.json)
    if earlier.ended_at is None and is_owned(workspace, earlier.id):
        raise BusyError(f"run {short(earlier.id)} is still going on", todo=f"`stepwell logs -f {short(earlier.id)}` follows it")
    if earlier.status == "Completed":
        raise UsageError(f"run {short(earlier.id)} completed, there is nothing left to do",
                         todo=f"`stepwell rerun {short(earlier.id)}` does it again")
    return submit(workspace, rerun_of(workspace, earlier, jobs=args.jobs), detach=args.detach, as_json=args.json)
