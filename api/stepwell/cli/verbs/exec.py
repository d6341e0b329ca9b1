"""`stepwell exec FILE [ARGS ...]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from stepwell.cli.common import add_workspace, close_all, examples, root_for
from stepwell_store.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_workspace(parser)
    parser.add_argument("file", metavar="FILE", help="a v1 driver, such as submit.py")
    parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="what the driver gets as its own arguments")
    examples(parser, "stepwell exec driver.py", "stepwell exec driver.py --epochs 3", "stepwell exec -w ~/project driver.py")


def run(args: argparse.Namespace) -> int:
    """Run the driver in this process's place, so that its exit code, its signals and its terminal are its own."""
    path = Path(args.file).expanduser()
    if not path.is_file():
        raise UsageError(f"there is no file {path}", todo="Name a v1 driver: a Python file.")
    root = root_for(args, path.absolute().parent)
    close_all()
    _become([sys.executable, "-P", "-m", "stepwell.azureml.driver", str(path), *args.arguments], root)


def _become(command: list[str], root: Path) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.environ["STEPWELL_WORKSPACE"] = str(root)
    os.execv(command[0], command)  # noqa: S606  our own interpreter
