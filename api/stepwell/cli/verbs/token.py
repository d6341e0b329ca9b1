"""`stepwell token new|ls|revoke`."""

from __future__ import annotations

import argparse
import time
from typing import Any

import msgspec

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say, short, words
from stepwell.cli.printing import ago
from stepwell_store.errors import UsageError
from stepwell_store.ledger import publishing, tokens
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column

DAY_S = 86_400.0


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell token new ci --verbs submit read --days 30", "stepwell token new partner --only scoring --calls 100",
             "stepwell token ls", "stepwell token revoke ci")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _configure_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what it is for; many may have one name")
    parser.add_argument("--verbs", nargs="+", choices=tokens.VERBS, default=list(tokens.VERBS), metavar="VERB",
                        help=f"what it allows (default: {' '.join(tokens.VERBS)})")
    parser.add_argument("--only", metavar="NAME|ID", help="only for this endpoint or published pipeline, and its runs")
    parser.add_argument("--days", type=float, metavar="N", help="how long it is good (default: 90)", default=90.0)
    parser.add_argument("--calls", type=int, metavar="N", help="how many submissions it may make (default: any number)")
    add_workspace(parser)
    add_json(parser)


def _new(args: argparse.Namespace) -> int:
    if args.name == tokens.LOCAL or not args.days > 0 or (args.calls is not None and args.calls < 1):
        raise UsageError("the name, the days or the calls of the token do not fit", todo="`stepwell token new --help` shows how it is used")
    workspace = open_workspace(args)
    only = None if args.only is None else _subject(workspace, args.only)
    secret, token = tokens.make(workspace.database, args.name, verbs=tuple(args.verbs), only_for=only, lifetime_s=args.days * DAY_S,
                                calls=args.calls)
    if args.json:
        print_json(_data(token) | {"token": secret})
    else:
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(token.expires_at))
        say(f"this is token {token.id}; it is shown only now. It is good until {until}.")
        print(secret)
    return exits.DONE


def _subject(workspace: Workspace, name: str) -> str:
    endpoint = publishing.endpoint_named(workspace.database, name) or publishing.get_endpoint(workspace.database, name)
    return endpoint.id if endpoint is not None else publishing.find_published(workspace.database, name).id


def _data(token: tokens.Token) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(token)
    del found["hash"]
    return found


def _configure_ls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also those that open nothing any longer, and those of local scripts")
    add_workspace(parser)
    add_json(parser)


def _ls(args: argparse.Namespace) -> int:
    now = time.time()
    found = [token for token in tokens.list_tokens(open_workspace(args).database)
             if args.all or (token.is_live(now) and token.name != tokens.LOCAL)]
    if args.json:
        print_json([_data(token) for token in found])
    elif found:
        print_table([Column("id", keep=True), Column("name"), Column("allows"), Column("only for", keep=True), Column("made", keep=True),
                     Column("used", keep=True), Column("state", keep=True)],
                    [(token.id, token.name, " ".join(token.verbs), short(token.only_for or ""), ago(token.created_at), ago(token.used_at),
                      _state(token, now)) for token in found])
    else:
        say("there is no token: stepwell token new NAME")
    return exits.DONE


def _state(token: tokens.Token, now: float) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if not token.is_live(now):
        return "expired"
    if token.calls_left is not None:
        return f"{token.calls_left} calls left"
    return "good" if token.expires_at is None else f"good for {max(1, round((token.expires_at - now) / DAY_S))} d"


def _configure_revoke(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="ID|NAME", help="the token, or all of this name")
    add_workspace(parser)


def _revoke(args: argparse.Namespace) -> int:
    gone = tokens.revoke(open_workspace(args).database, args.name)
    say(f"revoked: {', '.join(f'{token.id} ({words(token.name)})' for token in gone)}")
    return exits.DONE


ACTIONS = {
    "new": Action("make a token and show it, once", _configure_new, _new),
    "ls": Action("list tokens", _configure_ls, _ls),
    "revoke": Action("make a token open nothing any longer", _configure_revoke, _revoke),
}
