"""Decisions: what is reused, what runs and why, and what cannot be said yet."""

from __future__ import annotations

import msgspec
import pytest
from planning_world import World, graph, made, step

from stepwell_runner.graph.model import Graph, Step
from stepwell_runner.planning import reasons
from stepwell_runner.planning.decide import Policy, Reuse, Run, Wait
from stepwell_runner.planning.fingerprint import Unknown
from stepwell_runner.planning.plan import Plan

CHAIN = graph(step("a"), step("b", "a"), step("c", "b"))
C1, C2 = {"c": 1.0}, {"c": 2.0}


def told(plan: Plan) -> dict[str, object]:
    """Reused steps as True, others by the names of their reasons, those that wait with what they wait for."""
    return {key: True if isinstance(decision, Reuse) else [*(decision.on if isinstance(decision, Wait) else ()),
                                                           *(type(reason).__name__ for reason in decision.reasons)]
            for key, decision in plan.decisions.items()}


def replaced(whole: Graph, key: str, **fields: object) -> Graph:
    steps = tuple(msgspec.structs.replace(one, **fields) if one.key == key else one for one in whole.steps)
    return msgspec.structs.replace(whole, steps=steps)


def test_at_first_the_first_step_runs_and_the_others_wait_for_it() -> None:
    assert told(World().plan(CHAIN, C1)) == {"a": ["NeverRan"], "b": ["a"], "c": ["b"]}


def test_what_ran_is_reused() -> None:
    world = World()
    assert world.run(CHAIN, C1) == ["a", "b", "c"]
    plan = world.plan(CHAIN, C1)
    assert told(plan) == {"a": True, "b": True, "c": True}
    assert (plan.reused(), plan.pending()) == (["a", "b", "c"], [])
    assert world.run(CHAIN, C1) == []


def test_an_edit_runs_its_step_and_those_that_wait_say_what_they_know() -> None:
    world = World()
    world.run(CHAIN, C1)
    world.sources["/src/b"] = "edited"
    assert told(world.plan(CHAIN, C1)) == {"a": True, "b": ["SourceChanged"], "c": ["b"]}
    world.sources["/src/a"] = "edited too"
    assert told(world.plan(CHAIN, C1)) == {"a": ["SourceChanged"], "b": ["a", "SourceChanged"], "c": ["b"]}


def test_the_same_bytes_stop_the_spread_of_a_change() -> None:
    world = World()
    world.run(CHAIN, C1, {"a": "same", "b": "same"})
    world.sources["/src/a"] = "a comment more"
    assert world.run(CHAIN, C1, {"a": "same"}) == ["a"]
    world.sources["/src/a"] = "another algorithm"
    assert world.run(CHAIN, C1, {"a": "other", "b": "same"}) == ["a", "b"]


def test_going_back_finds_the_earlier_result() -> None:
    world = World()
    world.run(CHAIN, C1)
    assert world.run(CHAIN, C2) == ["a", "b", "c"]
    assert world.run(CHAIN, C1) == []


def test_a_result_of_another_step_with_the_same_ingredients_is_taken() -> None:
    world = World()
    world.run(graph(step("a")), C1)
    twin = msgspec.structs.replace(step("a"), key="twin", name="twin")
    assert told(world.plan(graph(twin), C1)) == {"twin": True}


def test_force_runs_everything_and_forced_what_is_named() -> None:
    world = World()
    world.run(CHAIN, C1)
    assert told(world.plan(CHAIN, C1, Policy(force=True))) == {"a": ["Forced"], "b": ["a", "Forced"], "c": ["b", "Forced"]}
    assert told(world.plan(CHAIN, C1, Policy(forced=frozenset("b")))) == {"a": True, "b": ["Forced"], "c": ["b"]}


def test_a_step_whose_author_turned_reuse_off_always_runs() -> None:
    world = World()
    never = replaced(CHAIN, "b", allow_reuse=False)
    world.run(never, C1)
    assert told(world.plan(never, C1)) == {"a": True, "b": ["ReuseDisabled"], "c": ["b"]}
    world.sources["/src/a"] = "edited"
    assert told(world.plan(never, C1))["b"] == ["a", "ReuseDisabled"]


