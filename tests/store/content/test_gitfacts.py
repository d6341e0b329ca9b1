"""Git facts from real repositories; whatever is wrong with Git means no facts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stepwell_store.content.gitfacts import DIFF_LIMIT, find_repository, gather, without_credentials
from stepwell_store.content.objects import ObjectStore

IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", folder, *arguments]
    return subprocess.run(command, env={**os.environ, **IDENTITY}, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit on the branch `work`."""
    root = tmp_path / "repository"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "train.py").write_text("one\n")
    git(root, "init", "-q", "-b", "work", "--template=")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "First")
    return root


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def test_the_facts_of_a_clean_repository(repository: Path, objects: ObjectStore) -> None:
    git(repository, "remote", "add", "other", "https://example.com/other.git")
    git(repository, "remote", "add", "origin", "https://me:secret@example.com/team/code.git")
    facts = gather(repository / "sub", objects)
    assert facts is not None
    assert (facts.repository, facts.branch) == ("https://example.com/team/code.git", "work")
    assert (facts.commit, facts.dirty, facts.diff) == (git(repository, "rev-parse", "HEAD"), False, None)


def test_the_diff_of_a_dirty_tree_is_kept_and_applies(repository: Path, objects: ObjectStore, tmp_path: Path) -> None:
    (repository / "sub" / "train.py").write_text("two\n")
    (repository / "sub" / "data.bin").write_bytes(bytes(range(256)))
    (repository / "untracked").write_text("left alone")
    git(repository, "add", "sub/data.bin")
    facts = gather(repository, objects)
    assert facts is not None
    assert facts.diff is not None
    assert facts.dirty
    assert facts.repository == str(repository)
    git(tmp_path, "clone", "-q", str(repository), "clone")
    (tmp_path / "patch").write_bytes(objects.read(facts.diff))
    git(tmp_path / "clone", "apply", str(tmp_path / "patch"))
    assert (tmp_path / "clone" / "sub" / "train.py").read_text() == "two\n"
    assert (tmp_path / "clone" / "sub" / "data.bin").read_bytes() == bytes(range(256))


def test_a_huge_diff_is_cut_and_says_so(repository: Path, objects: ObjectStore) -> None:
    (repository / "sub" / "train.py").write_text("a line of text\n" * (DIFF_LIMIT // 10))
    facts = gather(repository, objects)
    assert facts is not None
    assert facts.diff is not None
    data = objects.read(facts.diff)
    assert DIFF_LIMIT - 100 < len(data) < DIFF_LIMIT + 100
    assert data.splitlines()[-2:] == [b"+a line of text", b"# cut here: the diff is longer than what is kept"]


def test_a_detached_head_a_worktree_and_a_packed_repository(repository: Path, objects: ObjectStore, tmp_path: Path) -> None:
    git(repository, "gc", "-q")
    git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    (tmp_path / "tree" / "sub" / "train.py").write_text("here only\n")
    facts, main = gather(tmp_path / "tree", objects), gather(repository, objects)
    assert facts is not None
    assert main is not None
    assert (facts.branch, facts.commit, facts.dirty) == (None, main.commit, True)
    assert (main.branch, main.dirty) == ("work", False)


def test_nothing_that_a_repository_configures_is_run(repository: Path, objects: ObjectStore, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "core.askPass", "diff.trap.textconv", "diff.trap.command"):
        git(repository, "config", key, str(trap))
    git(repository, "config", "core.hooksPath", str(tmp_path))
    (repository / ".gitattributes").write_text("* diff=trap\n")
    (repository / "sub" / "train.py").write_text("two\n")
    facts = gather(repository, objects)
    assert facts is not None
    assert facts.dirty
    assert not (tmp_path / "sprung").exists()


def test_the_callers_environment_does_not_point_elsewhere(
    repository: Path, objects: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "elsewhere")
    for name, value in (("GIT_DIR", other / ".git"), ("GIT_WORK_TREE", other), ("GIT_INDEX_FILE", other / "index")):
        monkeypatch.setenv(name, str(value))
    facts = gather(repository, objects)
    assert facts is not None
    assert (facts.branch, facts.dirty) == ("work", False)


@pytest.mark.parametrize("damage", ["no commit", "empty .git", "bad head", "bad config", "missing object"])
def test_a_broken_repository_has_no_facts(tmp_path: Path, objects: ObjectStore, repository: Path, damage: str) -> None:
    if damage == "no commit":
        git(repository, "checkout", "-q", "--orphan", "new")
    elif damage == "empty .git":
        (repository / ".git").rename(tmp_path / "away")
        (repository / ".git").write_text("")
    elif damage == "bad head":
        (repository / ".git" / "HEAD").write_text("\0nonsense")
    elif damage == "bad config":
        (repository / ".git" / "config").write_text("[[[")
    else:
        (repository / ".git" / "objects").rename(tmp_path / "away")
    assert gather(repository, objects) is None


def test_no_repository(tmp_path: Path, objects: ObjectStore) -> None:
    if find_repository(tmp_path) is not None:
        pytest.skip("the temporary folder is in a repository")
    assert gather(tmp_path, objects) is None


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("https://user:token@dev.azure.com/a/_git/b", "https://dev.azure.com/a/_git/b"),
        ("https://token@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://us:p@ss@host/a@b", "https://host/a@b"),
        ("https://host/a@b", "https://host/a@b"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("ssh://git:pw@host/a", "ssh://git@host/a"),
        ("ssh://git@host/a", "ssh://git@host/a"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_credentials_are_taken_out_of_addresses(address: str, clean: str) -> None:
    assert without_credentials(address) == clean
