"""The repository, what is not committed, and the runs of each commit."""

from __future__ import annotations

import pytest
from data_project import NASTY, Project, git

from stepwell_store.content.worktree import DirtyFile
from stepwell_store.errors import MachineError
from stepwell_store.workspace import Workspace
from stepwell_tui.views.git import difference, state_words
from stepwell_tui.views.git import git as view


def test_the_repository_with_what_is_not_committed(workspace: Workspace, project: Project) -> None:
    tree = view(workspace).tree
    assert tree is not None
    assert (tree.top, tree.branch, tree.commit, tree.author) == (str(project.base), "work", project.commit, "Ada")
    assert tree.subject.startswith("First a")
    assert {file.path: state_words(file) for file in tree.dirty} == {
        "src/clean.py": "changed", "src/extra.py": "added, staged", "src/blob.bin": "untracked", "tables/": "untracked"}
    assert not tree.more


def test_how_a_file_differs(workspace: Workspace, project: Project) -> None:
    top = str(project.base)
    text = difference(top, DirtyFile("src/clean.py", " M")).text
    assert text is not None
    assert text.splitlines()[-1] == "+# better"
    assert difference(top, DirtyFile("src/blob.bin", "??")).note == "not text: 256 B"
    assert difference(top, DirtyFile("tables/", "??")).text is None
    assert difference(top, DirtyFile("src/train.py", " M")).note == "the content is the same"


def test_the_runs_of_each_commit(workspace: Workspace, project: Project) -> None:
    (commit,) = view(workspace).commits
    assert (commit.commit, commit.branch, commit.runs, commit.dirty, commit.number, commit.run) == (
        project.commit, "work", 2, 1, 2, project.runs[1])


def test_without_a_repository(bare: Workspace) -> None:
    found = view(bare)
    assert (found.tree, found.commits) == (None, ())


def test_before_the_first_commit(bare: Workspace) -> None:
    git(bare.base, "init", "-q", "-b", "new", "--template=")
    (bare.base / "a.txt").write_text("one\n")
    git(bare.base, "add", "a.txt")
    tree = view(bare).tree
    assert tree is not None
    assert (tree.branch, tree.commit, tree.address) == ("new", None, None)
    staged = next(file for file in tree.dirty if file.path == "a.txt")
    assert state_words(staged) == "added, staged"
    assert (difference(str(bare.base), staged).text or "").endswith("+one\n")


def test_a_broken_repository_is_told_in_words(bare: Workspace) -> None:
    (bare.base / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(MachineError, match="Git cannot read"):
        view(bare)


def test_nothing_that_a_repository_configures_is_run(bare: Workspace) -> None:
    base = bare.base
    git(base, "init", "-q", "--template=")
    (base / "a.txt").write_text(f"{NASTY}\n")
    git(base, "add", "a.txt")
    git(base, "commit", "-q", "-m", "one")
    (base / ".gitattributes").write_text("*.txt diff=evil\n")
    (base / "a.txt").write_text("two\n")
    for name in ("core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv", "core.pager"):
        git(base, "config", name, f"touch {base}/ran; true")
    tree = view(bare).tree
    assert tree is not None
    text = difference(tree.top, DirtyFile("a.txt", " M")).text
    assert text is not None
    assert "\x1b" not in text
    assert not (base / "ran").exists()
