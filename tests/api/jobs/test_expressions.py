"""Expressions in commands, and the shell's quotes around them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell.jobs.expressions import Expression, is_expression, pieces, single
from stepwell.jobs.shell import command_text
from stepwell_runner.execution.delivery import Names, as_word
from stepwell_runner.graph.model import InputRef, Text, Token


def test_text_and_expressions_in_turn() -> None:
    assert pieces("a ${{inputs.x}} b") == ("a ", Expression(("inputs", "x")), " b")
    assert pieces("${{ parent.jobs.a.outputs.b }}") == (Expression(("parent", "jobs", "a", "outputs", "b")),)
    assert single("${{inputs.x}}") == Expression(("inputs", "x"))
    assert single("x${{inputs.x}}") is None
    assert single(3) is None
    assert is_expression("${{a}}")
    assert not is_expression("${{")


@pytest.mark.parametrize(("command", "known", "expected"), [
    ("echo $[[--x ${{inputs.x}}]] y", {"x": "1"}, "echo --x 1 y"),
    ("echo $[[--x ${{inputs.x}}]] y", {}, "echo  y"),
    ("echo $[[--x ${{inputs.x}} --z ${{inputs.z}}]]y", {"x": "1"}, "echo y"),
    ("echo $[[always]]", {}, "echo always"),
])
def test_an_optional_segment_is_there_when_all_in_it_has_a_value(command: str, known: dict[str, str], expected: str) -> None:
    token = command_text(command, lambda one: Text(known[one.parts[1]]) if one.parts[1] in known else None, lambda one: Text("?"))
    assert token == Text(expected)


def _word(token: Token, path: str) -> str:
    return as_word(token, Names(python="python", inputs={"x": path}, outputs={}, values={}, facts={}))


def test_a_plain_path_is_pasted_as_azure_does_it() -> None:
    token = command_text("cat <<EOF\n${{inputs.x}}\nEOF", lambda _: InputRef("x"), lambda _: Text(""))
    assert _word(token, "/data/a-b_c.csv") == "cat <<EOF\n/data/a-b_c.csv\nEOF"


@settings(max_examples=30)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_path_is_one_word_within_every_quote(path: str) -> None:
    text = "printf '%s\\n' ${{inputs.x}} \"<${{inputs.x}}>\" '<${{inputs.x}}>'"
    command = _word(command_text(text, lambda _: InputRef("x"), lambda _: Text("")), path)
    done = subprocess.run(["bash", "-c", command.replace("%s\\n", "%s\\0")], capture_output=True, check=True)
    assert done.stdout.decode().split("\0") == [path, f"<{path}>", f"<{path}>", ""]


def test_a_path_of_everything_that_a_shell_knows_is_one_word() -> None:
    path = "/a b/c'd\"e$HOME`x`\\y"
    text = "printf '%s\\n' ${{inputs.x}} \"<${{inputs.x}}>\" '<${{inputs.x}}>'"
    command = _word(command_text(text, lambda _: InputRef("x"), lambda _: Text("")), path)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [path, f"<{path}>", f"<{path}>"]
