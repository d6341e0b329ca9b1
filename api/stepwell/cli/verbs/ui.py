"""`stepwell ui`, and `stepwell` with no verb: the dashboard."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stepwell.cli import exits, stay
from stepwell.cli.common import add_workspace, examples, open_workspace, print_table
from stepwell_store.errors import MachineError, UsageError
from stepwell_store.workspace import Workspace
from stepwell_tui.render.status import wants_unicode
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line

if TYPE_CHECKING:
    from stepwell_runner.graph.model import Graph
    from stepwell_tui.settings import Settings

SERVED = "TEXTUAL_DRIVER"
"""Set by what serves pages for the program behind a page, which then has no terminal."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("--keys", action="store_true", help="list every action with its id and keys, and open nothing")
    parser.add_argument("--browser", action="store_true", help="serve it to a browser of this machine, behind a token, until interrupted")
    parser.add_argument("--port", type=int, default=0, help="the port for --browser (default: a free one)")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    add_workspace(parser)
    examples(parser, "stepwell", "stepwell ui -w ~/projects/churn", "stepwell ui --keys", "stepwell ui --browser")


def run(args: argparse.Namespace) -> int:
    """Open the dashboard, or list its keys."""
    if args.keys:
        return _list_keys()
    workspace = open_workspace(args)
    if args.browser:
        return _serve(workspace, args.port)
    is_page = SERVED in os.environ
    if not (is_page or (sys.stdin.isatty() and sys.stdout.isatty())):
        raise UsageError("the dashboard needs a terminal", todo="`stepwell runs` and `stepwell show` say the same in lines")
    from stepwell_tui.app import Dashboard
    from stepwell_tui.memory import memory_path

    settings = _settings()
    app = Dashboard(workspace, Loading(), settings, kept=memory_path())
    if is_page:
        app.ends_with(os.getppid())
    stay()
    app.run(mouse=settings.mouse and not args.no_mouse)
    return exits.DONE


def _settings() -> Settings:
    """Those of the person, drawing in ASCII also where the terminal or the environment asks for it."""
    from stepwell_tui import settings

    found = settings.load()
    theme = os.environ.get("TEXTUAL_THEME", "")
    if theme and theme not in settings.THEME_NAMES:
        raise UsageError(f"there is no theme {safe_line(theme)}", where="TEXTUAL_THEME", todo=f"themes: {', '.join(settings.THEME_NAMES)}")
    return msgspec.structs.replace(found, ascii=found.ascii or not wants_unicode(sys.stderr, os.environ))


def _serve(workspace: Workspace, port: int) -> int:
    """Serve the dashboard; each page runs this verb again, in a process of its own."""
    try:
        from stepwell_tui.browser import Door, listen
    except ImportError as error:
        raise MachineError(f"what serves pages is not installed ({error.name})", todo="pip install 'stepwell[browser]'") from error

    def tell(address: str) -> None:
        print(f"The dashboard is at\n  {address}", flush=True)
        print("Whoever has this address can run what you can run. ctrl+c ends it; runs go on.", file=sys.stderr)

    stay()
    command = [sys.executable, "-P", "-m", "stepwell", "ui", "-w", str(workspace.base)]
    Door(command, listen(port), tell, title=f"stepwell {workspace.name}").run()
    return exits.DONE


def _list_keys() -> int:
    from stepwell_tui import settings
    from stepwell_tui.actions import SCOPES, WIDGETS

    keymap = settings.load().keys
    rows = [(action.id, keymap.get(action.id) or action.keys, action.label, scope)
            for scope, actions in (SCOPES | WIDGETS).items() for action in actions]
    print_table((Column("id", keep=True), Column("keys", keep=True), Column("does"), Column("where")), rows)
    return exits.DONE


class Loading:
    """Loads pipeline files for the dashboard, whose screen must not hear what they print, and knows where the server answers."""

    def load(self, path: Path, root: Path) -> Graph:
        """The graph that a pipeline file defines."""
        from stepwell.load import load

        noise = os.open(os.devnull, os.O_WRONLY)
        try:
            return load(path, root, noise=noise)
        finally:
            os.close(noise)

    def is_pipeline(self, path: Path) -> bool:
        """Whether the text of a file has what a pipeline file has."""
        from stepwell.looks import looks_like_pipeline

        return looks_like_pipeline(path)

    def address(self, workspace: Workspace, path: str) -> str:
        """The whole address of one of the server's routes."""
        from stepwell.server.address import route

        return route(workspace, path)
