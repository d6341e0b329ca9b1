"""The files of the gallery's project, in a Git repository whose one commit is the same on every machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PIPELINE = '''\
"""Who leaves, and why."""

from stepwell import CommandStep, Pipeline, PipelineData, PipelineParameter, Workspace

rate = PipelineParameter("rate", 0.1)
data = {name: PipelineData(name.replace("-", "_")) for name in ("ingest", "clean", "features", "train-linear", "train-boosted", "evaluate")}


def step(name, *after):
    inputs = [data[one] for one in after]
    return CommandStep(["touch", data[name], *inputs, rate], name=name, inputs=inputs, outputs=[data[name]], source_directory="train")


ingest, clean, features = step("ingest"), step("clean", "ingest"), step("features", "clean")
linear, boosted = step("train-linear", "features"), step("train-boosted", "features")
pipeline = Pipeline(Workspace.from_config(), [ingest, clean, features, linear, boosted, step("evaluate", "train-linear", "train-boosted")],
                    description="churn-train")
'''
TRAIN = """\
import math

for epoch in range(40):
    loss = math.exp(-epoch / 14)
    print(f"INFO epoch={epoch:02} loss={loss:.4f}")
"""
BETTER = TRAIN.replace("range(40)", "range(60)")
README = "# Churn\n\nWho leaves, and why.\n"

ENVIRONMENT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
               "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"}
"""Of Git, with nobody's configuration."""


def write_project(base: Path) -> None:
    """Make the folder and its files."""
    (base / "train").mkdir(parents=True)
    for name, text in (("churn.py", PIPELINE), ("train/train.py", TRAIN), ("train/limits.txt", "rate <= 1\n"), ("README.md", README),
                       (".gitignore", ".stepwell/\n")):
        (base / name).write_text(text)


def commit_all(base: Path, at: float) -> str:
    """Make a repository of it with one commit at that time, in seconds since 1970; its digest."""
    for words in (("init", "-q", "-b", "main", "--template=", "--object-format=sha1"),
                  ("remote", "add", "origin", "git@example.com:ada/churn"), ("add", "."), ("commit", "-q", "-m", "Train on forty epochs")):
        _git(base, at, *words)
    return _git(base, at, "rev-parse", "HEAD")


def _git(base: Path, at: float, *words: str) -> str:
    when = f"{at:.0f} +0000"
    environment = {**os.environ, **ENVIRONMENT, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    return subprocess.run(["git", "-C", base, *words], env=environment, check=True, capture_output=True, text=True).stdout.strip()
