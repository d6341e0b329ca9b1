"""What several verbs share: finding the workspace, naming runs and steps, printing data."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from stepwell.cli import streams
from stepwell_store import workspace as workspaces
from stepwell_store.errors import MachineError, UsageError
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace
from stepwell_tui.render.status import wants_colour, wants_unicode
from stepwell_tui.render.tables import Column, table
from stepwell_tui.render.text import safe_line

_opened: list[Workspace] = []


def close_all() -> None:
    """Close the workspaces that this command opened, which leaves each database as one file when nobody else has it open."""
    while _opened:
        _opened.pop().close()


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """The option -w, which names a workspace."""
    parser.add_argument("-w", "--workspace", metavar="DIR", help="the folder of the workspace (default: the nearest one upward)")


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option --json."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def examples(parser: argparse.ArgumentParser, *lines: str) -> None:
    """Examples at the end of a verb's help."""
    parser.epilog = "examples:\n" + "\n".join(f"  {line}" for line in lines)


def open_workspace(args: argparse.Namespace) -> Workspace:
    """The workspace that the arguments name, or the nearest one upward; runs whose runner died are ended first."""
    start = Path(args.workspace).expanduser().absolute() if args.workspace else Path.cwd()
    return _recovered(workspaces.require(start))


def root_near(args: argparse.Namespace, beside: Path) -> Path | None:
    """The `.stepwell` folder that the arguments name, or the nearest one to a folder, or to here; None when there is none."""
    if args.workspace:
        return workspaces.find(Path(args.workspace).expanduser().absolute())
    return workspaces.find(beside) or workspaces.find(Path.cwd())


def root_for(args: argparse.Namespace, beside: Path) -> Path:
    """The same, or a new one beside a file, said so.

    Not opened yet: a pipeline file is loaded first, by a fork that no open database may see.
    """
    root = root_near(args, beside)
    if root is None:
        named = Path(args.workspace).expanduser().absolute() if args.workspace else None
        if named is not None and not named.is_dir():
            raise UsageError(f"there is no folder {named}", todo=f"correct -w, or make a workspace there with `stepwell init {named}`")
        root = workspaces.create(named or beside)
        say(f"made a workspace in {root.parent}")
    return root


def open_root(root: Path) -> Workspace:
    """Open a `.stepwell` folder; runs whose runner died are ended first."""
    return _recovered(workspaces.open_workspace(root))


def _recovered(workspace: Workspace) -> Workspace:
    _opened.append(workspace)
    if history.begun_runs(workspace.database) and os.access(workspace.root, os.W_OK):
        from stepwell_runner.execution.ownership import recover

        try:
            recovered = recover(workspace, say)
        except MachineError as error:
            # Looking is possible all the same, on a full disk for example; the next command tries again.
            say(f"a run was left unfinished by a runner that died, and that cannot be recorded: {error.what}")
            return workspace
        for run in recovered:
            _tell_recovered(workspace, run)
        if recovered:
            from stepwell_runner.queue.dispatch import dispatch

            dispatch(workspace)  # they take no room any longer
    return workspace


def _tell_recovered(workspace: Workspace, run: str) -> None:
    if history.get_run(workspace.database, run).status == "Completed":
        say(f"run {short(run)} outlived its runner: its last step ended well in its container, and it is recorded as completed")
    else:
        say(f"run {short(run)} was left unfinished by a runner that died; it is recorded as failed"
            f" (`stepwell resume {short(run)}` goes on)")


def say(message: str) -> None:
    """A line for the person, on stderr."""
    streams.tell(message)


def short(run: str) -> str:
    """The first characters of an id, as people type it."""
    return run[:8]


def split_target(name: str) -> tuple[str, str | None]:
    """`RUN/STEP` or `RUN`."""
    run, slash, step = name.partition("/")
    return run, step if slash else None


def find(workspace: Workspace, name: str) -> tuple[Run, StepRun | None]:
    """The run, and the step run when one was named, of `RUN` or `RUN/STEP`."""
    run_name, step_name = split_target(name)
    run = history.find_run(workspace.database, run_name)
    return run, None if step_name is None else history.find_step(workspace.database, run.id, step_name)


def find_required_step(workspace: Workspace, name: str) -> tuple[Run, StepRun]:
    """The run and step run of `RUN/STEP`; when a run has one step only its name may be left out."""
    run, step = find(workspace, name)
    if step is None:
        steps = history.steps_of(workspace.database, run.id)
        if len(steps) != 1:
            listed = ", ".join(one.step for one in steps)
            raise UsageError(f"which step of run {short(run.id)}?", todo=f"write {name}/STEP; its steps are: {listed}")
        step = steps[0]
    return run, step


def origin(workspace: Workspace, step: StepRun) -> StepRun:
    """The step run that really ran: itself, or the one whose result it took."""
    return step if step.reused_from is None else history.get_step(workspace.database, step.reused_from)


class Terminal(NamedTuple):
    """Of stdout: its width in columns (a wide one when piped), whether it is a terminal, takes colour, and shows Unicode."""

    width: int
    is_terminal: bool
    colour: bool
    unicode: bool


def terminal() -> Terminal:
    """What stdout is."""
    is_terminal = sys.stdout.isatty()
    width = _columns() if is_terminal else 10_000
    return Terminal(width, is_terminal, wants_colour(sys.stdout, os.environ), wants_unicode(sys.stdout, os.environ))


def _columns() -> int:
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdigit() and int(said) else os.get_terminal_size(sys.stdout.fileno()).columns or 80


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """A table that fits the terminal; when piped, one in which nothing is cut."""
    out = terminal()
    print(table(columns, list(rows), width=out.width if out.is_terminal else None, colour=out.colour, unicode=out.unicode), end="")


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    data = msgspec.json.encode(value)
    sys.stdout.flush()
    # JSON is UTF-8 whatever the locale says.
    sys.stdout.buffer.write((msgspec.json.format(data, indent=2) if sys.stdout.isatty() else data) + b"\n")


def words(text: str | None) -> str:
    """Foreign text on one line, safe for a terminal."""
    return safe_line(text or "")


def add_parameters(parser: argparse.ArgumentParser, what: str = "set a pipeline parameter; repeatable") -> None:
    """The option -p, which sets parameters; `parameters` reads it."""
    parser.add_argument("-p", "--parameter", metavar="NAME=VALUE", action="append", default=[], help=what)


def parameters(assignments: list[str]) -> dict[str, str]:
    """`NAME=VALUE` words as a mapping."""
    found: dict[str, str] = {}
    for word in assignments:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"-p {word} is not of the form NAME=VALUE", todo="for example: -p c=0.5")
        found[name] = value
    return found
