"""`stepwell outputs RUN[/STEP]`."""

from __future__ import annotations

import argparse
import os
from typing import Any

import msgspec

from stepwell.cli import exits
from stepwell.cli.common import (
    add_json,
    add_workspace,
    examples,
    find,
    open_workspace,
    print_json,
    print_table,
    say,
    short,
    split_target,
    terminal,
)
from stepwell.cli.printing import dim, files_text
from stepwell_runner.verbs.leavings import Left, copy_out, left_by, left_by_run
from stepwell_runner.verbs.steps import step_named, steps_of_run
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, size_text


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("run", metavar="RUN[/STEP]", help="an id, the beginning of one, #number or @last; and a step of it")
    parser.add_argument("--get", metavar="DIR", help="copy everything into this folder")
    parser.add_argument("--overwrite", action="store_true", help="with --get: replace files that are there")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell outputs @last", "stepwell outputs @last/train --get model", "stepwell outputs @last --json")


def run(args: argparse.Namespace) -> int:
    """List what was left, or copy it."""
    workspace = open_workspace(args)
    run_name, step_name = split_target(args.run)
    found, _ = find(workspace, run_name)
    steps = steps_of_run(workspace, found)
    left = left_by_run(workspace, found, steps) if step_name is None else left_by(workspace, step_named(workspace, steps, step_name))
    if args.get and left:
        from stepwell.cli.transfers import progress

        with progress() as tell:
            count = copy_out(left, args.get, by_step=step_name is None, overwrite=args.overwrite, progress=tell)
        say(f"copied {files_text(count)} to {safe_line(args.get)}")
    if args.json:
        print_json([_data(one) for one in left])
    elif left and not args.get:
        _print(left)
    elif not left:
        say(f"nothing was left by {short(found.id)}{'/' + step_name if step_name else ''}"
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
