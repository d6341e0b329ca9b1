"""Where the files of a run and of its attempts at steps lie."""

from __future__ import annotations

import os

from stepwell_store.workspace import Workspace


def run_folder(workspace: Workspace, run: str) -> str:
    """Where everything of a run lies."""
    return os.path.join(workspace.runs, run)


def attempt_folder(workspace: Workspace, run: str, step: str, attempt: int) -> str:
    """Where one attempt at one step lies."""
    return os.path.join(workspace.runs, run, step, str(attempt))


def reports_file(folder: str) -> str:
    """The file that takes what is reported of an attempt in this folder."""
    return os.path.join(folder, "reports.jsonl")
