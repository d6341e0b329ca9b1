"""A Git repository as it is now, for people who look at it. Nothing that it configures is run, and nothing of it is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from stepwell_store.content.gitfacts import _QUIET, find_repository, without_credentials
from stepwell_store.errors import MachineError
from stepwell_store.files import StrPath

if TYPE_CHECKING:
    from git import Repo

DIRTY_LISTED = 2000
_SAFE_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--ignore-submodules=dirty")


class DirtyFile(msgspec.Struct, frozen=True):
    """A file that differs from the commit. `state` is Git's two letters (index, work tree), `??` for an untracked one."""

    path: str
    state: str

    @property
    def is_untracked(self) -> bool:
        """Whether Git does not know it."""
        return self.state == "??"


class Worktree(msgspec.Struct, frozen=True):
    """The state of a repository. `top` is its folder; `commit` None before the first one, `branch` None for a detached head.

    `committed_at` in seconds since 1970; texts are foreign. `more` says that there are more dirty files than are listed.
    """

    top: str
    address: str | None
    branch: str | None
    commit: str | None
    subject: str = ""
    author: str = ""
    committed_at: float | None = None
    dirty: tuple[DirtyFile, ...] = ()
    more: bool = False


def look(folder: StrPath) -> Worktree | None:
    """The repository that a folder is in; None when there is none, MachineError when Git cannot read it."""
    top = find_repository(folder)
    if top is None:
        return None
    with _opened(top) as repository:
        commit = repository.head.commit if repository.head.is_valid() else None
        branch = None if repository.head.is_detached else repository.active_branch.name
        dirty = _dirty(repository)
        address = next((remote.url for remote in sorted(repository.remotes, key=lambda one: one.name != "origin")), None)
        return Worktree(
            top, address and without_credentials(address), branch, commit and commit.hexsha, _text(commit.summary) if commit else "",
            (commit.author.name or "") if commit else "", commit and float(commit.committed_date), dirty[:DIRTY_LISTED],
            len(dirty) > DIRTY_LISTED)


def difference(top: StrPath, path: str, limit: int) -> tuple[bytes, bool]:
    """How a tracked file differs from the commit, as a unified diff of at most so many bytes; whether it was cut."""
    with _opened(os.fspath(top)) as repository:
        against = ["HEAD"] if repository.head.is_valid() else ["--cached"]
        process = repository.git.diff(*against, *_SAFE_DIFF, "--", path, as_process=True)
        data: bytes = process.stdout.read(limit + 1)
        process.terminate() if len(data) > limit else process.wait()
        return data[:limit], len(data) > limit


@contextmanager
def _opened(top: str) -> Iterator[Repo]:
    try:
        import git

        with git.Repo(top) as repository:
            place = os.fspath(repository.git_dir)
            repository.git.update_environment(**_QUIET, GIT_DIR=place, GIT_WORK_TREE=top, GIT_INDEX_FILE=f"{place}/index",
                                              GIT_LITERAL_PATHSPECS="1")
            yield repository
    except Exception as error:
        # GitPython raises whatever its parsers do; a repository that cannot be read is no bug of ours.
        raise MachineError("Git cannot read the repository", where=top, todo=str(error).strip()[:500]) from error


def _dirty(repository: Repo) -> tuple[DirtyFile, ...]:
    said: bytes = repository.git.status("--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty", "--untracked-files=normal",
                                        stdout_as_string=False, strip_newline_in_stdout=False)
    entries = said.split(b"\0")[:-1]
    return tuple(DirtyFile(entry[3:].decode("utf-8", "surrogateescape"), entry[:2].decode("ascii", "replace")) for entry in entries)


def _text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "replace")
