"""The project file: where it is, and what it says of reuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell.jobs.project import find_project
from stepwell.projectfile import configured, nearest
from stepwell_runner.graph.counting import Counting
from stepwell_runner.graph.model import Graph, Source, Step, Text
from stepwell_store.errors import UsageError


def test_the_nearest_file_upward_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    assert find_project(str(inner)).counting == Counting()
    (tmp_path / "stepwell.yml").write_text("reuse:\n  narrow: true\n  untracked: [build]\n")
    assert nearest(str(inner)) == str(tmp_path / "stepwell.yml")
    assert find_project(str(inner)).counting == Counting(narrow=True, untracked=("build",))
    (tmp_path / "a/stepwell.yml").write_text("reuse: {narrow: [prep*, train]}\n")
    assert find_project(str(inner)).counting == Counting(narrow=("prep*", "train"))


def test_a_graph_gets_what_is_said_and_is_watched_for_it(tmp_path: Path) -> None:
    step = Step(key="a", name="a", kind="k", command=(Text("true"),), source=Source(path=str(tmp_path)))
    graph = Graph(name="g", base=str(tmp_path), steps=(step,), files=("/other",))
    assert configured(graph) is graph
    file = tmp_path / "stepwell.yml"
    file.write_text("reuse: {narrow: true}\n")
    made = configured(graph)
    assert made.files == ("/other", str(file))
    assert made.steps[0].source == Source(path=str(tmp_path), narrow=True)
    nowhere = Graph(name="g", steps=(step,))
    assert configured(nowhere) is nowhere


@pytest.mark.parametrize(("text", "said", "where"), [
    ("reuse: {narow: true}", "no entry of `reuse` 'narow'; did you mean 'narrow'", ":1:9"),
    ("reuse:\n  narrow: 3", "`narrow` must be a list: true, or names of steps", ":2:11"),
    ("reuse:\n  untracked: build", "`untracked` must be a list: names of parameters", ":2:14"),
    ("reuse:\n  narrow: true\n  untracked: [1]", "`untracked` must be a list", ":3:14"),
    ("resue: {}", "no section 'resue'; did you mean 'reuse'", ":1:1"),
])
def test_a_file_that_says_something_else_is_told_of(tmp_path: Path, text: str, said: str, where: str) -> None:
    (tmp_path / "stepwell.yml").write_text(text)
    with pytest.raises(UsageError, match=said) as told:
        find_project(str(tmp_path))
    assert told.value.where == f"{tmp_path}/stepwell.yml{where}"
