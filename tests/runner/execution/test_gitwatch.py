"""Git facts are gathered beside a run and recorded with it."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import msgspec
from trial_runs import Trials, shell

from stepwell_runner.execution.gitwatch import GitFactsLater
from stepwell_runner.verbs.submit import Submission
from stepwell_store.ledger import history


def repository(folder: Path) -> str:
    """A repository with one commit and one changed file; the commit."""
    def git(*command: str) -> str:
        names = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", "-C", str(folder), *names, *command], check=True, capture_output=True, text=True).stdout.strip()

    folder.mkdir()
    (folder / "train.py").write_text("1\n")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    (folder / "train.py").write_text("2\n")
    return git("rev-parse", "HEAD")


def test_a_run_knows_the_commit_and_the_difference_to_it(trials: Trials, tmp_path: Path) -> None:
    commit = repository(tmp_path / "project")
    graph = msgspec.structs.replace(trials.graph(shell("a", ": > $out")), base=str(tmp_path / "project"))
    run = trials.submit(Submission(graph=graph))
    facts = history.get_run(trials.workspace.database, run.id).git
    assert facts is not None
    assert (facts["commit"], facts["branch"], facts["dirty"]) == (commit, "main", True)
    assert b"+2" in trials.workspace.objects.read(facts["diff"])


def test_without_a_repository_or_a_folder_there_are_none(trials: Trials, tmp_path: Path) -> None:
    for folder in (None, str(tmp_path)):
        later = GitFactsLater(folder, trials.workspace.objects)
        later.start(lambda: None)
        assert later.result() is None


def test_facts_that_cannot_be_kept_are_no_fault(trials: Trials, tmp_path: Path) -> None:
    repository(tmp_path / "project")
    (trials.workspace.root / "objects").rename(tmp_path / "elsewhere")
    (trials.workspace.root / "objects").write_text("in the way")
    done = threading.Event()
    later = GitFactsLater(str(tmp_path / "project"), trials.workspace.objects)
    later.start(done.set)
    assert later.result() is None
    assert done.is_set()
