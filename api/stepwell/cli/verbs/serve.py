"""`stepwell serve`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits, stay
from stepwell.cli.common import add_workspace, examples, open_workspace, say
from stepwell.server.address import DEFAULT_PORT


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="the address to listen at (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="N",
                        help=f"the port (default: {DEFAULT_PORT}; 0 takes a free one)")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a name under which callers reach it; repeatable")
    parser.add_argument("--expose", action="store_true", help="let other machines reach it, with an --host that they can reach")
    parser.add_argument("--rate", type=float, default=2000.0, metavar="N", help="requests a second for each token (default: 2000)")
    parser.add_argument("--queue", type=int, default=10_000, metavar="N", help="how many runs may wait (default: 10000)")
    add_workspace(parser)
    parser.description = (f"{parser.description} Programs run published pipelines by POST, schedules fire, runs that wait are started. "
                          "Runs outlive the server.")
    examples(parser, "stepwell serve", "stepwell serve --port 0", "stepwell token new ci --verbs submit read --days 30")


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from stepwell.server.serving import serve
    from stepwell.server.world import Limits
    from stepwell_store.errors import UsageError

    if not 0 <= args.port <= 65535:
        raise UsageError(f"{args.port} is no port", todo="a port is a number from 0 to 65535")
    workspace = open_workspace(args)
    stay()
    serve(workspace, args.host, args.port, names=tuple(args.allow_host), exposed=args.expose,
          limits=Limits(rate=args.rate, waiting=args.queue), say=say)
    return exits.DONE
