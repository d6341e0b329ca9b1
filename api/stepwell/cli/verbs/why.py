"""`stepwell why RUN[/STEP]` and `stepwell why FILE [STEP]`."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_parameters, add_workspace, examples, open_root, print_json, root_near, say
from stepwell.cli.given import given
from stepwell.cli.naming import absolute, is_file, meant
from stepwell.cli.printing import run_line
from stepwell_runner.planning.reasons import words
from stepwell_runner.verbs.steps import pick
from stepwell_runner.verbs.why import Told, why_planned, why_run
from stepwell_store.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("what", metavar="RUN[/STEP]|FILE", help="a run that was, or a pipeline file that would be run")
    parser.add_argument("step", metavar="STEP", nargs="?", help="tell of this step only")
    add_parameters(parser, "for a file: set a pipeline parameter; repeatable")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell why @last", "stepwell why @last/train", "stepwell why pipeline.py",
             "stepwell why pipeline.py train -p c=0.5")


def run(args: argparse.Namespace) -> int:
    """Tell why steps ran or were reused, or would be."""
    told = _of_file(args) if is_file(args.what) else _of_run(args)
    if args.json:
        print_json([as_data(one) for one in told])
    else:
        from stepwell.cli.telling import print_told

        print_told(told)
    return exits.DONE


def _of_run(args: argparse.Namespace) -> list[Told]:
    if args.parameter:
        raise UsageError("-p is for pipeline files; a run has its parameters", todo="`stepwell show RUN` shows them")
    one = meant(args, args.what, args.step)
    if not args.json:
        say(run_line(one.run))
    return why_run(one.workspace, one.run, one.chosen)


def _of_file(args: argparse.Namespace) -> list[Told]:
    from stepwell.load import load
    from stepwell_runner.verbs.submit import Submission, prepare

    path = absolute(args.what)
    root = root_near(args, path.parent)
    if root is None:
        raise UsageError(f"there is no workspace yet, so every step of {path.name} would run", todo=f"`stepwell run {args.what}` makes one")
    graph = load(path, root, progress=say)
    workspace = open_root(root)
    prepared = prepare(workspace, Submission(graph=graph, source=str(path), parameters=given(args.parameter, graph, path, root)))
    told = why_planned(workspace, prepared)
    return told if args.step is None else [pick(told, args.step)]


def as_data(one: Told) -> dict[str, Any]:
    """One step as JSON-like data; each reason with its `words`."""
    data: dict[str, Any] = msgspec.to_builtins(one)
    return data | {"reasons": [data | {"words": words(reason)} for data, reason in zip(data["reasons"], one.reasons, strict=True)]}
