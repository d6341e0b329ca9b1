"""`stepwell publish RUN|FILE`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, say, short, words
from stepwell.cli.naming import absolute, is_file, load_to_use
from stepwell.cli.publishing import published_data, published_name
from stepwell_store.ledger import history, publishing
from stepwell_store.workspace import Workspace


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("what", metavar="RUN|FILE", help="a run (its code as it was then), or a Python file that defines a Pipeline")
    parser.add_argument("--name", metavar="NAME", help="what to call it (default: the pipeline's name)")
    parser.add_argument("--version", metavar="VERSION", help="what to call this version of it")
    parser.add_argument("--description", metavar="TEXT", help="what it is for")
    parser.add_argument("--endpoint", metavar="NAME", help="also make it the default version of this endpoint, which is made when missing")
    parser.add_argument("--continue-on-failure", action="store_true", default=None, help="go on with steps that do not need the failed one")
    add_workspace(parser)
    add_json(parser)
    parser.description = (f"{parser.description} Its sources and graph are kept in the workspace, so that it runs the same after its "
                          "folder has changed or gone.")
    examples(parser, "stepwell publish pipeline.py --name scoring", "stepwell publish @last --name scoring --version 2",
             "stepwell publish pipeline.py --name scoring --endpoint scoring")


def run(args: argparse.Namespace) -> int:
    """Publish a run or what a file defines."""
    workspace, record = _from_file(args) if is_file(args.what) else _from_run(args)
    if args.endpoint:
        _to_endpoint(workspace, args.endpoint, record)
    if args.json:
        print_json(published_data(record))
        return exits.DONE
    say(f"published {published_name(record)}; `stepwell published run {short(record.id)}` runs it")
    if args.endpoint:
        say(f"it is the default version of the endpoint {words(args.endpoint)} now")
    print(record.id)
    return exits.DONE


def _from_file(args: argparse.Namespace) -> tuple[Workspace, publishing.Published]:
    from stepwell_runner.verbs.publish import publish_graph

    path = absolute(args.what)
    workspace, graph = load_to_use(args, path)
    return workspace, publish_graph(workspace, graph, name=args.name or graph.name, description=args.description, version=args.version,
                                    continue_on_failure=args.continue_on_failure, source=str(path))


def _from_run(args: argparse.Namespace) -> tuple[Workspace, publishing.Published]:
    from stepwell_runner.verbs.publish import publish_run

    workspace = open_workspace(args)
    found = history.find_run(workspace.database, args.what)
    return workspace, publish_run(workspace, found, name=args.name or found.pipeline, description=args.description, version=args.version,
                                  continue_on_failure=args.continue_on_failure)


def _to_endpoint(workspace: Workspace, name: str, record: publishing.Published) -> None:
    endpoint = publishing.endpoint_named(workspace.database, name)
    if endpoint is None:
        publishing.create_endpoint(workspace.database, name, record.id, None)
    else:
        publishing.add_version(workspace.database, endpoint, record.id, default=True)
