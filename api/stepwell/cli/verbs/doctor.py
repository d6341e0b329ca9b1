"""`stepwell doctor`."""

from __future__ import annotations

import argparse
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, print_json, say
from stepwell.cli.diagnosis import examine_machine, examine_workspace
from stepwell.cli.remarks import print_remarks
from stepwell_store import workspace as workspaces


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell doctor", "stepwell doctor -w ~/project --json")


def run(args: argparse.Namespace) -> int:
    """Look at the machine and the workspace, changing nothing: 0 when nothing is bad, else 3."""
    remarks = list(examine_machine())
    root = workspaces.find(Path(args.workspace or ".").expanduser().absolute())
    if root is not None:
        remarks += examine_workspace(root)
    if args.json:
        print_json({"workspace": None if root is None else str(root), "remarks": remarks})
    else:
        print_remarks(remarks)
        say(f"workspace: {root}" if root else "no workspace here: `stepwell init` makes one")
    return exits.MACHINE_NOT_READY if any(remark.state == "bad" for remark in remarks) else exits.DONE
