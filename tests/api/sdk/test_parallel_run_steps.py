"""ParallelRunStep and ParallelRunConfig: what they compile to, what they refuse, and one whole run of a v1 entry script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from stepwell import (
    Dataset,
    Environment,
    Experiment,
    OutputFileDatasetConfig,
    ParallelRunConfig,
    ParallelRunStep,
    Pipeline,
    PipelineData,
    PipelineParameter,
    Workspace,
)
from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import Graph, OutputRef, ParameterRef, Step, Text
from stepwell_runner.graph.parallel import AppendRows, Parallel
from stepwell_store import workspace as stored

ENTRY = """
import argparse, os
from azureml_user.parallel_run import EntryScript
from azureml.core import Run
def init():
    global suffix
    parser = argparse.ArgumentParser()
    parser.add_argument("--suffix", required=True)
    suffix = parser.parse_known_args()[0].suffix
    EntryScript().logger.info("init")
def run(mini_batch):
    Run.get_context().log("batch", len(mini_batch))
    return [os.path.basename(file) + suffix for file in mini_batch]
"""


class Cluster:
    """A compute target with room for two nodes."""

    name = "cluster"

    class scale_settings:  # noqa: N801
        maximum_node_count = "2"


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "entry.py").write_text(ENTRY)
    (tmp_path / "files").mkdir()
    for number in range(5):
        (tmp_path / "files" / f"f{number}.txt").write_text("x")
    stored.create(tmp_path)
    return Workspace.from_config(tmp_path)


def config(**changes: Any) -> ParallelRunConfig:
    usual: dict[str, Any] = {
        "environment": Environment("env"), "entry_script": "entry.py", "error_threshold": 5, "output_action": "append_row",
        "compute_target": "local", "node_count": 1, "source_directory": "code",
    }  # fmt: skip
    return ParallelRunConfig(**{**usual, **changes})


def files(ws: Workspace) -> Any:
    store = ws.get_default_datastore()
    store.upload("files", "files", show_progress=False)
    return Dataset.File.from_files((store, "files/"))


def table(ws: Workspace) -> Any:
    Path("table.csv").write_text("a,b\n1,2\n3,4\n")
    store = ws.get_default_datastore()
    store.upload_files(["table.csv"], target_path="tables", show_progress=False)
    return Dataset.Tabular.from_delimited_files((store, "tables/table.csv"), validate=False)


def compiled(ws: Workspace, step: ParallelRunStep) -> tuple[Graph, Step, Parallel]:
    graph = Pipeline(ws, [step]).graph
    check(graph)
    one = graph.steps[0]
    assert isinstance(one.work, Parallel)
    return graph, one, one.work


def test_what_a_step_becomes(ws: Workspace) -> None:
    size, out = PipelineParameter("size", "1KB"), PipelineData("out")
    given = config(mini_batch_size=size, process_count_per_node=2, append_row_file_name="rows.txt", environment_variables={"A": "b"})
    step = ParallelRunStep("score", given, [files(ws).as_named_input("images")], out, arguments=["--suffix", "!"])
    graph, one, work = compiled(ws, step)
    assert [parameter.name for parameter in graph.parameters] == ["size"]
    assert (one.kind, one.script, one.inputs[0].mode) == ("ParallelRunStep", "entry.py", "mount")
    assert one.command[-2:] == (Text("--suffix"), Text("!"))
    assert (work.split, work.batch_size, work.workers, work.tries) == (("images",), ParameterRef("size"), Text("2"), Text("3"))
    assert (work.timeout_s, work.failed_items, work.failed_batches) == (Text("60"), Text("5"), None)
    assert work.append == AppendRows(output="out", file=Text("rows.txt"))
    assert dict(one.variables)["A"] == Text("b")
    options = [token.text if isinstance(token, Text) else token for token in work.options]
    assert options[:4] == ["--mini_batch_size", ParameterRef("size"), "--error_threshold", "5"]
    assert options[-2:] == ["--output", OutputRef("out")]


def test_partitions_side_inputs_and_outputs_of_steps(ws: Workspace) -> None:
    store = ws.get_default_datastore()
    partitioned = Dataset.File.from_files((store, "files/*.txt"), partition_format="files/{name}.txt", validate=False)
    labels = files(ws).as_named_input("labels").as_mount("/tmp/labels")
    step = ParallelRunStep("score", config(partition_keys=["name"], output_action="summary_only"), [partitioned.as_named_input("images")],
                           side_inputs=[labels], arguments=["--labels", labels])  # fmt: skip
    _, one, work = compiled(ws, step)
    assert (work.partition_keys, work.split, work.append, one.inputs[0].mode) == (("name",), ("images",), None, "direct")
    assert [given.name for given in one.inputs] == ["images", "labels"]
    made = OutputFileDatasetConfig("made")
    after = ParallelRunStep("again", config(output_action="summary_only"), [made.as_input("x")])
    first = ParallelRunStep("first", config(), [files(ws).as_named_input("images")], made)
    graph = Pipeline(ws, [first, after]).graph
    check(graph)


def test_numbers_are_kept_as_numbers() -> None:
    found = config(node_count="2", mini_batch_size="10KB", error_threshold="-1", compute_target=Cluster(), partition_keys=None)
    assert (found.node_count, found.mini_batch_size, found.error_threshold, found.append_row_file_name) == (2, 10240, -1, None)
    assert config(mini_batch_size="7").mini_batch_size == 7


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "entry_script": ({"entry_script": Path("entry.py")}, "entry_script must be text"),
    "output_action": ({"output_action": "append"}, "output_action cannot be 'append'"),
    "error_threshold": ({"error_threshold": -2}, "error_threshold is -2"),
    "node_count": ({"node_count": 0}, "node_count is 0"),
    "too many nodes": ({"node_count": 3, "compute_target": Cluster()}, "node_count 3 is more than the 2 nodes"),
    "mini_batch_size": ({"mini_batch_size": "10 files"}, "mini_batch_size is '10 files'"),
    "mini_batch_size as float": ({"mini_batch_size": 1.5}, "mini_batch_size is 1.5"),
    "both cuts": ({"mini_batch_size": 1, "partition_keys": ["a"]}, "both given"),
    "partition_keys": ({"partition_keys": [1]}, "partition_keys is"),
    "logging_level": ({"logging_level": "LOUD"}, "logging_level cannot be"),
    "timeout": ({"run_invocation_timeout": 0}, "run_invocation_timeout is 0"),
    "tries": ({"run_max_try": "x"}, "run_max_try is 'x'"),
    "processes": ({"process_count_per_node": True}, "process_count_per_node is True"),
    "percent": ({"allowed_failed_percent": 101}, "allowed_failed_percent is 101"),
    "file name": ({"append_row_file_name": "a/b.txt"}, "append_row_file_name cannot be"),
    "environment": ({"environment": None}, "environment is None"),
    "compute": ({"compute_target": None}, "needs a compute_target"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_a_value_error(name: str) -> None:
    changes, said = WRONG[name]
    with pytest.raises(ValueError, match=said):
        config(**changes)


def test_a_file_name_counts_only_when_rows_are_appended() -> None:
    assert config(output_action="summary_only", append_row_file_name="a/b").append_row_file_name == "a/b"


def test_what_a_step_refuses(ws: Workspace) -> None:
    images = files(ws).as_named_input("images")
    out = PipelineData("out")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"arguments": ["x"]}, "begin with 'x'"),
        ({"arguments": ["--output", "x"]}, "which the step itself uses"),
        ({"arguments": ["--run_max_try=3"]}, "which the step itself uses"),
        ({"inputs": []}, "has no inputs to cut"),
        ({"inputs": ["images"]}, "cannot cut 'images'"),
        ({"inputs": [images, table(ws).as_named_input("rows")]}, "files and tables"),
        ({"output": None}, "appends rows and has no output"),
        ({"name": ""}, "needs a name"),
    ]
    for changes, said in cases:
        with pytest.raises(ValueError, match=said):
            ParallelRunStep(**{"name": "score", "parallel_run_config": config(), "inputs": [images], "output": out, **changes})
    with pytest.raises(ValueError, match="cut by partition keys and has mode mount"):
        ParallelRunStep("score", config(partition_keys=["a"]), [images.as_mount()], out)


def test_ranks_need_no_input(ws: Workspace) -> None:
    step = ParallelRunStep("score", config(), [], PipelineData("out"), arguments=["--rank_mini_batch_count", "4"])
    assert compiled(ws, step)[2].count == Text("4")


YAML = """
parallel_run_config:
  input_format:
  description:
  entry_script: entry.py
  source_directory: code
  error_threshold: 5
  output_action: append_row
  compute_target_name: local
  node_count: "2"
  mini_batch_size: 1KB
  run_invocation_timeout: 90
  partition_keys:
  environment:
    name: made
    python:
      userManagedDependencies: true
