"""`stepwell show RUN[/STEP]`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, find, open_workspace, split_target
from stepwell_runner.verbs.steps import step_named, steps_of_run


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("run", metavar="RUN[/STEP]", help="an id, the beginning of one, #number or @last; and a step of it")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell show @last", "stepwell show 3f2a/train", "stepwell show '#12' --json")


def run(args: argparse.Namespace) -> int:
    """Show a run, or a step of one."""
    workspace = open_workspace(args)
    run_name, step_name = split_target(args.run)
    found, _ = find(workspace, run_name)
    steps = steps_of_run(workspace, found)
    if step_name is None:
        from stepwell.cli.show_run import show_run

        show_run(workspace, found, steps, as_json=args.json)
    else:
        from stepwell.cli.show_step import show_step

        show_step(workspace, found, step_named(workspace, steps, step_name), as_json=args.json)
    return exits.DONE
