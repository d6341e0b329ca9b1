"""Words of the command line that name pipeline files or runs: telling one from the other, and the pipelines that they mean."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell.cli.common import find, open_root, open_workspace, root_for, root_near, say
from stepwell_store.errors import IntegrityError, UsageError

if TYPE_CHECKING:
    from stepwell_runner.graph.model import Graph
    from stepwell_store.ledger.records import Run
    from stepwell_store.workspace import Workspace

_looks_like_run = re.compile(r"(@last|#[0-9]+|[0-9a-f][0-9a-f-]*)(/.*)?", re.DOTALL).fullmatch


def is_file(word: str) -> bool:
    """Whether a word names a pipeline file. A step may be called train.py: `@last/train.py` is one unless there is such a file."""
    return os.path.isfile(word) or (word.endswith((".py", ".yml", ".yaml")) and not _looks_like_run(word))


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
