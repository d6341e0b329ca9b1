"""The order of a graph: nothing starts before what it needs has ended well, and everything ends exactly once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.execution.ready import ReadySet
from stepwell_runner.graph.model import FromStep, Graph, Input, Output, Step
from stepwell_runner.graph.order import ancestors, descendants, predecessors, successors, topological


def step(number: int, earlier: set[int], after: set[int]) -> Step:
    inputs = tuple(Input(name=f"i{one}", binding=FromStep(step=f"s{one}", output="out")) for one in sorted(earlier))
    return Step(key=f"s{number}", name="s", kind="k", command=(), inputs=inputs, outputs=(Output(name="out"),),
                after=tuple(f"s{one}" for one in sorted(after)))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs without cycles, written in any order."""
    count = draw(st.integers(0, 12))
    some = [st.sets(st.integers(0, number - 1), max_size=3) if number else st.just(set()) for number in range(count)]
    steps = [step(number, draw(some[number]), draw(some[number])) for number in range(count)]
    return Graph(name="g", steps=tuple(draw(st.permutations(steps))))


@given(graph=graphs(), data=st.data())
def test_any_course_of_a_run(graph: Graph, data: st.DataObject) -> None:
    before, ready = predecessors(graph), ReadySet(graph)
    running: list[str] = []
    completed: list[str] = []
    ended: list[str] = []
    while not ready.finished:
        while (key := ready.take()) is not None:
            assert set(before[key]) <= set(completed)
            running.append(key)
            if data.draw(st.booleans()):
                break
        if not running:
            continue
        key = running.pop(data.draw(st.integers(0, len(running) - 1)))
        if data.draw(st.integers(0, 4)):
            completed.append(key)
            ended.append(key)
            ready.completed(key)
        else:
            ended += [key, *ready.abandoned(key)]
    assert not running
    assert sorted(ended) == sorted(before)


@given(graph=graphs(), stop=st.integers(0, 12))
def test_a_run_that_is_given_up_ends_every_step_once(graph: Graph, stop: int) -> None:
    ready = ReadySet(graph)
    ended: list[str] = []
    while len(ended) < stop and (key := ready.take()) is not None:
        ended.append(key)
        ready.completed(key)
    rest = ready.drop_rest()
    assert ready.finished
    assert ready.take() is None
    assert sorted([*ended, *rest]) == sorted(predecessors(graph))
    assert rest == [key for key in predecessors(graph) if key in rest]


@given(graph=graphs())
def test_a_topological_order_has_each_step_once_and_after_what_it_needs(graph: Graph) -> None:
    order = [one.key for one in topological(graph)]
    assert sorted(order) == sorted(one.key for one in graph.steps)
    assert all(order.index(earlier) < order.index(key) for key, needed in predecessors(graph).items() for earlier in needed)


@given(graph=graphs())
def test_ancestors_and_descendants_are_each_others_mirror(graph: Graph) -> None:
    keys = [one.key for one in graph.steps]
    below = {key: descendants(graph, {key}) for key in keys}
    assert {key: ancestors(graph, {key}) for key in keys} == {key: {one for one in keys if key in below[one]} for key in keys}
    assert descendants(graph, set(keys)) == set(keys)


@given(graph=graphs())
def test_successors_turn_predecessors_round(graph: Graph) -> None:
    before = predecessors(graph)
    after = successors(before)
    assert {(key, one) for key, later in after.items() for one in later} == {(one, key) for key, needed in before.items() for one in needed}
    assert all(len(set(needed)) == len(needed) for needed in before.values())


@given(count=st.integers(1, 6))
def test_steps_without_an_order_of_their_own_come_as_they_were_written(count: int) -> None:
    graph = Graph(name="g", steps=tuple(step(number, set(), set()) for number in range(count)))
    ready = ReadySet(graph)
    assert [one.key for one in topological(graph)] == [ready.take() for _ in range(count)] == [f"s{number}" for number in range(count)]
