"""`stepwell init`."""

from __future__ import annotations

import argparse
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import examples, say
from stepwell_store import workspace as workspaces


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("dir", metavar="DIR", nargs="?", default=".", help="where to make it (default: here)")
    examples(parser, "stepwell init", "stepwell init ~/projects/churn")


def run(args: argparse.Namespace) -> int:
    """Make a workspace; one that is there already is left as it is."""
    base = Path(args.dir).expanduser().absolute()
    there = (base / workspaces.FOLDER / workspaces.DATABASE).exists()
    root = workspaces.create(base)
    say("there is a workspace here already" if there else "made a workspace; next: `stepwell run pipeline.py`, or `stepwell demo`")
    print(root)
    return exits.DONE
