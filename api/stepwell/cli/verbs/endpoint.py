"""`stepwell endpoint ls|show|add|run|default|enable|disable|rename`."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say, short, words
from stepwell.cli.printing import ago, moment, print_facts, print_heading
from stepwell.cli.publishing import add_run_options, configure_ls, run_called
from stepwell_store.ledger import publishing
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell endpoint add scoring 4be1", "stepwell endpoint show scoring", "stepwell endpoint run scoring --version 0",
             "stepwell endpoint default scoring 1", "stepwell endpoint disable scoring")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _ls(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    found = publishing.list_endpoints(workspace.database, active_only=not args.all)
    if args.json:
        print_json([_data(workspace, one) for one in found])
    elif found:
        print_table([Column("name"), Column("id", keep=True), Column("default", right=True, keep=True),
                     Column("versions", right=True, keep=True), Column("made", keep=True), Column("status", keep=True)],
                    [(one.name, short(one.id), one.default_version, str(len(publishing.versions_of(workspace.database, one.id))),
                      ago(one.created_at), one.status) for one in found])
    else:
        say("there is no endpoint: stepwell endpoint add NAME PUBLISHED")
    return exits.DONE


def _data(workspace: Workspace, endpoint: publishing.Endpoint) -> dict[str, Any]:
    versions = {one.version: one.published for one in publishing.versions_of(workspace.database, endpoint.id)}
    data: dict[str, Any] = msgspec.to_builtins(endpoint)
    return data | {"versions": versions}


def _configure_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="ENDPOINT", help="its name, or its id or the beginning of that")
    add_workspace(parser)


def _find(args: argparse.Namespace) -> tuple[Workspace, publishing.Endpoint]:
    workspace = open_workspace(args)
    return workspace, publishing.find_endpoint(workspace.database, args.name)


def _configure_show(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    add_json(parser)


def _show(args: argparse.Namespace) -> int:
    from stepwell.server.address import route

    workspace, found = _find(args)
    if args.json:
        print_json(_data(workspace, found))
        return exits.DONE
    address = route(workspace, f"/PipelineRuns/PipelineEndpointSubmit/Id/{found.id}")
    print_facts([("name", found.name), ("id", found.id), ("status", found.status), ("description", found.description),
                 ("made", moment(found.created_at)), ("address", address)])
    print_heading("Versions")
    rows = []
    for one in publishing.versions_of(workspace.database, found.id):
        published = publishing.get_published(workspace.database, one.published)
        assert published is not None, "the table refers to it"
        rows.append((one.version, "default" if one.version == found.default_version else "", published.name, short(published.id),
                     ago(published.created_at), published.status))
    print_table([Column("version", right=True, keep=True), Column("", keep=True), Column("pipeline"), Column("id", keep=True),
                 Column("published", keep=True), Column("status", keep=True)], rows)
    return exits.DONE


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the endpoint, which is made when there is none of this name")
    parser.add_argument("published", metavar="PUBLISHED", help="a published pipeline: its name, id or the beginning of one")
    parser.add_argument("--default", action="store_true", help="make it the default version")
    parser.add_argument("--description", metavar="TEXT", help="what a new endpoint is for")
    add_workspace(parser)


def _add(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    published = publishing.find_published(workspace.database, args.published)
    endpoint = publishing.endpoint_named(workspace.database, args.name)
    if endpoint is None:
        publishing.create_endpoint(workspace.database, args.name, published.id, args.description)
        version = "0"
    else:
        version = publishing.add_version(workspace.database, endpoint, published.id, default=args.default)
    say(f"version {version} of the endpoint {words(args.name)} is {words(published.name)} ({short(published.id)})")
    return exits.DONE


def _configure_run(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    parser.add_argument("--version", metavar="N", help="another version than the default one")
    add_run_options(parser)
    add_json(parser)


def _run(args: argparse.Namespace) -> int:
    from stepwell_runner.verbs.publish import called_by_endpoint

    workspace, found = _find(args)
    return run_called(workspace, called_by_endpoint(workspace, found, args.version), args)


def _configure_default(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    parser.add_argument("version", metavar="VERSION", nargs="?", help="make this one the default")


def _default(args: argparse.Namespace) -> int:
    workspace, found = _find(args)
    if args.version is not None:
        chosen = publishing.version_of(workspace.database, found, args.version)
        publishing.change_endpoint(workspace.database, found.id, default_version=chosen.version)
        say(f"{words(found.name)} runs version {chosen.version} unless told otherwise")
    print(args.version or found.default_version)
    return exits.DONE


def _enable(args: argparse.Namespace) -> int:
    return _switch(args, "Active", "can be called")


def _disable(args: argparse.Namespace) -> int:
    return _switch(args, "Disabled", "cannot be called until it is enabled again")


def _switch(args: argparse.Namespace, status: publishing.Status, meaning: str) -> int:
    workspace, found = _find(args)
    publishing.change_endpoint(workspace.database, found.id, status=status)
    say(f"{words(found.name)} {meaning}")
    return exits.DONE


def _configure_rename(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    parser.add_argument("new", metavar="NEW", help="its new name")


def _rename(args: argparse.Namespace) -> int:
    workspace, found = _find(args)
    publishing.change_endpoint(workspace.database, found.id, name=args.new)
    say(f"{words(found.name)} is called {words(args.new)} now; its address stays")
    return exits.DONE


ACTIONS = {
    "ls": Action("list endpoints", configure_ls, _ls),
    "show": Action("one endpoint, its address and its versions", _configure_show, _show),
    "add": Action("make an endpoint, or add a version to one", _configure_add, _add),
    "run": Action("run the default version, or another one", _configure_run, _run),
    "default": Action("say or set the default version", _configure_default, _default),
    "enable": Action("let it be called", _configure_one, _enable),
    "disable": Action("let nobody call it", _configure_one, _disable),
    "rename": Action("give it another name", _configure_rename, _rename),
}
