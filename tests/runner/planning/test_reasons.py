"""Differences between two sets of ingredients become reasons, and reasons become words."""

from __future__ import annotations

import pytest
from planning_world import World, graph, step

from stepwell_runner.graph.model import CurrentInterpreter, ParameterRef, Step, Text
from stepwell_runner.planning import reasons
from stepwell_runner.planning.fingerprint import Ingredients, compare, ingredients

ONE = step("b", "a", hash_paths=("/lib/a.so",), variables=(("SEED", Text("1")),), version="1")


def found(one: Step = ONE, world: World | None = None, c: float = 1.0, made: str = "x") -> Ingredients:
    return ingredients(one, graph(one), {"c": c}, world or World(), {("a", "out"): made})


def test_equal_ingredients_differ_in_nothing() -> None:
    assert compare(found(), found(), ONE) == ()


def test_each_difference_is_told_as_what_it_is() -> None:
    world = World(sources={"/src/b": "new tree"}, environments={CurrentInterpreter(): "new python"}, files={"/lib/a.so": "new library"})
    old = found()
    assert compare(old, found(world=world, c=2.0, made="y"), ONE) == (
        reasons.EnvironmentChanged(old["environment"], "new python"),
        reasons.SourceChanged("tree of /src/b", "new tree"),
        reasons.InputChanged("from_a", "a"),
        reasons.FileChanged("/lib/a.so"),
        reasons.ParameterChanged("c", "1.0", "2.0"),
    )


def test_what_the_author_wrote_differently_is_named() -> None:
    other = step("b", "a", hash_paths=ONE.hash_paths, variables=(("SEED", Text("2")),), version="2",
                 command=(Text("train"), ParameterRef("c")))
    assert [(reason.part, reasons.words(reason)) for reason in compare(found(), found(other), other)] == [  # type: ignore[union-attr]
        ("command", "its command changed: python step.py {input:from_a} {output:out} {parameter:c} → train {parameter:c}"),
        ("variables", "its variables changed"),
        ("version", "its version changed: 1 → 2"),
    ]


def test_a_parameter_that_came_or_went_is_told() -> None:
    without = step("b", "a", hash_paths=ONE.hash_paths, variables=ONE.variables, version="1", command=(Text("x"),))
    gone = [reason for reason in compare(found(), found(without), without) if isinstance(reason, reasons.ParameterChanged)]
    came = [reason for reason in compare(found(without), found(), ONE) if isinstance(reason, reasons.ParameterChanged)]
    assert list(map(reasons.words, (*gone, *came))) == ["parameter c: 1.0 → (none)", "parameter c: (none) → 1.0"]


WORDS: dict[reasons.AnyReason, str] = {
    reasons.NeverRan(): "it has not run before",
    reasons.Forced(): "you asked for it",
    reasons.ReuseDisabled(): "its author turned reuse off (allow_reuse=False)",
    reasons.SourceChanged("a", "b"): "its source changed",
    reasons.SourceChanged("a", "b", ("train.py",)): "train.py changed",
    reasons.SourceChanged("a", "b", ("1", "2", "3", "4", "5"), ("new.py",), ("old.py",)):
        "1, 2, 3 and 2 more changed, new.py added, old.py removed",
    reasons.ParameterChanged("c", "1.0", "2.0"): "parameter c: 1.0 → 2.0",
    reasons.ParameterChanged("c", "x" * 70, None): f"parameter c: {'x' * 57}… → (none)",
    reasons.InputChanged("i"): "input i changed",
    reasons.InputChanged("i", "prepare"): "input i changed (made by prepare)",
    reasons.FileChanged("/lib/a.so"): "/lib/a.so changed",
    reasons.EnvironmentChanged("a", "b"): "its environment changed",
    reasons.EnvironmentChanged("a", "b", "numpy 1 → 2"): "its environment changed: numpy 1 → 2",
    reasons.DefinitionChanged("command", "a", "b"): "its command changed: a → b",
    reasons.DefinitionChanged("command", "a" * 100, "b" * 100): "its command changed",
    reasons.DefinitionChanged("spark", "{}", '{"conf":{"a":"1"}}'): 'its Spark settings changed: {} → {"conf":{"a":"1"}}',
    reasons.DefinitionChanged("outputs", "[1]", "[2]"): "its outputs changed",
    reasons.SettingChanged("batch_size", "10", "20"): "its batch size: 10 → 20",
    reasons.SettingChanged("policy", None, "x" * 70): f"its policy: (none) → {'x' * 57}…",
    reasons.Tried("rate=0.5 kind=b"): "it tries rate=0.5 kind=b",
    reasons.OutputMissing("model", "store/m"): "its output model is missing (store/m)",
    reasons.OutputChanged("model", "store/m"): "its output model was changed by somebody (store/m)",
    reasons.ResultGone(): "its earlier result was removed",
}


@pytest.mark.parametrize("reason", WORDS, ids=lambda reason: type(reason).__name__)
def test_every_reason_has_words_and_survives_being_stored(reason: reasons.AnyReason) -> None:
    assert reasons.words(reason) == WORDS[reason]
    assert reasons.decode(reasons.encode((reason,))) == (reason,)


def test_no_reason_is_left_out_above() -> None:
    assert {type(reason) for reason in WORDS} == set(reasons.Reason.__subclasses__())
