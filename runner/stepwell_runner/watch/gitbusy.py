"""Whether Git is rewriting a working tree: it holds a lock on the index from before the first file until after the last."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from stepwell_store.content.gitfacts import find_repository

STALE_S = 60.0
"""An older lock was left by a Git that died."""


def index_locks(folders: Iterable[str]) -> list[str]:
    """Where Git would hold the locks of the repositories that these folders are in."""
    repositories = dict.fromkeys(find_repository(folder) for folder in folders)
    return [os.path.join(_git_folder(one), "index.lock") for one in repositories if one is not None]


def _git_folder(repository: str) -> str:
    path = os.path.join(repository, ".git")
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:  # a worktree or submodule
            return os.path.join(repository, file.read().removeprefix("gitdir:").strip())
    except OSError:
        return path


def is_busy(locks: Iterable[str]) -> bool:
    """Whether one of these locks is held."""
    return any(_is_held(lock) for lock in locks)


def _is_held(lock: str) -> bool:
    try:
        return os.stat(lock).st_mtime > time.time() - STALE_S
    except OSError:
        return False
