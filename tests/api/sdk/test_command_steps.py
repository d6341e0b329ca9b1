"""Command lines: words where that is enough, else bash with every reference as one word."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell import CommandStep, Environment, Pipeline, PipelineData, PipelineParameter, RunConfiguration, ScriptRunConfig, Workspace
from stepwell.sdk.shell import command_tokens, needs_shell
from stepwell_runner.graph.model import InputRef, Joined, OutputRef, ParameterRef, PythonRef, Step, Text, Token

VALUE = """a value with blanks, 'both' "quotes", $HOME, `ticks`, * and \\"""


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPWELL_WORKSPACE", "")
    return Workspace()


def compiled(ws: Workspace, command: Any, **options: Any) -> Step:
    [step] = Pipeline(ws, [CommandStep(command, **options)]).graph.steps
    return step


def argv(command: tuple[Token, ...]) -> list[str]:
    """The command line when every reference has the awkward value."""
    return ["".join(map(word, token.parts)) if isinstance(token, Joined) else word(token) for token in command]


def word(token: Token) -> str:
    return token.text if isinstance(token, Text) else VALUE


def test_a_string_is_split_into_words(ws: Workspace) -> None:
    step = compiled(ws, "python train.py --name 'two words' --json '{\"a\": 1}' --c=1")
    assert step.command == (PythonRef(), *map(Text, ("train.py", "--name", "two words", "--json", '{"a": 1}', "--c=1")))
    assert (step.name, step.kind, step.script) == ("CommandStep_python", "CommandStep", None)


def test_a_list_is_joined_with_blanks_and_references_stay_whole(ws: Workspace) -> None:
    out, rate = PipelineData("out"), PipelineParameter("rate", 0.1)
    step = compiled(ws, ["Rscript fit.R", "--output_folder outputs", "--out", out, f"--to={out}/x", "--rate", rate, 3], outputs=[out])
    assert step.command == (
        *map(Text, ("Rscript", "fit.R", "--output_folder", "outputs", "--out")),
        OutputRef("out"),
        Joined((Text("--to="), OutputRef("out"), Text("/x"))),
        Text("--rate"),
        ParameterRef("rate"),
        Text("3"),
    )
    assert dict(step.variables)["AML_PARAMETER_rate"] == ParameterRef("rate")


@pytest.mark.parametrize(
    "text", ["a | b", "a && b", "a > b", "echo $HOME", "ls *.csv", "X=1 a", "a; b", "a\nb", "echo `a`", "cat ~/x", 'echo "$HOME"']
)
def test_shell_syntax_goes_to_bash(ws: Workspace, text: str) -> None:
    assert compiled(ws, text, name="n").command == (Text("bash"), Text("-c"), Text(text), Text("bash"))


@pytest.mark.parametrize("text", ["a b", "a 'b | c'", 'a "b; c"', "--x=1 y", "a-b_c.d/e:f,g@h+i%j"])
def test_words_and_quotes_need_no_shell(text: str) -> None:
    assert not needs_shell(text)


def test_an_open_quote_is_an_error(ws: Workspace) -> None:
    with pytest.raises(ValueError, match="cannot be split into words"):
        compiled(ws, "echo 'open")


@pytest.mark.parametrize(
    "template", ["printf @ | cat && printf %s {}", 'true; printf %s "{}"', "true; printf %s '{}'", "true; printf %s {}"]
)
def test_bash_sees_a_reference_as_one_word_however_it_is_quoted(template: str) -> None:
    before, after = template.split("{}")
    command = argv(command_tokens([[Text(before), InputRef("data"), Text(after)]]))
    assert command[0] == "bash"
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.removeprefix("@") == VALUE


@given(st.lists(st.text("abc '\"\\\n$x;", max_size=5), min_size=2, max_size=2), st.booleans())
def test_a_reference_is_never_read_as_shell_text(around: list[str], shell: bool) -> None:
    before, after = around
    try:
        command = command_tokens([[Text(("; " if shell else "") + "echo " + before), InputRef("data"), Text(after)]])
    except ValueError:
        return
    if command[:2] == (Text("bash"), Text("-c")):
        assert command[4:] == (InputRef("data"),)
        assert all(isinstance(token, Text) for token in command[:4])
    else:
        assert sum(InputRef("data") in getattr(token, "parts", (token,)) for token in command) == 1


def test_what_a_script_run_config_says(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    environment = Environment.from_packages("e", ["numpy"])
    config = ScriptRunConfig("src", command=["make", "all"], environment=environment, compute_target="cluster")
    [step] = Pipeline(ws, [CommandStep(runconfig=config)]).graph.steps
    assert step.command == (Text("make"), Text("all"))
    assert (step.target, step.environment) == ("cluster", environment.compiled())
    assert step.source is not None
    assert step.source.path == str(tmp_path / "src")


def test_a_run_configuration_keeps_its_command(ws: Workspace) -> None:
    config = RunConfiguration(command="make all")
    for _ in range(2):
        assert Pipeline(ws, [CommandStep(runconfig=config)]).graph.steps[0].command == (Text("make"), Text("all"))


@pytest.mark.parametrize("both", [{}, {"script": "a.py", "command": "a"}])
def test_a_script_run_config_needs_one_of_script_and_command(both: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a script or a command, and not both"):
        ScriptRunConfig(".", **both)  # type: ignore[arg-type]
