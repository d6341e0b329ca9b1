"""A workspace for the places of data: datasets of every kind, files on datastores, a repository, and runs that used them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec

from short_history import CLEAN, make_source, pipeline
from stepwell_runner.graph import model
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Transform, Url
from stepwell_store.workspace import Workspace

NASTY = "a\x1b[31mred\n[b]bold[/b]"
"""Text that would steer a terminal, break a line, or be taken for markup."""

_IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "a@example.com",
}


class Project(msgspec.Struct, frozen=True):
    """`runs` are ids: 1 and 2 of `words` (another rate, another script), the second with uncommitted changes."""

    base: Path
    runs: list[str]
    commit: str


def git(folder: Path, *arguments: str) -> str:
    """Run Git with nobody's configuration."""
    return subprocess.run(["git", "-C", folder, *arguments], env={**os.environ, **_IDENTITY}, check=True, capture_output=True,
                          text=True).stdout.strip()


def make(base: Path) -> Project:
    """Make the whole of it."""
    make_source(base)
    (base / ".gitignore").write_text(".stepwell/\n")
    git(base, "init", "-q", "-b", "work", "--template=")
    git(base, "add", ".")
    git(base, "commit", "-q", "-m", f"First {NASTY}")
    workspace = workspaces.open_workspace(workspaces.create(base))
    _register(workspace, base)
    _fill(workspace, base)
    graph = _graph(workspace, base)
    runs = [execute(workspace, prepare(workspace, Submission(graph=graph, experiment="first"))).run]
    (base / "src" / "clean.py").write_text(CLEAN + "\n# better\n")
    (base / "src" / "extra.py").write_text("X = 1\n")
    (base / "src" / "blob.bin").write_bytes(bytes(range(256)))
    git(base, "add", "src/extra.py")
    runs.append(execute(workspace, prepare(workspace, Submission(graph=graph, parameters={"rate": 2.0}, experiment="first"))).run)
    workspace.close()
    return Project(base, runs, git(base, "rev-parse", "HEAD"))


def _graph(workspace: Workspace, base: Path) -> model.Graph:
    graph = pipeline(base)
    raw = model.Input(name="raw", binding=model.FromData(data=workspace.dataset("words")))
    return msgspec.structs.replace(graph, steps=(msgspec.structs.replace(graph.steps[0], inputs=(raw,)), *graph.steps[1:]))


def _register(workspace: Workspace, base: Path) -> None:
    tables = base / "tables"
    tables.mkdir()
    (tables / "people.csv").write_text("name,age\nAda,36\n" + f'"{NASTY}",7\n' + "Bob\n")
    (tables / "more.csv").write_text("name,age\nEve,1\n")
    (tables / "rows.jsonl").write_text('{"a": 1, "b": [1, 2]}\n\n{"a": null, "c": "x"}\n')
    (tables / "data.parquet").write_bytes(b"PAR1")
    words = DatasetDefinition(kind="file", places=(LocalPath(str(base / "data.txt")),))
    workspace.register_dataset("words", words, description=f"the words {NASTY}", tags={"owner": "ada"})
    workspace.register_dataset("words", words, create_new_version=True)
    people = DatasetDefinition(kind="tabular", format="delimited", places=(LocalPath(str(tables / "*.csv")),),
                               options={"include_path": True}, transforms=(Transform("take", {"count": 2}),))
    workspace.register_dataset("people", people)
    for name, form, file in (("rows", "json_lines", "rows.jsonl"), ("columns", "parquet", "data.parquet")):
        workspace.register_dataset(name, DatasetDefinition(kind="tabular", format=form, places=(LocalPath(str(tables / file)),)))
    workspace.register_dataset("far", DatasetDefinition(kind="file", places=(Url("https://example.com/a.csv"),)))
    workspace.register_dataset("gone", DatasetDefinition(kind="file", places=(DatastorePath("workspaceblobstore", "nowhere"),)))


def _fill(workspace: Workspace, base: Path) -> None:
    folder = Path(workspace.root / "datastores" / "workspaceblobstore")
    (folder / "sets" / "deep").mkdir(parents=True)
    (folder / "sets" / "one.txt").write_text("first\nsecond \x1b[31mred\n")
    (folder / "sets" / "deep" / "two.bin").write_bytes(b"\0" * 2000)
    (folder / "top.txt").write_text("top\n")
