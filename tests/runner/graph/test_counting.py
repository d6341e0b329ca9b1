"""What a project says of what counts for reuse, in the graph."""

from __future__ import annotations

import pytest

from stepwell_runner.graph.counting import Counting, counted
from stepwell_runner.graph.model import Graph, Parameter, Source, Step, Text


def step(key: str, name: str, source: Source | None) -> Step:
    return Step(key=key, name=name, kind="k", command=(Text("true"),), source=source)


STEPS = (step("prep_a", "prep a", Source(path="/p")), step("train", "train", Source(path="/p")), step("bare", "bare", None),
         step("own", "own", Source(path="/p", narrow=True)), step("only", "only", Source(path="/p", only=("x.py",))),
         step("extra", "extra", Source(path="/p", extra=("/q",))))  # fmt: skip
PARAMETERS = (Parameter(name="build", type="text"), Parameter(name="rate", type="number", tracked=False))
GRAPH = Graph(name="g", steps=STEPS, parameters=PARAMETERS)


def test_nothing_said_changes_nothing() -> None:
    assert counted(GRAPH, Counting()) is GRAPH


@pytest.mark.parametrize(("narrow", "found"), [
    (True, ["prep_a", "train", "own"]), (("prep*",), ["prep_a", "own"]), (("prep_a", "gone"), ["prep_a", "own"]), ((), ["own"]),
])
def test_steps_that_have_a_folder_of_their_own_are_narrowed(narrow: bool | tuple[str, ...], found: list[str]) -> None:
    made = counted(GRAPH, Counting(narrow=narrow, untracked=("none",)))
    assert [step.key for step in made.steps if step.source is not None and step.source.narrow] == found


def test_parameters_that_are_no_reason_to_run() -> None:
    made = counted(GRAPH, Counting(untracked=("build", "elsewhere")))
    assert [one.tracked for one in made.parameters] == [False, False]
    assert [one.tracked for one in counted(GRAPH, Counting(narrow=True)).parameters] == [True, False]
