"""YAML as values with places, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell.jobs.document import DEEPEST, Node, parse, read
from stepwell.jobs.findings import Findings, nearest
from stepwell_store.errors import UsageError


def parsed(text: str, lax: bool = False) -> Node:
    findings = Findings(lax)
    node = parse(text.encode(), "/x/p.yml", findings)
    findings.settle()
    return node


def test_every_value_knows_where_it_stands() -> None:
    node = parsed("a: 1\nb:\n  - c: true\n")
    inner = node.value["b"].value[0].value["c"]
    assert (inner.value, inner.where) == (True, "/x/p.yml:3:8")
    assert node.value["b"].value[0].key("c").where == "/x/p.yml:3:5"


@pytest.mark.parametrize(("text", "value"), [
    ("1e-4", "1e-4"), ("1.0e-4", 0.0001), ("1", 1), ("1.0", 1.0), ("yes", True), ("'yes'", "yes"), ("~", None), ("0x10", 16), ("=", "=")])
def test_scalars_are_those_of_yaml_1_1(text: str, value: object) -> None:
    found = parsed(f"a: {text}").value["a"].value
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("text", "what"), [
    ("a: !!python/object/apply:os.system ['true']", "tag"),
    ("a: !x 1", "tag"),
    ("a: !!binary aGVsbG8=", "tag"),
    ("a: 2024-01-01", "read as a date"),
    ("a: [", "no YAML"),
    ("", "empty"),
    ("? [a, b]\n: c", "a key must be text"),
    ("a: \x00", "no YAML"),
])
def test_what_is_no_plain_document_is_refused(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what) as raised:
        parsed(text)
    assert "/x/p.yml" in str(raised.value)


def test_of_two_equal_keys_the_last_counts() -> None:
    assert parsed("a: 1\na: 2").plain() == {"a": 2}


def test_merge_keys_fill_in_what_is_not_said() -> None:
    assert parsed("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n").plain()["y"] == {"a": 1, "b": 3}


def test_a_small_file_cannot_be_an_enormous_document() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(UsageError, match="more than"):
        parsed("\n".join(lines))


def test_depth_is_bounded() -> None:
    with pytest.raises(UsageError, match="levels"):
        parsed("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2))


def test_a_node_that_holds_itself_is_refused() -> None:
    with pytest.raises(UsageError, match="more than"):
        parsed("a: &a\n  b: *a\n")


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.yml"
    large.write_bytes(b"a: b\n" * 900_000)
    with pytest.raises(UsageError, match="larger than"):
        read(str(large), Findings())
    with pytest.raises(UsageError, match="cannot be read"):
        read(str(tmp_path / "none.yml"), Findings())


@given(st.text(max_size=200))
def test_any_text_is_a_document_or_an_error_with_a_place(text: str) -> None:
    where = "/x/p.yml"
    try:
        parse(text.encode("utf-8", "surrogatepass"), where, Findings())
    except UsageError as error:
        where = error.where or ""
    assert where.startswith("/x/p.yml")


def test_the_nearest_name_is_offered_and_else_all_of_them() -> None:
    assert nearest("comand", ["command", "code"]) == "; did you mean 'command'?"
    assert nearest("zzz", ["command", "code"]) == "; there are: command, code"
    assert nearest("zzz", []) == ""
