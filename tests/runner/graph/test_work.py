"""Parallel work and sweeps as values: what holds together, what comes back from JSON, and what counts for a fingerprint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import (
    FromData,
    Graph,
    Input,
    Output,
    Parameter,
    ParameterRef,
    Sampled,
    Step,
    Text,
    decode,
    encode,
)
from stepwell_runner.graph.parallel import AppendRows, Parallel, parallel_command
from stepwell_runner.graph.sweep import (
    Bandit,
    BayesianSampling,
    Choice,
    Distribution,
    GridSampling,
    MedianStopping,
    Normal,
    Policy,
    RandInt,
    RandomSampling,
    Sweep,
    Truncation,
    Uniform,
)
from stepwell_runner.planning import reasons
from stepwell_runner.planning.fingerprint import compare, definition
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import UsageError

DATA = Input(name="files", binding=FromData(data=DatasetDefinition(kind="file", places=(LocalPath("/data"),))))
SCORE = Step(
    key="score", name="score", kind="test", command=parallel_command((Text("--x"), ParameterRef("x"))), script="score.py",
    inputs=(DATA,), outputs=(Output(name="out"),),
    work=Parallel(entry="score.py", split=("files",), batch_size=ParameterRef("size"), workers=Text("2"),
                  append=AppendRows(output="out", file=Text("rows.txt"))),
)  # fmt: skip
TUNE = Step(
    key="tune", name="tune", kind="test", command=(Text("train"), Text("--lr"), Sampled("lr")), outputs=(Output(name="out"),),
    work=Sweep(space=(("lr", Uniform(0.0, 1.0)),), metric="loss", goal="minimize", total=4, concurrent=2),
)
PARAMETERS = (Parameter(name="x", type="string", default="1"), Parameter(name="size", type="integer", default=3))


def graph(step: Step) -> Graph:
    return Graph(name="test", steps=(step,), parameters=PARAMETERS)


def parallel(**changes: object) -> Step:
    return replace(SCORE, work=replace(SCORE.work, **changes))


def sweep(**changes: object) -> Step:
    return replace(TUNE, work=replace(TUNE.work, **changes))


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
DISTRIBUTIONS: st.SearchStrategy[Distribution] = st.one_of(
    st.builds(Choice, st.lists(st.one_of(st.booleans(), st.integers(-9, 9), NUMBERS, st.text()), min_size=1).map(tuple)),
    st.builds(RandInt, st.integers(1, 100)),
    st.builds(lambda low, width, step, log: Uniform(low, low + width, step, log), st.integers(-9, 9), st.integers(1, 9),
              st.none() | st.integers(1, 3), st.booleans()),
    st.builds(Normal, NUMBERS, st.floats(0.1, 10), st.none() | st.floats(0.1, 2), st.booleans()),
)  # fmt: skip
POLICIES: st.SearchStrategy[Policy | None] = st.one_of(
    st.none(), st.builds(Bandit, factor=st.floats(0, 1), interval=st.integers(1, 5)),
    st.builds(MedianStopping, delay=st.integers(0, 5)), st.builds(Truncation, percentage=st.integers(1, 99)),
)  # fmt: skip


@given(space=st.dictionaries(st.text(min_size=1), DISTRIBUTIONS, min_size=1), policy=POLICIES, seed=st.none() | st.integers(0, 99))
def test_a_sweep_comes_back_from_json_and_holds_together(
    space: dict[str, Distribution], policy: Policy | None, seed: int | None
) -> None:
    one = sweep(space=(("lr", Uniform(0, 1)), *((name, how) for name, how in space.items() if name != "lr")), policy=policy,
                sampling=BayesianSampling(seed))  # fmt: skip
    check(graph(one))
    assert decode(encode(graph(one))) == graph(one)


def test_parallel_work_comes_back_from_json_and_holds_together() -> None:
    for one in (SCORE, parallel(batch_size=None, partition_keys=("year", "month")), parallel(batch_size=None, partition_keys=Text("[]"))):
        check(graph(one))
        assert decode(encode(graph(one))) == graph(one)


WRONG: dict[str, tuple[Step, str]] = {
    "an input that is not there": (parallel(split=("other",)), "cuts the input 'other', which it does not have"),
    "nothing to cut": (parallel(split=()), "cuts no input"),
    "rows to nowhere": (parallel(append=AppendRows(output="other")), "appends rows to the output 'other'"),
    "two ways to cut": (parallel(partition_keys=("year",)), "partition keys and a mini-batch size"),
    "an unknown parameter": (parallel(timeout_s=ParameterRef("other")), "refers to the parameter 'other'"),
    "a value that nobody samples": (replace(SCORE, command=(Sampled("lr"),)), "refers to the searched value 'lr'"),
    "a value outside the space": (replace(TUNE, command=(Sampled("rate"),)), "refers to the searched value 'rate'"),
    "an empty space": (sweep(space=()), "searches nothing"),
    "a grid of numbers": (sweep(sampling=GridSampling()), "takes a grid of 'lr', which is no choice"),
    "no choice": (sweep(space=(("lr", Choice(())),)), "offers nothing to choose"),
    "an empty range": (sweep(space=(("lr", Uniform(1.0, 1.0)),)), "has no numbers between 1 and 1"),
    "a negative step": (sweep(space=(("lr", Uniform(0, 1, -0.5)),)), "has no numbers"),
    "no whole number": (sweep(space=(("lr", RandInt(0)),)), "no whole number from 0 below 0"),
    "no spread": (sweep(space=(("lr", Normal(0.0, 0.0)),)), "deviation of 0"),
    "no trial": (sweep(total=0), "would make no trial"),
    "none at once": (sweep(concurrent=0), "would make no trial"),
    "two slacks": (sweep(policy=Bandit(factor=0.1, amount=0.1)), "a bandit policy with no slack or two"),
    "no slack": (sweep(policy=Bandit()), "a bandit policy with no slack or two"),
    "no interval": (sweep(policy=MedianStopping(interval=0)), "intervals that are none"),
    "all ended early": (sweep(policy=Truncation(percentage=100)), "would end 100 %"),
    "metrics to nowhere": (sweep(metrics_output="other"), "writes metrics to the output 'other'"),
    "a key like a trial's": (replace(TUNE, key="tune@1"), "holds '@'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_work_is_said(name: str) -> None:
    step, complaint = WRONG[name]
    with pytest.raises(UsageError) as caught:
        check(graph(step))
    assert complaint in str(caught.value)


def test_how_many_work_at_once_and_what_is_logged_is_no_reason_to_run_again() -> None:
    same = [parallel(workers=Text("8")), parallel(nodes=ParameterRef("size")), parallel(logging=Text("DEBUG"))]
    assert all(definition(one) == definition(SCORE) for one in same)
    assert definition(sweep(concurrent=1)) == definition(TUNE)


def test_other_changes_are_reasons_and_are_told() -> None:
    bigger = compare(definition(SCORE), definition(parallel(batch_size=Text("20"))), SCORE)
    assert list(map(reasons.words, bigger)) == ["its batch size: {parameter:size} → 20"]
    wider = compare(definition(TUNE), definition(sweep(total=9, goal="maximize", sampling=RandomSampling(seed=1))), TUNE)
    assert [reason.name for reason in wider] == ["goal", "total", "sampling"]  # type: ignore[union-attr]
