"""The repository that the workspace is in, what is not committed, and which runs saw which commit."""

from __future__ import annotations

import os

import msgspec

from stepwell_store.content import worktree
from stepwell_store.content.worktree import DirtyFile, Worktree
from stepwell_store.ledger.uses import CommitUse, commit_uses
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import safe_text, size_text
from stepwell_tui.views.texts import SHOWN_BYTES, Shown, read_head, shown

COMMITS = 500
_STATES = {"M": "changed", "A": "added", "D": "deleted", "T": "other kind", "U": "conflict", "R": "renamed", "C": "copied"}


class Git(msgspec.Struct, frozen=True):
    """`tree` is None when the workspace is in no repository; `commits` are those that runs saw, the newest first."""

    tree: Worktree | None
    commits: tuple[CommitUse, ...]


def git(workspace: Workspace) -> Git:
    """All of it; MachineError when Git cannot read the repository."""
    return Git(worktree.look(workspace.base), tuple(commit_uses(workspace.database, COMMITS)))


def state_words(file: DirtyFile) -> str:
    """What is not committed of a file."""
    if file.is_untracked:
        return "untracked"
    if "U" in file.state:
        return "conflict"
    letter = file.state[1] if file.state[1] != " " else file.state[0]
    return _STATES.get(letter, file.state) + (", staged" if file.state[1] == " " else "")


def difference(top: str, file: DirtyFile) -> Shown:
    """How a file differs from the commit; an untracked one as it is."""
    if file.is_untracked:
        path = os.path.join(top, file.path)
        if os.path.isdir(path) or os.path.islink(path):
            return Shown(None, "an untracked folder or link")
        return shown(*read_head(path))
    data, is_cut = worktree.difference(top, file.path, SHOWN_BYTES)
    text = safe_text(data.decode("utf-8", "surrogateescape")).expandtabs(4)
    return Shown(text, f"the first {size_text(SHOWN_BYTES)}" if is_cut else "" if text else "the content is the same")
