"""`stepwell rerun RUN`."""

from __future__ import annotations

import argparse

from stepwell.cli.common import add_json, add_parameters, add_workspace, examples, open_workspace, parameters
from stepwell.cli.running import submit
from stepwell_runner.verbs.submit import rerun_of, steps_from
from stepwell_store.ledger import history


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("run", metavar="RUN", help="an id, the beginning of one, #number or @last")
    parser.add_argument("--from", dest="start", metavar="STEP", help="run this step and all after it, whether or not they changed")
    add_parameters(parser, "another value for a parameter")
    parser.add_argument("--force", action="store_true", help="run every step, also those that could be reused")
    parser.add_argument("-j", "--jobs", metavar="N", type=int, help="steps at once (default: one per processor)")
    parser.add_argument("--detach", action="store_true", help="come back at once; the run goes on by itself")
    add_workspace(parser)
    add_json(parser)
    parser.description = (f"{parser.description} It uses the code as it was then, from the run's snapshots; "
                          "`stepwell run FILE` uses the code as it is now.")
    examples(parser, "stepwell rerun @last", "stepwell rerun @last --from train", "stepwell rerun 1f0c -p c=10 --force")


def run(args: argparse.Namespace) -> int:
    """Submit the run's own graph once more."""
    workspace = open_workspace(args)
    earlier = history.find_run(workspace.database, args.run)
    submission = rerun_of(workspace, earlier, parameters=parameters(args.parameter), force=args.force, jobs=args.jobs)
    if args.start:
        import msgspec

        submission = msgspec.structs.replace(submission, forced=steps_from(submission.graph, args.start))
    return submit(workspace, submission, detach=args.detach, as_json=args.json)
