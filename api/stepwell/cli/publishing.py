"""What the verbs of publishing share: listing and showing what is published, and running it."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_parameters, add_workspace, parameters, print_json, words
from stepwell_runner.verbs.publish import Called, submission_of
from stepwell_store.ledger.publishing import Published
from stepwell_store.workspace import Workspace


def configure_ls(parser: argparse.ArgumentParser) -> None:
    """The arguments of an action that lists what is published or scheduled."""
    parser.add_argument("--all", action="store_true", help="also those that are disabled")
    add_workspace(parser)
    add_json(parser)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """The options of whatever runs a published pipeline."""
    add_parameters(parser)
    parser.add_argument("--experiment", metavar="NAME", help="the experiment to count the run to (default: the pipeline's name)")
    parser.add_argument("--force", action="store_true", help="run every step, also those that could be reused")


def run_called(workspace: Workspace, called: Called, args: argparse.Namespace) -> int:
    """Put a run of a published pipeline into the line and start it when there is room; prints its id."""
    from stepwell_runner.queue.dispatch import dispatch
    from stepwell_runner.queue.enqueue import enqueue

    submission = submission_of(workspace, called, experiment=args.experiment, parameters=parameters(args.parameter), force=args.force)
    run = enqueue(workspace, submission).id
    started = run in dispatch(workspace)
    if args.json:
        print_json({"run": run, "status": "Running" if started else "Queued"})
        return exits.DONE
    from stepwell.cli.running import tell_detached

    tell_detached(workspace, run)
    print(run)
    return exits.DONE


def published_data(record: Published) -> dict[str, Any]:
    """A published pipeline as JSON-like data."""
    found: dict[str, Any] = msgspec.to_builtins(record)
    return found


def published_name(record: Published) -> str:
    """Name and version of a published pipeline, on one line."""
    return words(record.name) + (f" {words(record.version)}" if record.version else "")
