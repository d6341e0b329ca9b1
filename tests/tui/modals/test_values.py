"""What the form of parameters begins with, and what is made of what is typed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.graph.model import Parameter
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Url
from stepwell_store.errors import UsageError
from stepwell_tui.modals.values import drafts, facts, read
from stepwell_tui.render.text import safe_line

RATE = Parameter(name="rate", type="number", default=1.0, minimum=0.5, maximum=4)
DATA = Parameter(name="data", type="data", default=DatasetDefinition(kind="tabular", places=(LocalPath("/a.csv"),), options={"header": 1}))


def begin(parameter: Parameter, last: Any = None) -> Any:
    draft, = drafts([parameter], {} if last is None else {parameter.name: last})
    return draft


@pytest.mark.parametrize(("parameter", "last", "value", "text"), [
    (RATE, None, 1.0, "1.0"),
    (RATE, 2.5, 2.5, "2.5"),
    (RATE, 9.0, 1.0, "1.0"),
    (RATE, "what", 1.0, "1.0"),
    (RATE, [1, 2], 1.0, "1.0"),
    (Parameter(name="on", type="boolean"), True, True, "true"),
    (Parameter(name="word", type="string"), None, None, ""),
    (Parameter(name="word", type="string", default="a"), "b\n\x1b", "b\n\x1b", r"b\n\x1b"),
    (DATA, msgspec.to_builtins(DatasetDefinition(kind="file", places=(Url("http://b"),))), DatasetDefinition(kind="file", places=(Url("http://b"),)),
     "http://b"),
])
def test_a_field_begins_with_the_last_value_that_still_fits_or_the_default(parameter: Parameter, last: Any, value: Any, text: str) -> None:
    draft = begin(parameter, last)
    assert (draft.value, draft.text) == (value, text)


def test_what_is_not_changed_stays_the_value_that_it_was() -> None:
    draft = begin(DATA)
    assert read(draft, draft.text) is DATA.default


@pytest.mark.parametrize(("value", "text"), [
    (DatasetDefinition(kind="file", places=(DatastorePath("store", "a/b"),)), "azureml://datastores/store/paths/a/b"),
    (DatasetDefinition(kind="file", places=(LocalPath("/a"), LocalPath("/b"))), "/a, /b"),
    (DatasetDefinition(kind="file", places=(LocalPath("/a"),), name="iris", version=3), "iris:3"),
    (DatasetDefinition(kind="file", places=(LocalPath("/a"),), name="iris"), "iris"),
])
def test_data_is_shown_by_where_it_is_or_by_its_name(value: DatasetDefinition, text: str) -> None:
    assert begin(Parameter(name="data", type="data", default=value)).text == text


@pytest.mark.parametrize(("parameter", "text", "value"), [
    (RATE, "3", 3.0),
    (Parameter(name="count", type="integer"), "3", 3),
    (Parameter(name="word", type="string"), "3", "3"),
    (Parameter(name="word", type="string", default="a"), "", ""),
    (Parameter(name="word", type="string", optional=True), "", None),
    (Parameter(name="count", type="integer", optional=True), "", None),
    (DATA, "/b.csv", DatasetDefinition(kind="tabular", places=(LocalPath("/b.csv"),), options={"header": 1})),
])
def test_text_becomes_a_value_of_the_type(parameter: Parameter, text: str, value: Any) -> None:
    found = read(begin(parameter), text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("parameter", "text", "part"), [
    (RATE, "fast", "takes a number"), (RATE, "9", "cannot be 9"), (RATE, "", "no value"),
    (Parameter(name="word", type="string"), "", "no value"), (Parameter(name="count", type="integer"), "1.5", "a whole number"),
])
def test_what_does_not_fit_is_said(parameter: Parameter, text: str, part: str) -> None:
    with pytest.raises(UsageError, match=part):
        read(begin(parameter), text)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers())))
def test_whatever_the_last_run_had_the_form_opens(last: Any) -> None:
    for kind in ("string", "integer", "number", "boolean", "data"):
        draft = begin(Parameter(name="any", type=kind, optional=True), last)
        assert safe_line(draft.text) == draft.text
        assert read(draft, draft.text) == draft.value or draft.value == ""


def test_what_a_parameter_takes_is_told_in_a_few_words() -> None:
    assert facts(RATE) == "number, at least 0.5, at most 4, default 1.0"
    assert facts(Parameter(name="word", type="string", optional=True)) == "string, optional"
