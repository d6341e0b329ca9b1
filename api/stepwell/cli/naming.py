"""Pipeline files on the command line: telling them from runs, and which workspace they belong to."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from stepwell_store import workspace as workspaces

_looks_like_run = re.compile(r"(@last|#[0-9]+|[0-9a-f][0-9a-f-]*)(/.*)?", re.DOTALL).fullmatch


def is_file(word: str) -> bool:
    """Whether a word names a pipeline file. A step may be called train.py: `@last/train.py` is one unless there is such a file."""
    return os.path.isfile(word) or (word.endswith((".py", ".yml", ".yaml")) and not _looks_like_run(word))


def root_near(args: argparse.Namespace, file: Path) -> Path | None:
    """The `.stepwell` folder that the arguments name, or the nearest one to a pipeline file, or to here; None when there is none."""
    if args.workspace:
        return workspaces.find(Path(args.workspace).expanduser().absolute())
    return workspaces.find(file.parent) or workspaces.find(Path.cwd())
