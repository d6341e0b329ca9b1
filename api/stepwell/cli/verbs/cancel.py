"""`stepwell cancel RUN`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.common import add_workspace, examples, find, open_workspace, say, short
from stepwell_runner.verbs.control import cancel
from stepwell_store.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("run", metavar="RUN", help="an id, the beginning of one, #number or @last")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=60.0, help="how long to wait for it to end (default: 60)")
    add_workspace(parser)
    examples(parser, "stepwell cancel @last", "stepwell cancel 1f0c")


def run(args: argparse.Namespace) -> int:
    """Ask the run to stop and wait until it has."""
    workspace = open_workspace(args)
    found, step = find(workspace, args.run)
    if step is not None:
        raise UsageError("single steps cannot be cancelled", todo=f"`stepwell cancel {short(found.id)}` stops the whole run")
    status = cancel(workspace, found.id, args.timeout)
    say(f"run {short(found.id)}: {status}")
    return exits.DONE
