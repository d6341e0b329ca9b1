"""The Git state of a source folder: a help for people, so whatever goes wrong with Git means no facts and no error."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec

from stepwell_store.content.objects import ObjectStore
from stepwell_store.files import StrPath

if TYPE_CHECKING:
    from git import Repo

DIFF_LIMIT = 4 << 20
"""Bytes of a diff that are kept at most; a longer one is cut at the end of a line, with a last line that says so."""

_CUT = b"# cut here: the diff is longer than what is kept\n"

# Nothing that a repository configures may run, ask or page; and what the caller's environment says of another repository is void.
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.fsmonitor",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "core.hooksPath",
    "GIT_CONFIG_VALUE_1": os.devnull,
    "LC_ALL": "C",
}


class GitFacts(msgspec.Struct, frozen=True):
    """Where the source came from.

    `repository` is the address of the remote without credentials, else the repository's folder; `branch` None for a detached
    head; `dirty` when tracked files differ from the commit; `diff` the digest of that difference as an object.
    """

    repository: str
    branch: str | None
    commit: str
    dirty: bool
    diff: str | None = None


def gather(folder: StrPath, objects: ObjectStore) -> GitFacts | None:
    """The facts of the repository that the folder is in, with the diff put into the store; None when there are none."""
    top = find_repository(folder)
    if top is None:
        return None
    try:
        import git

        with git.Repo(top) as repository:
            found, diff = _read(repository, top)
    except Exception:
        return None
    return msgspec.structs.replace(found, diff=objects.put_bytes(diff)) if diff else found


def find_repository(folder: StrPath) -> str | None:
    """The nearest folder at or above this one that has a `.git`."""
    path = os.path.realpath(folder)
    while not os.path.exists(f"{path}/.git"):
        above = os.path.dirname(path)
        if above == path:
            return None
        path = above
    return path


def without_credentials(address: str) -> str:
    """A remote's address without user and password (ssh keeps its user, which is part of the address)."""
    return re.sub(r"^((?:https?|ftps?)://)[^/]*@", r"\1", re.sub(r"^(ssh://[^:/@]*):[^/@]*@", r"\1@", address))


def _read(repository: Repo, top: str) -> tuple[GitFacts, bytes]:
    folder = os.fspath(repository.git_dir)
    repository.git.update_environment(**_QUIET, GIT_DIR=folder, GIT_WORK_TREE=top, GIT_INDEX_FILE=f"{folder}/index")
    commit = repository.git.rev_parse("--verify", "HEAD")
    diff = _read_diff(repository)
    branch = None if repository.head.is_detached else repository.active_branch.name
    return GitFacts(_address(repository) or top, branch, commit, bool(diff)), diff


def _address(repository: Repo) -> str | None:
    remotes = {remote.name: remote for remote in repository.remotes}
    remote = remotes.get("origin") or next(iter(remotes.values()), None)
    return None if remote is None else without_credentials(remote.url)


def _read_diff(repository: Repo) -> bytes:
    options = ("--no-ext-diff", "--no-textconv", "--no-color", "--binary", "--ignore-submodules=dirty")
    process = repository.git.diff("HEAD", *options, as_process=True)
    data: bytes = process.stdout.read(DIFF_LIMIT + 1)
    if len(data) > DIFF_LIMIT:
        process.terminate()
        return data[: data.rfind(b"\n", 0, DIFF_LIMIT) + 1] + _CUT
    process.wait()
    return data
