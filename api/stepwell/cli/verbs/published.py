"""`stepwell published ls|show|run|enable|disable`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say, short, words
from stepwell.cli.printing import ago, moment, print_facts, print_heading
from stepwell.cli.publishing import add_run_options, configure_ls, published_data, run_called
from stepwell_store.ledger import publishing
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell published ls", "stepwell published show scoring", "stepwell published run scoring -p c=0.5",
             "stepwell published disable 4be1")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _ls(args: argparse.Namespace) -> int:
    found = publishing.list_published(open_workspace(args).database, active_only=not args.all)
    if args.json:
        print_json([published_data(record) for record in found])
    elif found:
        print_table([Column("id", keep=True), Column("name"), Column("version"), Column("steps", right=True, keep=True),
                     Column("published", keep=True), Column("status", keep=True)],
                    [(short(one.id), one.name, one.version or "", str(one.steps), ago(one.created_at), one.status) for one in found])
    else:
        say("nothing is published: stepwell publish pipeline.py --name NAME")
    return exits.DONE


def _configure_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME|ID", help="its name, or its id or the beginning of that")
    parser.add_argument("--version", metavar="VERSION", help="of several with the name, the one of this version (default: the newest)")
    add_workspace(parser)


def _find(args: argparse.Namespace) -> tuple[Workspace, publishing.Published]:
    workspace = open_workspace(args)
    return workspace, publishing.find_published(workspace.database, args.name, args.version)


def _configure_show(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    add_json(parser)


def _show(args: argparse.Namespace) -> int:
    from stepwell_runner.verbs.publish import graph_of

    workspace, found = _find(args)
    graph = graph_of(workspace, found)
    if args.json:
        import msgspec

        print_json(published_data(found) | {"parameters": msgspec.to_builtins(graph.parameters)})
        return exits.DONE
    print_facts([("name", found.name), ("version", found.version), ("id", found.id), ("status", found.status),
                 ("description", found.description), ("published", moment(found.created_at)), ("from file", found.source),
                 ("from run", found.source_run), ("steps", ", ".join(step.name for step in graph.steps))])
    if graph.parameters:
        print_heading("Parameters")
        print_table([Column("name"), Column("type"), Column("default")],
                    [(one.name, one.type, words(_default(one.default))) for one in graph.parameters])
    return exits.DONE


def _default(value: object) -> str:
    import msgspec

    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _configure_run(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    add_run_options(parser)
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    from stepwell_runner.verbs.publish import Called

    workspace, found = _find(args)
    return run_called(workspace, Called(found), args)


def _enable(args: argparse.Namespace) -> int:
    return _switch(args, "Active", "can be run")


def _disable(args: argparse.Namespace) -> int:
    return _switch(args, "Disabled", "cannot be run until it is enabled again")


def _switch(args: argparse.Namespace, status: publishing.Status, meaning: str) -> int:
    workspace, found = _find(args)
    publishing.set_published_status(workspace.database, found.id, status)
    say(f"{words(found.name)} ({short(found.id)}) {meaning}")
    return exits.DONE


ACTIONS = {
    "ls": Action("list published pipelines, newest first", configure_ls, _ls),
    "show": Action("one published pipeline and its parameters", _configure_show, _show),
    "run": Action("run one, as it was when it was published", _configure_run, _run),
    "enable": Action("let it be run", _configure_one, _enable),
    "disable": Action("let nobody run it", _configure_one, _disable),
}
