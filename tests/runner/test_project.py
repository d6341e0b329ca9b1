"""What `stepwell.toml` says of the pipelines below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell_runner.graph.model import Graph, Parameter, Source, Step, Text
from stepwell_runner.project import configured
from stepwell_store.errors import UsageError


def step(key: str, name: str, source: Source | None) -> Step:
    return Step(key=key, name=name, kind="k", command=(Text("true"),), source=source)


def graph(base: Path) -> Graph:
    source = Source(path=str(base))
    steps = (step("prep_a", "prep a", source), step("train", "train", source), step("bare", "bare", None),
             step("only", "only", Source(path=str(base), only=("x.py",))))  # fmt: skip
    parameters = (Parameter(name="build", type="text"), Parameter(name="rate", type="number"))
    return Graph(name="g", base=str(base), files=("/other",), parameters=parameters, steps=steps)


def narrow(made: Graph) -> list[str]:
    return [step.key for step in made.steps if step.source is not None and step.source.narrow]


def test_without_the_file_nothing_is_changed(tmp_path: Path) -> None:
    assert configured(graph(tmp_path)) == graph(tmp_path)
    nowhere = Graph(name="g", steps=())
    assert configured(nowhere) is nowhere


def test_all_steps_are_narrowed_that_have_a_folder_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "stepwell.toml").write_text("[reuse]\nnarrow = true\n")
    made = configured(graph(tmp_path))
    assert narrow(made) == ["prep_a", "train"]
    assert made.files == ("/other", str(tmp_path / "stepwell.toml"))


@pytest.mark.parametrize(("patterns", "found"), [
    ('["prep*"]', ["prep_a"]), ('["train", "gone"]', ["train"]), ('["prep_a"]', ["prep_a"]), ("[]", []),
])
def test_some_steps_by_name_or_key(tmp_path: Path, patterns: str, found: list[str]) -> None:
    (tmp_path / "stepwell.toml").write_text(f"[reuse]\nnarrow = {patterns}\n")
    assert narrow(configured(graph(tmp_path))) == found


def test_parameters_that_are_no_reason_to_run(tmp_path: Path) -> None:
    (tmp_path / "stepwell.toml").write_text('[reuse]\nuntracked = ["build", "elsewhere"]\n')
    assert {one.name: one.tracked for one in configured(graph(tmp_path)).parameters} == {"build": False, "rate": True}


def test_the_nearest_file_upward_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a/b"
    inner.mkdir(parents=True)
    (tmp_path / "stepwell.toml").write_text("[reuse]\nnarrow = true\n")
    assert narrow(configured(graph(inner))) == ["prep_a", "train"]
    (tmp_path / "a/stepwell.toml").write_text("")
    assert narrow(configured(graph(inner))) == []


@pytest.mark.parametrize(("text", "said"), [
    ("[reuse]\nnarow = true", "narow"), ("[reuse]\nnarrow = 3", "reuse.narrow"), ("[resue]", "resue"), ("[reuse", "table declaration"),
    ("\xff", "utf-8"),
])
def test_a_file_that_says_something_else_is_told_of(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "stepwell.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=said) as told:
        configured(graph(tmp_path))
    assert told.value.where == str(tmp_path / "stepwell.toml")
    assert "narrow" in str(told.value.todo)
