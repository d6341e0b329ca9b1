"""Values of parameters: types, conversions of command-line text, names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.graph.model import Graph, Parameter, ParameterType
from stepwell_runner.graph.parameters import ParameterValue, bind
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Url
from stepwell_store.errors import UsageError

TABLE = DatasetDefinition(kind="tabular", places=(DatastorePath("d", "old.csv"),), format="delimited", name="iris", version=3)


def graph(*parameters: Parameter) -> Graph:
    return Graph(name="test", steps=(), parameters=parameters)


def bound(kind: ParameterType, value: ParameterValue) -> ParameterValue:
    return bind(graph(Parameter(name="p", type=kind)), {"p": value})["p"]


def test_defaults_stand_for_what_is_not_set() -> None:
    declared = graph(Parameter(name="a", type="integer", default=1), Parameter(name="b", type="string", default="x"),
                     Parameter(name="c", type="string", optional=True))  # fmt: skip
    assert bind(declared, {"a": "2"}) == {"a": 2, "b": "x"}


def test_a_value_that_must_be_given() -> None:
    with pytest.raises(UsageError, match=r"parameter 'a' has no value\n.*-p a=VALUE"):
        bind(graph(Parameter(name="a", type="integer")), {})


def test_an_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no parameter 'learning_rat'; did you mean 'learning_rate'\?\nParameters are: learning_rate, c"):
        bind(
            graph(Parameter(name="learning_rate", type="number", default=0.1), Parameter(name="c", type="number", default=1)),
            {"learning_rat": "1"},
        )
    with pytest.raises(UsageError, match="has no parameters"):
        bind(graph(), {"x": "1"})


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("integer", "12", 12), ("integer", " -3 ", -3), ("integer", 5, 5), ("number", "1", 1.0), ("number", 1, 1.0),
        ("number", "1e-3", 0.001),
        ("boolean", "true", True), ("boolean", "False", False), ("boolean", "1", True), ("boolean", "0", False), ("boolean", True, True),
        ("string", "1.5", "1.5"), ("string", "", ""),
    ],
)  # fmt: skip
def test_values_that_fit(kind: ParameterType, given: ParameterValue, value: ParameterValue) -> None:
    found = bound(kind, given)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("integer", "1.5"), ("integer", 1.5), ("integer", "x"), ("integer", ""), ("integer", True), ("number", "x"), ("number", "nan"),
        ("number", "inf"), ("number", True), ("boolean", "yes"), ("boolean", 1), ("string", 1), ("data", "relative/path"), ("data", 1),
        ("data", "azureml://datastores/d"), ("data", "azureml://datastores//paths/x"), ("integer", TABLE), ("string", TABLE),
    ],
)  # fmt: skip
def test_values_that_do_not_fit(kind: ParameterType, given: ParameterValue) -> None:
    with pytest.raises(UsageError, match="parameter 'p' takes"):
        bound(kind, given)


def test_choices_and_bounds() -> None:
    bounded = graph(
        Parameter(name="n", type="integer", default=1, minimum=0, maximum=4),
        Parameter(name="s", type="string", default="a", choices=("a", "b")),
    )
    assert bind(bounded, {"n": "4", "s": "b"}) == {"n": 4, "s": "b"}
    with pytest.raises(UsageError, match=r"'n' cannot be 5\nIt is at least 0 and at most 4"):
        bind(bounded, {"n": "5"})
    with pytest.raises(UsageError, match=r"'s' cannot be 'c'\nIt is one of: a, b"):
        bind(bounded, {"s": "c"})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("https://example.org/a.csv", Url("https://example.org/a.csv")),
        ("azureml://datastores/d/paths/a/b.csv", DatastorePath("d", "a/b.csv")),
        ("/data/a.csv", LocalPath("/data/a.csv")),
    ],
)
def test_text_that_names_data_keeps_how_the_default_is_read(text: str, place: object) -> None:
    found = bind(graph(Parameter(name="p", type="data", default=TABLE)), {"p": text})["p"]
    assert found == DatasetDefinition(kind="tabular", places=(place,), format="delimited")  # type: ignore[arg-type]
    assert bound("data", text) == DatasetDefinition(kind="file", places=(place,))  # type: ignore[arg-type]
    assert bound("data", TABLE) is TABLE


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_survive_the_command_line(value: float) -> None:
    kind: ParameterType = "integer" if isinstance(value, int) else "number"
    assert bound(kind, str(value)) == value


@given(st.text())
def test_any_text_is_taken_or_refused_as_a_usage_error(text: str) -> None:
    for kind in ("string", "integer", "number", "boolean", "data"):
        try:
            bound(kind, text)  # type: ignore[arg-type]
        except UsageError:
            continue
