"""`stepwell doctor`."""

from __future__ import annotations

import argparse
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, print_json, say, terminal, words
from stepwell.cli.diagnosis import Remark, examine_machine, examine_workspace
from stepwell_store import workspace as workspaces
from stepwell_tui.render.status import paint

_COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("file", metavar="FILE", nargs="?", help="a driver for Azure ML v1 (.py or .ipynb): say what of it runs here")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell doctor", "stepwell doctor driver.py", "stepwell doctor work.ipynb --json",
             "stepwell doctor -w ~/project --json")
    assert parser.epilog is not None
    parser.epilog += "\n\nWith FILE it ends with 2 when FILE uses something that does not run here. All of v1 is in docs/azureml-v1.md."


def run(args: argparse.Namespace) -> int:
    """Look at the machine and the workspace, or at a driver, changing nothing: 0 when nothing is bad, else 3, or 2 for a driver."""
    if args.file is not None:
        from stepwell.cli.driver_report import report

        return report(Path(args.file).expanduser(), as_json=args.json)
    remarks = list(examine_machine())
    root = workspaces.find(Path(args.workspace or ".").expanduser().absolute())
    if root is not None:
        remarks += examine_workspace(root)
    if args.json:
        print_json({"workspace": None if root is None else str(root), "remarks": remarks})
    else:
        _print(remarks)
        say(f"workspace: {root}" if root else "no workspace here: `stepwell init` makes one")
    return exits.MACHINE_NOT_READY if any(remark.state == "bad" for remark in remarks) else exits.DONE


def _print(remarks: list[Remark]) -> None:
    width = max(len(remark.topic) for remark in remarks)
    colour = terminal().colour
    for remark in remarks:
        print(f"{paint(f'{remark.state:4}', _COLOURS[remark.state], colour)}  {remark.topic:{width}}  {words(remark.text)}")
        if remark.todo:
            print(f"{'':{width + 8}}{words(remark.todo)}")
