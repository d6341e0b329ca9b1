"""Pipelines: which steps belong to them, in which order, under which keys, and what they refuse."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell import CommandStep, OutputFileDatasetConfig, Pipeline, PipelineData, PythonScriptStep, StepSequence, Workspace
from stepwell.sdk.keys import slug, step_keys
from stepwell_runner.graph.model import PipelineOutput, decode, encode
from stepwell_store.errors import UsageError


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that is not made yet, and a current folder with a script."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPWELL_WORKSPACE", "")
    (tmp_path / "s.py").write_text("")
    return Workspace()


def step(name: str, inputs: Sequence[Any] = (), outputs: Sequence[Any] = (), **options: Any) -> PythonScriptStep:
    return PythonScriptStep("s.py", name=name, inputs=inputs, outputs=outputs, **options)


def keys(pipeline: Pipeline) -> list[str]:
    return [one.key for one in pipeline.graph.steps]


def before(pipeline: Pipeline) -> dict[str, set[str]]:
    return {one.key: set(one.after) for one in pipeline.graph.steps}


def test_what_a_listed_step_needs_is_pulled_in_before_it(ws: Workspace) -> None:
    a, b = PipelineData("a"), PipelineData("b")
    first = step("first", outputs=[a])
    step("second", [a], [b])
    third = step("third", [b])
    fourth = step("fourth")
    fourth.run_after(third)
    assert keys(Pipeline(ws, [fourth])) == ["first", "second", "third", "fourth"]
    assert keys(Pipeline(ws, [first, fourth, fourth])) == ["first", "second", "third", "fourth"]
    with pytest.raises(ValueError, match="step 'fourth' needs step 'third', which is not listed"):
        Pipeline(ws, [fourth], resolve_closure=False)


def test_lists_say_nothing_about_order_and_sequences_do(ws: Workspace) -> None:
    a, b, c, d, e = (step(name) for name in "abcde")
    assert before(Pipeline(ws, [a, [b, c]])) == {"a": set(), "b": set(), "c": set()}
    made = Pipeline(ws, steps=[a, StepSequence([b, [c, d], [], e])])
    assert before(made) == {"a": set(), "b": set(), "c": {"b"}, "d": {"b"}, "e": {"c", "d"}}
    nested = Pipeline(ws, StepSequence([StepSequence([a, b]), c]))
    assert before(nested) == {"a": set(), "b": {"a"}, "c": {"a", "b"}}


def test_data_stands_for_the_step_that_leaves_it(ws: Workspace) -> None:
    data, files = PipelineData("data"), OutputFileDatasetConfig("files")
    step("one", outputs=[data]), step("two", outputs=[files])
    assert keys(Pipeline(ws, [data, files])) == ["one", "two"]


@pytest.mark.parametrize("steps", [(), {}, (step("a"),), {step("a")}, iter([]), "a", None, [(step("a"),)]])
def test_other_collections(ws: Workspace, steps: Any) -> None:
    with pytest.raises(NotImplementedError) as caught:
        Pipeline(ws, steps)
    assert isinstance(caught.value, UsageError)


def test_no_step_at_all(ws: Workspace) -> None:
    with pytest.raises(ValueError, match="at least one step"):
        Pipeline(ws, [])


def test_two_producers_are_both_named(ws: Workspace) -> None:
    data = PipelineData("data")
    with pytest.raises(ValueError, match="output 'data' is left by two steps: 'one' and 'two'"):
        Pipeline(ws, [step("one", outputs=[data]), step("two", outputs=[data])])


def test_a_step_made_anew_with_the_same_data_takes_its_place(ws: Workspace) -> None:
    data = PipelineData("data")
    step("old", outputs=[data])
    new = step("new", outputs=[data])
    assert keys(Pipeline(ws, [step("reader", [data]), new])) == ["new", "reader"]


def test_data_that_no_step_leaves(ws: Workspace) -> None:
    with pytest.raises(ValueError, match=r"no step leaves PipelineData\('data'\), which input 'data' of step 'reader' needs"):
        Pipeline(ws, [step("reader", [PipelineData("data")])])


def test_a_circle_is_told_whole(ws: Workspace) -> None:
    data = PipelineData("data")
    first, second = step("first", outputs=[data]), step("second", [data])
    third = step("third", after=second)
    first.run_after(third)
    with pytest.raises(ValueError, match="in a circle: ") as caught:
        Pipeline(ws, [first, second, third])
    names = str(caught.value).partition("circle: ")[2].split(" → ")
    assert names[0] == names[-1]
    assert "first second third" in " ".join(names[:-1] * 2)


def test_pipeline_outputs(ws: Workspace) -> None:
    made = Pipeline(ws, [step("a", outputs=[PipelineData("x", pipeline_output_name="model")])])
    assert made.graph.outputs == (PipelineOutput(name="model", step="a", output="x"),)
    twice = [step(name, outputs=[PipelineData("x", pipeline_output_name="model")]) for name in "ab"]
    with pytest.raises(ValueError, match="two outputs of the pipeline are named 'model'"):
        Pipeline(ws, twice)


def test_scripts_and_folders_must_be_there(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "t.py").write_text("")
    made = Pipeline(ws, [PythonScriptStep("t.py", source_directory="sub"), PythonScriptStep("sub/t.py")], default_source_directory=tmp_path)
    assert [one.source.path for one in made.graph.steps if one.source] == [str(tmp_path / "sub"), str(tmp_path)]
    for wrong, said in (
        (PythonScriptStep("x.py", source_directory="sub"), r"script x\.py of step 'x\.py' is not found in .*sub\nScripts there: t\.py"),
        (PythonScriptStep("t.py", source_directory="nowhere"), "is not a folder: .*nowhere"),
        (PythonScriptStep("../s.py", source_directory="sub"), "not inside its source_directory"),
        (PythonScriptStep(str(tmp_path / "s.py")), "not inside its source_directory"),
        (PythonScriptStep("sub"), "is not found"),
        (CommandStep("ls", source_directory="s.py"), "is not a folder"),
        (step("a", hash_paths=["gone.sql"]), r"hash_paths of step 'a' names .*gone\.sql, which is not there"),
    ):
        with pytest.raises(ValueError, match=said):
            Pipeline(ws, [wrong])


def test_validate_says_nothing_against_a_pipeline_that_could_be_made(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert Pipeline(ws, [step("a")]).validate() == []
    assert "Step a is ready" in capsys.readouterr().out


def test_unknown_keywords(ws: Workspace) -> None:
    Pipeline(ws, [step("a")], enable_email_notification=True)
    with pytest.raises(TypeError):
        Pipeline(ws, [step("a")], colour="red")  # type: ignore[call-arg]


def test_keys_are_short_unique_and_stable() -> None:
    assert step_keys(["train.py", "train.py", "Train", "train-2", "a/b c.py", "../x", "...", "é", ""]) == [
        "train", "train-3", "Train-4", "train-2", "a-b-c", "x", "step", "step-2", "step-3",
    ]  # fmt: skip
    assert step_keys(["prepare", "train"])[1] == step_keys(["train"])[0]


@given(st.lists(st.text() | st.sampled_from(["a", "A", "a-2", "a.py", "a-3"]), max_size=12))
def test_keys_are_always_folder_names_of_their_own(names: list[str]) -> None:
    made = step_keys(names)
    assert len({key.casefold() for key in made}) == len(names)
    for name, key in zip(names, made, strict=True):
        assert key == os.path.basename(key)
        assert key not in (".", "..")
        assert key.isascii()
        assert key.startswith(slug(name))
        assert len(key.encode()) < 100


def test_a_long_chain_is_compiled_in_linear_time_and_survives_json(ws: Workspace) -> None:
    steps: list[PythonScriptStep] = []
    data = None
    for number in range(2000):
        made = PipelineData(f"d{number}")
        steps.append(PythonScriptStep("s.py", name=f"s{number}", arguments=["--out", made], inputs=[data] if data else [], outputs=[made]))
        data = made
    begun = time.process_time()
    graph = Pipeline(ws, [steps[-1]]).graph
    assert time.process_time() - begun < 1.0  # 0.05 s here; more only where something is quadratic
    assert [one.key for one in graph.steps] == [f"s{number}" for number in range(2000)]
    assert decode(encode(graph)) == graph


def test_a_folder_written_on_windows_is_found(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "scripts" / "deep").mkdir(parents=True)
    (tmp_path / "scripts" / "deep" / "s.py").write_text("")
    made = Pipeline(ws, [step("first", source_directory="scripts\\deep")])
    assert made.graph.steps[0].source is not None
    assert made.graph.steps[0].source.path == str(tmp_path / "scripts" / "deep")
