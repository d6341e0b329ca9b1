"""What the verbs for assets have in common: register a YAML file, list, show, forget."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from stepwell.cli import exits
from stepwell.cli.actions import Action
from stepwell.cli.common import add_json, add_workspace, open_root, open_workspace, print_json, print_table, root_for, say
from stepwell.cli.printing import ago
from stepwell_store.errors import UsageError
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line


def actions(kind: str, verb: str) -> dict[str, Action]:
    """The actions of the verb for one kind of asset."""
    return {
        "register": Action(f"register what a YAML file describes as a {kind}", lambda parser: _configure_register(parser, kind),
                           lambda args: _register(args, kind)),
        "ls": Action(f"list each {kind} with its newest version", _configure_ls, lambda args: _ls(args, kind, verb)),
        "show": Action(f"show one {kind}", _configure_one, lambda args: _show(args, kind)),
        "rm": Action(f"forget one version of a {kind}", _configure_one, lambda args: _rm(args, kind))}


def _configure_register(parser: argparse.ArgumentParser, kind: str) -> None:
    parser.add_argument("file", metavar="FILE", help=f"the YAML file of a {kind}, as `az ml {kind} create -f` takes it")
    parser.add_argument("--name", metavar="NAME", help="its name, in place of the file's")
    parser.add_argument("--version", metavar="VERSION", help="its version, in place of the file's (default: the next number)")
    parser.add_argument("--description", metavar="TEXT", help="a line for people, in place of the file's")
    add_workspace(parser)
    add_json(parser)


def _register(args: argparse.Namespace, kind: str) -> int:
    from stepwell.jobs.assets import register

    path = Path(args.file).expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"there is no file {path}", todo=f"name the YAML file of a {kind}")
    workspace = open_root(root_for(args, path.parent))
    made = register(workspace, kind, path, {"name": args.name, "version": args.version, "description": args.description}, tell=say)
    if args.json:
        print_json(_facts(made))
    else:
        name = safe_line(f"{made.name}:{_facts(made)['version']}")
        say(f"{kind} {name} is registered; pipelines find it as azureml:{name}")
    return exits.DONE


def _configure_ls(parser: argparse.ArgumentParser) -> None:
    add_workspace(parser)
    add_json(parser)


def _ls(args: argparse.Namespace, kind: str, verb: str) -> int:
    found = assets.newest(open_workspace(args).database, kind)
    if args.json:
        print_json([_facts(one) for one in found.values()])
    elif not found:
        say(f"no {kind} yet: stepwell {verb} register FILE.yml")
    else:
        print_table([Column("name", keep=True), Column("version", keep=True), Column("type"), Column("registered"), Column("what")],
                    [(one.name, _facts(one)["version"], str(one.body.get("type", "")), ago(one.created_at), one.description or "")
                     for one in found.values()])  # fmt: skip
    return exits.DONE


def _facts(asset: Asset) -> dict[str, Any]:
    """An asset for people and programs: its version is what its file says, also where models are numbered."""
    import msgspec

    return {**msgspec.to_builtins(asset), "version": str(asset.body.get("stated_version") or asset.version)}


def _configure_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME[:VERSION]", help="by default its newest version")
    add_workspace(parser)
    add_json(parser)


def _one(workspace: Workspace, kind: str, text: str) -> Asset:
    name, _, version = text.removeprefix("azureml:").partition(":")
    known = assets.listed(workspace.database, kind, name)
    for one in known:
        if not version or version in (one.version, one.body.get("stated_version")):
            return one
    if known:
        versions = ", ".join(one.version for one in known)
        raise UsageError(f"there is no version {version} of the {kind} {name}", todo=f"there are: {versions}")
    from difflib import get_close_matches

    names = list(assets.newest(workspace.database, kind))
    near = get_close_matches(name, names, n=3)
    told = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names) or 'none yet'}"
    raise UsageError(f"there is no {kind} {name}", todo=told)


def _show(args: argparse.Namespace, kind: str) -> int:
    found = _facts(_one(open_workspace(args), kind, args.name))
    if args.json:
        print_json(found)
        return exits.DONE
    body = found.pop("body")
    for name, value in {**found, **body}.items():
        if value not in (None, {}, "", []):
            text = value if isinstance(value, str) else json.dumps(value)
            print(f"{name:<14} {safe_line(text)}")
    return exits.DONE


def _rm(args: argparse.Namespace, kind: str) -> int:
    workspace = open_workspace(args)
    found = _one(workspace, kind, args.name)
    assets.remove(workspace.database, found)
    say(f"{kind} {safe_line(found.name)}:{safe_line(found.version)} is forgotten")
    return exits.DONE
