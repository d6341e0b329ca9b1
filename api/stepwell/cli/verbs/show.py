"""`stepwell show RUN[/STEP]`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples
from stepwell.cli.naming import add_run, meant


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_run(parser)
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell show @last", "stepwell show 3f2a/train", "stepwell show '#12' --json")


def run(args: argparse.Namespace) -> int:
    """Show a run, or a step of one."""
    workspace, found, steps, step = meant(args, args.run)
    if step is None:
        from stepwell.cli.show_run import show_run

        show_run(workspace, found, steps, as_json=args.json)
    else:
        from stepwell.cli.show_step import show_step

        show_step(workspace, found, step, as_json=args.json)
    return exits.DONE