"""


def test_a_configuration_from_a_file_and_back(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(YAML)
    found = ParallelRunConfig.load_yaml(ws, "config.yml")
    assert (found.entry_script, found.mini_batch_size, found.node_count, found.run_invocation_timeout) == ("entry.py", 1024, 2, 90)
    assert (found.environment.name, found.environment.python.user_managed_dependencies, found.compute_target) == ("made", True, "local")
    found.save_to_yaml("again.yml")
    again = ParallelRunConfig.load_yaml(ws, tmp_path / "again.yml")
    same = {name: value for name, value in vars(found).items() if name != "environment"}
    assert {name: value for name, value in vars(again).items() if name != "environment"} == same
    assert again.environment == found.environment


def test_environments_of_files_by_name_and_by_folder(ws: Workspace, tmp_path: Path) -> None:
    env = Environment("kept")
    env.register(ws)
    env.save_to_directory("envdir")
    (tmp_path / "env.yml").write_text("name: from file\n")
    for line, name in (("environment_name: kept", "kept"), ("environment_dir_path: envdir", "kept"), ("environment: env.yml", "from file")):
        (tmp_path / "config.yml").write_text(YAML.partition("  environment:")[0] + f"  {line}\n")
        assert ParallelRunConfig.load_yaml(ws, "config.yml").environment.name == name


@pytest.mark.parametrize(("text", "said"), [
    ("a: [", "is no YAML"), ("a: 1", "no mapping under parallel_run_config"), (YAML + "  nodes: 3\n", "has no setting 'nodes'"),
    (YAML.replace("compute_target_name: local", ""), "names no compute_target_name"),
    (YAML.replace("node_count", "description"), "node_count"),
    (YAML.partition("  environment:")[0], "names no environment"),
])  # fmt: skip
def test_a_file_that_is_no_configuration(ws: Workspace, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config.yml").write_text(text)
    with pytest.raises(ValueError, match=said):
        ParallelRunConfig.load_yaml(ws, "config.yml")


def test_a_file_that_is_not_there(ws: Workspace) -> None:
    with pytest.raises(ValueError, match="there is no configuration"):
        ParallelRunConfig.load_yaml(ws, "none.yml")


def test_a_whole_run(ws: Workspace, tmp_path: Path) -> None:
    out = PipelineData("out", datastore=ws.get_default_datastore())
    env = Environment("env")
    env.python.user_managed_dependencies = True
    env.python.interpreter_path = sys.executable
    given = config(mini_batch_size=PipelineParameter("size", "2"), environment=env, process_count_per_node=2)
    step = ParallelRunStep("score", given, [files(ws).as_named_input("images")], out, arguments=["--suffix", "!"])
    run = Experiment(ws, "e").submit(Pipeline(ws, [step]), pipeline_parameters={"size": "3"})
    assert run.wait_for_completion(show_output=False) == "Finished"
    found = run.find_step_run(step.name)[0]
    data = found.get_output_data(out.name)
    data.download(str(tmp_path / "result"))
    rows = (tmp_path / "result" / data.path_on_datastore / "parallel_run_step.txt").read_text().split()
    assert rows == [f"f{number}.txt!" for number in range(5)]
    assert sorted(found.get_metrics("batch")["batch"]) == [2, 3]
