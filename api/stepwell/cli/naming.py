"""Words of the command line that name pipeline files or runs: telling one from the other, and the pipelines that they mean."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stepwell.cli.common import find, open_root, open_workspace, root_for, root_near, say, split_target
from stepwell_store.errors import IntegrityError, UsageError
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace

if TYPE_CHECKING:
    from stepwell_runner.graph.model import Graph

_looks_like_run = re.compile(r"(@last|#[0-9]+|[0-9a-f][0-9a-f-]*)(/.*)?", re.DOTALL).fullmatch


def is_file(word: str) -> bool:
    """Whether a word names a pipeline file. A step may be called train.py: `@last/train.py` is one unless there is such a file."""
    return os.path.isfile(word) or (word.endswith((".py", ".yml", ".yaml")) and not _looks_like_run(word))


def add_run(parser: argparse.ArgumentParser) -> None:
    """The argument `run`, which `meant` reads."""
    parser.add_argument("run", metavar="RUN[/STEP]", help="an id, the beginning of one, #number or @last; and a step of it")


class Meant(NamedTuple):
    """A run with its steps, and the step when one was named."""

    workspace: Workspace
    run: Run
    steps: list[StepRun]
    step: StepRun | None

    @property
    def chosen(self) -> list[StepRun]:
        """The step that was named, else all of them."""
        return self.steps if self.step is None else [self.step]


def meant(args: argparse.Namespace, word: str, step: str | None = None) -> Meant:
    """What `RUN` or `RUN/STEP` means; `step` is one that was named by itself."""
    from stepwell_runner.verbs.steps import step_named, steps_of_run

    workspace = open_workspace(args)
    run_name, below = split_target(word)
    run, _ = find(workspace, run_name)
    steps = steps_of_run(workspace, run)
    name = step or below
    return Meant(workspace, run, steps, None if name is None else step_named(workspace, steps, name))


def absolute(word: str) -> Path:
    """The file that a word names."""
    return Path(word).expanduser().absolute()


def load_to_use(args: argparse.Namespace, file: Path, **options: Any) -> tuple[Workspace, Graph]:
    """The pipeline of a file, with its workspace, which is made where there is none. `options` are those of `load`."""
    from stepwell.load import load

    root = root_for(args, file.parent)
    graph = load(file, root, progress=say, **options)
    return open_root(root), graph


def load_to_look(args: argparse.Namespace, file: Path) -> Graph:
    """The pipeline of a file, checked; no workspace is made."""
    from stepwell.load import load
    from stepwell_runner.graph.check import check

    graph = load(file, root_near(args, file.parent), progress=say)
    check(graph)
    return graph


def graph_of_run(args: argparse.Namespace, word: str) -> tuple[Workspace, Run, Graph]:
    """The pipeline of a run. UsageError when a step is named, IntegrityError when the graph is missing."""
    from stepwell_runner.verbs.steps import graph_of

    workspace = open_workspace(args)
    run, step = find(workspace, word)
    if step is not None:
        raise UsageError("one step is no pipeline", todo="name the run only")
    graph = graph_of(workspace, run)
    if graph is None:
        raise IntegrityError(f"the graph of run {run.id} is missing", todo="`stepwell check` says more")
    return workspace, run, graph
