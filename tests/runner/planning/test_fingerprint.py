"""What a fingerprint depends on, and what it does not."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning_world import World, digest_of, graph, step

from stepwell_runner.graph.model import (
    CurrentInterpreter,
    Fact,
    FromData,
    FromParameter,
    Graph,
    Input,
    InputRef,
    Interpreter,
    Joined,
    Output,
    OutputRef,
    Packages,
    Parameter,
    ParameterRef,
    PythonRef,
    Resources,
    Source,
    Spark,
    Step,
    Text,
    Token,
)
from stepwell_runner.planning.fingerprint import Unknown, definition, ingredients, readable
from stepwell_store.data.definition import DatasetDefinition, LocalPath

DATA = DatasetDefinition(kind="file", places=(LocalPath("/data/iris.csv"),))
ARGUMENT = (PythonRef(), Text("step.py"), ParameterRef("c"), ParameterRef("build"))


def changed(base: Step, **fields: object) -> Step:
    return msgspec.structs.replace(base, **fields)


def test_the_format_is_what_stored_results_were_made_with() -> None:
    """When this fails, every stored result of every user becomes unusable: raise the version of the tag on purpose, or undo it."""
    one = step("train", "prepare", variables=(("SEED", Joined((Text("s-"), ParameterRef("c")))), ("RUN", Fact("run"))), version="2",
               hash_paths=("/lib/a.so",), outputs=(Output(name="out"), Output(name="model", kind="folder", path="m/{run-id}")))
    world = World(environments={CurrentInterpreter(): "python 3.11"})
    assert digest_of(one, world=world, c=0.5) == "blake3:4703ad0496e1d9c79a5f9cee1bb62ee6ff8a3d1ad18e029422e89785041b2723"


@given(order=st.permutations([step("a"), step("b", "a"), step("c"), step("d", "b", "c")]), extra=st.booleans())
def test_other_steps_and_their_order_do_not_matter(order: list[Step], extra: bool) -> None:
    usual = graph(step("a"), step("b", "a"), step("c"), step("d", "b", "c"))
    other = graph(*order, *([step("z"), step("y", "d")] if extra else []))
    assert {one.key: digest_of(one, other) for one in usual.steps} == {one.key: digest_of(one, usual) for one in usual.steps}


def test_what_a_step_is_called_and_how_it_is_run_do_not_matter() -> None:
    base = step("a")
    same = [changed(base, key="b"), changed(base, name="other"), changed(base, retries=3), changed(base, timeout_s=5.0),
            changed(base, target="gpu"), changed(base, resources=Resources(cpus=2.0)), changed(base, after=("x",)),
            changed(base, allow_reuse=False)]
    assert {digest_of(one) for one in same} == {digest_of(base)}


CHANGES: dict[str, dict[str, object]] = {
    "an argument": {"command": (*ARGUMENT, Text("x"))},
    "the order of arguments": {"command": (PythonRef(), ParameterRef("c"), Text("step.py"))},
    "a variable": {"variables": (("A", Text("2")),)},
    "the name of a variable": {"variables": (("B", Text("1")),)},
    "an input": {"inputs": (Input(name="x", binding=FromData(data=DATA)),)},
    "the mode of an input": {"inputs": (Input(name="i", binding=FromData(data=DATA), mode="download"),)},
    "where an input is put": {"inputs": (Input(name="i", binding=FromData(data=DATA), path_on_compute="/mnt"),)},
    "an output": {"outputs": (Output(name="out"), Output(name="more"))},
    "the kind of an output": {"outputs": (Output(name="out", kind="folder"),)},
    "where an output is kept": {"outputs": (Output(name="out", path="models"),)},
    "the datastore of an output": {"outputs": (Output(name="out", datastore="mine"),)},
    "whether an output may be missing": {"outputs": (Output(name="out", optional=True),)},
    "the version": {"version": "2"},
    "the environment": {"environment": Interpreter("/usr/bin/python3")},
    "packages": {"environment": Packages(requirements=("numpy",))},
    "Spark": {"spark": Spark()},
    "Spark's settings": {"spark": Spark(conf=(("spark.sql.ansi.enabled", "false"),))},
    "Spark's packages": {"spark": Spark(packages=("org.example:lib_2.13:1.0",))},
    "Spark's files": {"spark": Spark(files=("lookup.csv",))},
    "Spark's modules": {"spark": Spark(py_files=("lookup.csv",))},
    "the source": {"source": Source(path="/elsewhere")},
    "no source": {"source": None},
    "a further file": {"hash_paths": ("/lib/a.so",)},
}
BASE = step("a", command=ARGUMENT, inputs=(Input(name="i", binding=FromData(data=DATA)),), variables=(("A", Text("1")),))


@pytest.mark.parametrize("what", CHANGES)
def test_every_ingredient_counts(what: str) -> None:
    assert digest_of(changed(BASE, **CHANGES[what])) != digest_of(BASE)


def test_where_spark_runs_and_what_it_gets_do_not_matter() -> None:
    base = changed(BASE, spark=Spark(conf=(("a", "1"), ("b", "2"))))
    moved = Spark(master="spark://far:7077", app_name="x", driver_memory="8g", driver_cores=4, executor_memory="16g", executor_cores=8,
                  executors=20, conf=(("b", "2"), ("a", "1")), repositories=("https://repo.example",))
    assert digest_of(changed(base, spark=moved)) == digest_of(base)


def test_each_ingredient_makes_a_fingerprint_of_its_own() -> None:
    found = [digest_of(changed(BASE, **fields)) for fields in CHANGES.values()]
    assert len(set(found)) == len(found)


def test_what_is_on_the_machine_counts() -> None:
    key = msgspec.json.encode(DATA).decode()
    with_file = changed(BASE, hash_paths=("/lib/a.so",))
    worlds = [World(), World(sources={"/src/a": "edited"}), World(environments={CurrentInterpreter(): "newer"}),
              World(datasets={key: "other bytes"}), World(files={"/lib/a.so": "rebuilt"})]
    assert len({digest_of(with_file, world=world) for world in worlds}) == len(worlds)


def test_a_parameter_counts_where_it_is_used_and_tracked() -> None:
    assert digest_of(BASE, c=2.0) != digest_of(BASE, c=1.0)
    assert digest_of(BASE, build="77") == digest_of(BASE, build="78")
    assert digest_of(BASE, graph(BASE, tracked=False), c=2.0) == digest_of(BASE, graph(BASE, tracked=False), c=1.0)
    assert digest_of(changed(BASE, command=(PythonRef(),)), c=2.0) == digest_of(changed(BASE, command=(PythonRef(),)), c=1.0)


@pytest.mark.parametrize("place", [{"command": (Joined((Text("--c="), ParameterRef("c"))),)}, {"variables": (("C", ParameterRef("c")),)}])
def test_a_parameter_inside_another_token_counts(place: dict[str, object]) -> None:
    one = changed(BASE, **{"command": (PythonRef(),), **place})
    assert digest_of(one, c=2.0) != digest_of(one, c=1.0)


def test_data_of_a_parameter_counts_by_its_content() -> None:
    one = step("a", inputs=(Input(name="i", binding=FromParameter(parameter="d")),))
    whole = Graph(name="p", steps=(one,), parameters=(Parameter(name="d", type="data", optional=True),))

    def found(value: DatasetDefinition | None, world: World) -> str:
        return ingredients(one, whole, {} if value is None else {"d": value}, world, {})["input/i"]

    key = msgspec.json.encode(DATA).decode()
    assert found(DATA, World()) != found(DATA, World(datasets={key: "other bytes"}))
    assert found(None, World()) == ""


def test_an_input_of_a_step_counts_by_its_bytes_and_is_unknown_before_they_are_made() -> None:
    one = step("c", "a", "b", "a2")
    made = {("a", "out"): "x", ("b", "out"): "y", ("a2", "out"): "z"}
    assert ingredients(one, graph(one), {}, World(), made)["input/from_b"] == "y"
    with pytest.raises(Unknown) as caught:
        ingredients(one, graph(one), {}, World(), {("a", "out"): "x"})
    assert caught.value.steps == ("b", "a2")


NAMES = st.sampled_from(["a", "b", "a b", 'q"', "{input:a}", ""])
TOKENS: st.SearchStrategy[Token] = st.recursive(
    st.one_of(st.builds(Text, NAMES), st.builds(ParameterRef, NAMES), st.builds(InputRef, NAMES), st.just(PythonRef())),
    lambda inner: st.builds(Joined, st.lists(inner, min_size=1, max_size=3).map(tuple)), max_leaves=4)
COMMANDS = st.lists(TOKENS, max_size=4).map(tuple)


@given(one=COMMANDS, other=COMMANDS)
def test_two_commands_are_one_ingredient_only_when_they_are_equal(one: tuple[Token, ...], other: tuple[Token, ...]) -> None:
    texts = [definition(Step(key="a", name="a", kind="k", command=command))["command"] for command in (one, other)]
    assert (texts[0] == texts[1]) == (one == other)


def test_a_command_is_readable() -> None:
    tokens = (PythonRef(), Text("train.py"), Text("two words"), Text(""), Joined((Text("--out="), OutputRef("model"))), ParameterRef("c"))
    assert readable(tokens) == 'python train.py "two words" "" --out={output:model} {parameter:c}'
