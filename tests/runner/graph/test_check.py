"""Graphs that hold together, and what is said of those that do not."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import (
    FromData,
    FromParameter,
    FromStep,
    Graph,
    Input,
    InputRef,
    Joined,
    Output,
    OutputRef,
    Parameter,
    ParameterRef,
    PipelineOutput,
    Step,
    Text,
    Token,
)
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError


def step(key: str, *needs: str, after: tuple[str, ...] = (), command: tuple[Token, ...] = ()) -> Step:
    """A step with an output `out` that reads the output of each step it needs."""
    inputs = tuple(Input(name=f"from_{need}", binding=FromStep(need, "out")) for need in needs)
    return Step(key=key, name=key, kind="test", command=command, inputs=inputs, outputs=(Output(name="out"),), after=after)


def graph(*steps: Step, parameters: tuple[Parameter, ...] = (), outputs: tuple[PipelineOutput, ...] = ()) -> Graph:
    return Graph(name="test", steps=steps, parameters=parameters, outputs=outputs)


def complaint(checked: Graph) -> str:
    with pytest.raises(UsageError) as caught:
        check(checked)
    return str(caught.value)


def test_a_sound_graph_passes_in_any_order_of_its_steps() -> None:
    command = (Text("x"), InputRef("from_a"), OutputRef("out"), Joined((Text("--c="), ParameterRef("c"))))
    check(graph(step("b", "a", command=command), step("a"), step("c", "a", "b", after=("a",)),
                parameters=(Parameter(name="c", type="number", default=1.0),),
                outputs=(PipelineOutput(name="result", step="c", output="out"),)))  # fmt: skip


def test_two_steps_of_one_key() -> None:
    assert "the step key 'a' is there twice" in complaint(graph(step("a"), step("a")))


def test_two_parameters_of_one_name() -> None:
    twice = Parameter(name="c", type="string", default="")
    assert "the parameter 'c' is there twice" in complaint(graph(step("a"), parameters=(twice, twice)))


def test_two_inputs_of_one_name() -> None:
    double = replace(step("b", "a"), inputs=step("b", "a").inputs * 2)
    assert "two inputs" in complaint(graph(step("a"), double))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (step("b", "missing"), "input 'from_missing' of step 'b' comes from the step 'missing', which is not there"),
        (step("b", after=("missing",)), "step 'b' refers to the step 'missing'"),
        (step("b", command=(InputRef("x"),)), "step 'b' refers to the input 'x'"),
        (step("b", command=(OutputRef("x"),)), "step 'b' refers to the output 'x', which is not there\nKnown outputs: out."),
        (
            step("b", command=(Joined((Text("-"), ParameterRef("x"))),)),
            "refers to the parameter 'x', which is not there\nThere is no parameter",
        ),
        (replace(step("b"), variables=(("V", ParameterRef("x")),)), "refers to the parameter 'x'"),
        (replace(step("b"), inputs=(Input(name="i", binding=FromStep("a", "nothing")),)), "output 'nothing' of step 'a'"),
        (replace(step("b"), inputs=(Input(name="i", binding=FromParameter("x")),)), "refers to the parameter 'x'"),
    ],
)
def test_references_to_what_is_not_there(broken: Step, said: str) -> None:
    assert said in complaint(graph(step("a"), broken))


def test_an_input_bound_to_a_parameter_that_is_no_data() -> None:
    reader = replace(step("b"), inputs=(Input(name="i", binding=FromParameter("c")),))
    assert "'c', no parameter of type data" in complaint(graph(reader, parameters=(Parameter(name="c", type="string", default=""),)))


def test_a_pipeline_output_that_no_step_leaves() -> None:
    assert "pipeline output 'p'" in complaint(graph(step("a"), outputs=(PipelineOutput(name="p", step="a", output="x"),)))


def test_a_circle_is_told_whole_and_in_the_order_of_running() -> None:
    text = complaint(graph(step("start"), step("a", "start", "c"), step("b", "a"), step("c", after=("b",))))
    circle = re.search(r"circle: (.*)", text)
    assert circle is not None
    names = circle[1].split(" → ")
    assert names[0] == names[-1]
    assert "→".join(names * 2).find("a→b→c") >= 0


def test_a_step_that_needs_itself() -> None:
    assert "a → a" in complaint(graph(step("a", "a")))


def test_outputs_of_two_steps_at_one_fixed_place() -> None:
    first, second = (replace(step(key), outputs=(Output(name="out", datastore="d", path=path),)) for key, path in
                     (("a", "models/{output-name}"), ("b", "/models/out/")))  # fmt: skip
    assert "a/out and b/out would both be kept at 'models/out' (datastore d)" in complaint(graph(first, second))
    check(graph(first, replace(second, outputs=(Output(name="out", datastore="e", path="models/out"),))))
    check(graph(*[replace(step(key), outputs=(Output(name="out", path="{run-id}/x"),)) for key in ("a", "b")]))


@pytest.mark.parametrize(
    "wrong",
    [
        Parameter(name="p", type="integer", default=1.5),
        Parameter(name="p", type="integer", default=True),
        Parameter(name="p", type="integer", default="1"),
        Parameter(name="p", type="boolean", default=1),
        Parameter(name="p", type="string", default=1),
        Parameter(name="p", type="data", default="text"),
        Parameter(name="p", type="number", default=DatasetDefinition(kind="file", places=())),
        Parameter(name="p", type="string", default="c", choices=("a", "b")),
        Parameter(name="p", type="number", default=5, maximum=4),
        Parameter(name="p", type="integer", default=-1, minimum=0, maximum=4),
    ],
)
def test_defaults_that_do_not_fit(wrong: Parameter) -> None:
    assert "'p'" in complaint(graph(step("a"), parameters=(wrong,)))


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20))
def test_a_circle_is_found_exactly_when_there_is_one(edges: list[tuple[int, int]]) -> None:
    steps = [step(str(number), after=tuple(dict.fromkeys(str(a) for a, b in edges if b == number))) for number in range(9)]
    remaining = {key: set(one.after) for key, one in ((one.key, one) for one in steps)}
    while free := [key for key, needs in remaining.items() if not needs & remaining.keys()]:
        for key in free:
            del remaining[key]
    if remaining:
        path = complaint(graph(*steps)).partition("circle: ")[2].split(" → ")
        assert path[0] == path[-1]
        assert all((int(a), int(b)) in edges for a, b in pairwise(path))
    else:
        check(graph(*steps))


def test_two_thousand_steps_take_milliseconds_also_backwards() -> None:
    data = Input(name="data", binding=FromData(DatasetDefinition(kind="file", places=())))
    chain = [replace(step("0"), inputs=(data,)), *[step(str(n), str(n - 1), command=(InputRef(f"from_{n - 1}"),)) for n in range(1, 2000)]]
    for steps in (chain, chain[::-1]):
        begun = time.process_time()
        check(graph(*steps))
        assert time.process_time() - begun < 0.5  # 8 ms here; more only where something is quadratic
