"""`stepwell outputs RUN[/STEP]`."""

from __future__ import annotations

import argparse
import os
from typing import Any

import msgspec

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, print_json, print_table, say, short, terminal
from stepwell.cli.naming import add_run, meant
from stepwell.cli.printing import dim, files_text
from stepwell_runner.verbs.leavings import Left, copy_out, left_by, left_by_run
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, size_text


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_run(parser)
    parser.add_argument("--get", metavar="DIR", help="copy everything into this folder")
    parser.add_argument("--overwrite", action="store_true", help="with --get: replace files that are there")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell outputs @last", "stepwell outputs @last/train --get model", "stepwell outputs @last --json")


def run(args: argparse.Namespace) -> int:
    """List what was left, or copy it."""
    workspace, found, steps, step = meant(args, args.run)
    left = left_by_run(workspace, found, steps) if step is None else left_by(workspace, step)
    if args.get and left:
        from stepwell.cli.transfers import progress

        with progress() as tell:
            count = copy_out(left, args.get, by_step=step is None, overwrite=args.overwrite, progress=tell)
        say(f"copied {files_text(count)} to {safe_line(args.get)}")
    if args.json:
        print_json([_data(one) for one in left])
    elif left and not args.get:
        _print(left)
    elif not left:
        say(f"nothing was left by {short(found.id)}{'' if step is None else '/' + safe_line(step.step)}"
            + ("" if found.ended_at else " yet: it has not ended"))
    return exits.DONE


def _data(one: Left) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(one)
    return data | {"exists": os.path.exists(one.path)}


def _print(left: list[Left]) -> None:
    if not terminal().is_terminal:
        print_table([Column("step"), Column("kind"), Column("name"), Column("bytes"), Column("path")],
                    [(one.step or "", one.kind, one.name, str(one.size), one.path) for one in left])
        return
    for one in left:
        name = "/".join(part for part in (one.step, one.name) if part)
        files = f"{files_text(one.files)}, " if one.kind == "folder" else ""
        gone = "" if os.path.exists(one.path) else ", no longer there"
        print(f"{safe_line(name)}  {dim(f'{one.kind}, {files}{size_text(one.size)}{gone}')}")
        print(f"  {safe_line(one.path)}")