def test_a_result_that_is_broken_does_not_count_and_the_next_one_does() -> None:
    world = World()
    world.run(CHAIN, C1)
    missing = reasons.OutputMissing("out", "d/out")
    world.broken["run 1 of b"] = (missing,)
    decision = world.plan(CHAIN, C1).decisions["b"]
    assert isinstance(decision, Run)
    assert decision.reasons == (missing,)
    one = CHAIN.steps[1]
    world.past.append(msgspec.structs.replace(world.past[1], step_run="another", outputs=made(one, "b")))
    assert told(world.plan(CHAIN, C1)) == {"a": True, "b": True, "c": True}


def test_a_result_that_was_removed_is_told_from_one_that_never_was() -> None:
    world = World()
    world.run(CHAIN, C1)
    world.past.clear()
    assert told(world.plan(CHAIN, C1))["a"] == ["ResultGone"]


def test_a_step_waits_for_all_that_it_needs_and_has_not() -> None:
    whole = graph(step("a"), step("b"), step("c", "a", "b"))
    world = World()
    world.run(whole, C1)
    world.sources["/src/b"] = "edited"
    assert told(world.plan(whole, C1))["c"] == ["b"]
    world.sources["/src/a"] = "edited"
    assert told(world.plan(whole, C1))["c"] == ["a", "b"]


def test_a_step_that_only_comes_after_another_does_not_wait_to_be_decided() -> None:
    whole = graph(step("a"), step("b", after=("a",)))
    assert told(World().plan(whole, C1)) == {"a": ["NeverRan"], "b": ["NeverRan"]}
    assert list(World().plan(graph(step("b", after=("a",)), step("a")), C1).decisions) == ["a", "b"]


def test_only_the_named_steps_may_run() -> None:
    decider = World().decider(CHAIN, C1, Policy(only=frozenset("b")))
    assert [decider.may_run(one) for one in CHAIN.steps] == [False, True, False]
    assert all(World().decider(CHAIN, C1).may_run(one) for one in CHAIN.steps)


def test_what_was_decided_is_not_looked_at_again() -> None:
    world = World()
    decider = world.decider(CHAIN, C1)
    decider.plan()
    first = decider.decide(CHAIN.steps[0])
    decider.made["a", "out"] = "bytes of a"
    second = decider.decide(CHAIN.steps[1])
    world.sources.update({"/src/a": "edited meanwhile", "/src/b": "edited meanwhile"})
    assert decider.decide(CHAIN.steps[0]) is first
    assert decider.decide(CHAIN.steps[1]) is second


def test_a_step_before_that_made_nothing_is_unknown_when_its_turn_comes() -> None:
    decider = World().decider(CHAIN, C1)
    decider.plan()
    with pytest.raises(Unknown):
        decider.decide(CHAIN.steps[1])


def test_a_result_that_somebody_made_meanwhile_is_taken() -> None:
    world = World()
    decider = world.decider(CHAIN, C1)
    decision = decider.plan().decisions["a"]
    assert isinstance(decision, Run)
    assert decider.decide_again(CHAIN.steps[0], decision) is decision
    world.run(CHAIN, C1)
    assert isinstance(decider.decide_again(CHAIN.steps[0], decision), Reuse)


def test_planning_again_forgets_what_the_first_plan_took_as_made() -> None:
    world = World()
    world.run(CHAIN, C1)
    decider = world.decider(CHAIN, C1)
    decider.plan()
    world.sources["/src/a"] = "edited"
    assert told(decider.plan()) == {"a": ["SourceChanged"], "b": ["a"], "c": ["b"]}


def long_chain(length: int) -> Graph:
    steps: list[Step] = [step("s0")]
    steps += [step(f"s{number}", f"s{number - 1}") for number in range(1, length)]
    return graph(*reversed(steps))


def test_a_chain_of_two_thousand_is_planned_without_recursion() -> None:
    whole, world = long_chain(2000), World()
    assert len(world.plan(whole, C1).pending()) == 2000
    assert world.run(msgspec.structs.replace(whole, steps=whole.steps[-40:]), C1) == [f"s{number}" for number in range(40)]
    plan = world.plan(whole, C1)
    assert (len(plan.reused()), len(plan.pending())) == (40, 1960)
    assert list(plan.decisions) == [f"s{number}" for number in range(2000)]
