"""`stepwell run FILE`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_parameters, add_workspace, examples, parameters, print_json
from stepwell.cli.given import given
from stepwell.cli.naming import absolute, load_to_use
from stepwell_runner.verbs.submit import Prepared, Submission, prepare
from stepwell_store.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("file", metavar="FILE", help="a Python file that defines a Pipeline, or an Azure ML v2 job in YAML")
    add_parameters(parser)
    parser.add_argument("--set", metavar="PATH=VALUE", action="append", default=[], dest="edits",
                        help="set a value of a YAML pipeline, such as inputs.data.path=./other; repeatable")
    parser.add_argument("--lax", action="store_true",
                        help="let pass in YAML, with warnings, what Azure's client lets pass and its service does not")
    parser.add_argument("--plan", action="store_true", help="say what would run and why, and run nothing")
    parser.add_argument("--force", action="store_true", help="run every step, also those that could be reused")
    parser.add_argument("--only", metavar="STEP", nargs="+", help="run no other steps than these; reuse what they need")
    parser.add_argument("-j", "--jobs", metavar="N", type=_positive, help="steps at once (default: one per processor)")
    parser.add_argument("--experiment", metavar="NAME", help="the experiment to count the run to (default: the pipeline's name)")
    parser.add_argument("--target", metavar="NAME", help="run all steps on this compute target")
    parser.add_argument("--continue-on-failure", action="store_true", default=None, help="go on with steps that do not need the failed one")
    parser.add_argument("--load-timeout", metavar="SECONDS", type=_seconds, default=120.0,
                        help="how long FILE may take to define its pipeline (default: 120)")
    parser.add_argument("--detach", action="store_true", help="come back at once; the run goes on by itself")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell run pipeline.py", "stepwell run pipeline.py --plan", "stepwell run pipeline.py -p learning_rate=0.1",
             "stepwell run pipeline.py --only train --force", "stepwell run pipeline.py --detach",
             "stepwell run pipeline.yml --set settings.force_rerun=true")
    assert parser.epilog is not None
    parser.epilog += "\n\nCtrl-C stops the steps: each gets SIGTERM, and SIGKILL after 10 seconds or as many as STEPWELL_GRACE_S says."


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"it must be a whole number, 1 or more, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise argparse.ArgumentTypeError(f"it must be a number of seconds above 0, not {text!r}")
    return seconds


def run(args: argparse.Namespace) -> int:
    """Load the file, and plan or run it."""
    from stepwell.cli.running import submit

    path = absolute(args.file)
    parameters(args.parameter)  # a word of another form is told before anything is loaded
    workspace, graph = load_to_use(args, path, timeout_s=args.load_timeout, edits=args.edits, lax=args.lax, target=args.target)
    submission = Submission(
        graph=graph, source=str(path), experiment=args.experiment, parameters=given(args.parameter, graph, path, workspace.root),
        force=args.force, only=tuple(args.only) if args.only else None, jobs=args.jobs, target=args.target,
        continue_on_failure=args.continue_on_failure)
    if args.plan:
        return show_plan(workspace, prepare(workspace, submission), as_json=args.json)
    return submit(workspace, submission, detach=args.detach, as_json=args.json)


def show_plan(workspace: Workspace, prepared: Prepared, *, as_json: bool) -> int:
    """Print what would run and why."""
    from stepwell.cli.planned import lines
    from stepwell.cli.verbs.why import as_data
    from stepwell_runner.verbs.why import why_planned

    told = why_planned(workspace, prepared)
    if as_json:
        print_json({"steps": [as_data(one) for one in told]})
    else:
        print("\n".join(lines(told)))
    return exits.DONE
