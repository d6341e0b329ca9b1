"""`stepwell ui`, and `stepwell` with no verb: the dashboard."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import add_workspace, examples, open_workspace, print_table
from stepwell.load import load
from stepwell_runner.graph.model import Graph
from stepwell_store.errors import UsageError
from stepwell_tui.render.tables import Column

LOOKED_AT = 200_000
_SIGNS = (b"Pipeline(",)
_IMPORTS = (b"import stepwell", b"from stepwell", b"azureml.pipeline")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("--keys", action="store_true", help="list every action with its id and keys, and open nothing")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    add_workspace(parser)
    examples(parser, "stepwell", "stepwell ui -w ~/projects/churn", "stepwell ui --keys")


def run(args: argparse.Namespace) -> int:
    """Open the dashboard, or list its keys."""
    if args.keys:
        return _list_keys()
    import sys

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the dashboard needs a terminal", todo="`stepwell runs` and `stepwell show` say the same in lines")
    from stepwell_tui.app import Dashboard
    from stepwell_tui.keys import load_keymap

    workspace = open_workspace(args)
    Dashboard(workspace, Loading(), keymap=load_keymap()).run(mouse=not args.no_mouse)
    return exits.DONE


def _list_keys() -> int:
    from stepwell_tui.actions import SCOPES
    from stepwell_tui.keys import load_keymap

    keymap = load_keymap()
    rows = [(action.id, keymap.get(action.id, action.keys), action.label, scope) for scope, actions in SCOPES.items() for action in actions]
    print_table((Column("id", keep=True), Column("keys", keep=True), Column("does"), Column("where")), rows)
    return exits.DONE


class Loading:
    """Loads pipeline files for the dashboard, whose screen must not hear what they print."""

    def load(self, path: Path, root: Path) -> Graph:
        """The graph that a pipeline file defines."""
        noise = os.open(os.devnull, os.O_WRONLY)
        try:
            return load(path, root, noise=noise)
        finally:
            os.close(noise)

    def is_pipeline(self, path: Path) -> bool:
        """Whether the text of a file has what a pipeline file has."""
        try:
            with open(path, "rb") as file:
                text = file.read(LOOKED_AT)
        except OSError:
            return False
        return all(sign in text for sign in _SIGNS) and any(one in text for one in _IMPORTS)
