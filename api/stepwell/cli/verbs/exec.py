"""`stepwell exec [-m] FILE [ARGS ...]`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

from stepwell.cli.common import add_workspace, close_all, examples, root_for
from stepwell_store.errors import MachineError, UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_workspace(parser)
    parser.add_argument("-o", "--output", metavar="COPY", help="where the executed copy of a notebook goes (default: in the workspace)")
    parser.add_argument("-m", "--module", action="store_true", help="FILE is the name of a module, as for `python -m`")
    parser.add_argument("file", metavar="FILE", help="a v1 driver: a Python file, or a notebook (.ipynb)")
    parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="what the driver gets as its own arguments")
    examples(parser, "stepwell exec driver.py", "stepwell exec driver.py --epochs 3",
             "stepwell exec -m pipelines.train --epochs 3", "stepwell exec getting-started.ipynb",
             "stepwell exec -o done.ipynb getting-started.ipynb", "stepwell exec -w ~/project driver.py")


def run(args: argparse.Namespace) -> int:
    """Run the driver in this process's place, so that its exit code, its signals and its terminal are its own."""
    path = Path.cwd() / "driver" if args.module else Path(args.file).expanduser()
    if not args.module and not path.is_file():
        raise UsageError(f"there is no file {path}", todo="Name a v1 driver: a Python file or a notebook.")
    root = root_for(args, path.absolute().parent)
    command = _notebook(args, path, root) if path.suffix == ".ipynb" else ["stepwell.azureml.driver", *_script(args, path)]
    close_all()
    _become([sys.executable, "-P", "-m", *command, *args.arguments], root)


def _script(args: argparse.Namespace, path: Path) -> list[str]:
    return ["-m", args.file] if args.module else [str(path)]


def _notebook(args: argparse.Namespace, path: Path, root: Path) -> list[str]:
    from importlib.util import find_spec

    missing = [name for name in ("nbclient", "ipykernel") if find_spec(name) is None]
    if missing:
        raise MachineError(f"notebooks need {' and '.join(missing)}", todo="Install it with: pip install 'stepwell[notebook]'")
    # Not beside the notebook: there it would be in the snapshots of its steps, and every run would find its code changed.
    default = root / "executed" / f"{path.stem}-{time.strftime('%Y%m%d-%H%M%S')}.ipynb"
    return ["stepwell.azureml.notebook", str(Path(args.output).expanduser() if args.output else default), str(path)]


def _become(command: list[str], root: Path) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.environ["STEPWELL_WORKSPACE"] = str(root)
    os.environ["STEPWELL_DRIVER"] = "1"
    os.execv(command[0], command)  # noqa: S606  our own interpreter
