"""Verbs with actions below them, such as `stepwell datastore ls`: each action is an entry with its arguments and its function."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import msgspec


class Action(msgspec.Struct, frozen=True):
    """One action: what it is for in one line, its arguments, and what it does, which gives the exit code."""

    summary: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_actions(parser: argparse.ArgumentParser, actions: dict[str, Action]) -> None:
    """Give a verb its actions; the chosen one's name is `args.action`."""
    parsers = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, action in actions.items():
        below = parsers.add_parser(name, help=action.summary, description=action.summary[0].upper() + action.summary[1:] + ".",
                                   formatter_class=parser.formatter_class, allow_abbrev=False)
        action.configure(below)
