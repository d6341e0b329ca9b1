"""`stepwell logs RUN[/STEP]`."""

from __future__ import annotations

import argparse
import os
import sys

from stepwell.cli import exits
from stepwell.cli.common import add_workspace, examples, say, short
from stepwell.cli.logwriter import LogWriter
from stepwell.cli.naming import add_run, meant
from stepwell_runner.verbs.logfiles import blocks, log_of, tail_start
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_run(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    parser.add_argument("--tail", metavar="N", type=_count, help="only the last N lines of each step")
    add_workspace(parser)
    examples(parser, "stepwell logs @last", "stepwell logs @last/train -f", "stepwell logs 3f2a/train --tail 50",
             "stepwell logs @last > all.txt")


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of lines")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Print what steps wrote, or follow it."""
    one = meant(args, args.run)
    writer = LogWriter(sys.stdout, prefixed=len(one.chosen) > 1)
    if args.follow and one.run.ended_at is None:
        from stepwell.cli.following import follow

        follow(one.workspace, one.run, None if one.step is None else one.step.step, writer, args.tail)
    else:
        _print(one.workspace, one.run, one.chosen, writer, args.tail)
    return exits.DONE


def _print(workspace: Workspace, run: Run, steps: list[StepRun], writer: LogWriter, tail: int | None) -> None:
    told = [_print_one(workspace, step, writer, tail) for step in steps]
    if not any(told):
        names = "its steps" if len(steps) > 1 else f"step {steps[0].step}" if steps else "its steps"
        say(f"{names} wrote nothing" if any(step.started_at for step in steps) else f"{names} did not begin"
            + ("" if run.ended_at else f" yet: stepwell logs -f {short(run.id)}"))


def _print_one(workspace: Workspace, step: StepRun, writer: LogWriter, tail: int | None) -> bool:
    """Whether the step wrote anything."""
    made = step
    if step.reused_from is not None:
        made = history.get_step(workspace.database, step.reused_from)
        number = history.get_run(workspace.database, made.run).number
        say(f"{step.step} was reused: this is its log from run #{number} {short(made.run)}")
    path = log_of(workspace, made)
    if not made.attempt or not os.path.exists(path):
        return False
    start = 0 if tail is None else tail_start(path, tail)
    wrote = False
    for block in blocks(path, start):
        writer.write(step.step, block)
        wrote = True
    writer.end(step.step)
    return wrote
