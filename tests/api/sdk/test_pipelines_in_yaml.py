"""Pipelines in v1's YAML: read, run, written and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import Pipeline, Workspace
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.pipeline_yaml import save

TEXT = """
pipeline:
  name: from yaml
  description: two steps
  parameters:
    word: {type: string, default: hello}
    count: {type: int, default: "2"}
  data_references:
    raw: {datastore: workspaceblobstore, path_on_datastore: in/a.txt}
  steps:
    first:
      type: PythonScriptStep
      name: write
      script_name: write.py
      source_directory: src
      arguments: [output:made, input:data, parameter:word, parameter:times]
      parameters: {times: {source: count}}
      inputs: {data: {source: raw, bind_mode: mount}}
      outputs: {made: {destination: between, datastore: workspacefilestore, type: mount}}
    second:
      type: PythonScriptStep
      script_name: read.py
      source_directory: src
      arguments: [input:again]
      inputs: {again: {source: between}}
"""


@pytest.fixture
def folder(made: Workspace) -> Path:
    """A folder with the file, its scripts and its data."""
    base = made.open().base
    (base / "src").mkdir()
    (base / "src" / "write.py").write_text("import sys; open(sys.argv[1], 'w').write(' '.join([open(sys.argv[2]).read(), *sys.argv[3:]]))")
    (base / "src" / "read.py").write_text("import sys; print(open(sys.argv[1]).read())")
    (base / "p.yml").write_text(TEXT)
    (base / "a.txt").write_text("data")
    made.get_default_datastore().upload_files([str(base / "a.txt")], target_path="in", show_progress=False)
    return base


def test_read_run_written_and_read_again(made: Workspace, folder: Path) -> None:
    pipeline = Pipeline.load_yaml(made, str(folder / "p.yml"))
    assert (pipeline.name, pipeline.description, len(pipeline.graph.steps)) == ("from yaml", "two steps", 2)
    run = pipeline.submit("yaml", pipeline_parameters={"word": "bye"})
    assert run.wait_for_completion(show_output=False) == "Finished", [step.get_stdout_log() for step in run.get_steps()]
    assert run.find_step_run("second")[0].get_stdout_log() == "data bye 2\n"
    assert run.save(folder / "saved.yml") == str(folder / "saved.yml")
    again = Pipeline.load_yaml(made, str(folder / "saved.yml")).submit("yaml")
    assert again.wait_for_completion(show_output=False) == "Finished"
    assert again.find_step_run("second")[0].get_stdout_log() == "data hello 2\n"


def test_what_is_no_pipeline(made: Workspace, folder: Path) -> None:
    for text, said in (("pipeline: {}", "has the key `pipeline`"), ("[1, ", "this is no YAML"), (TEXT.replace("between}", "gone}", 1), ""),
                       (TEXT.replace("PythonScriptStep", "AdlaStep", 1), "AdlaStep"), (TEXT.replace("type: int", "type: datum"), "datum")):
        (folder / "q.yml").write_text(text)
        if said:
            with pytest.raises((UserErrorException, ValueError), match=said):
                Pipeline.load_yaml(made, str(folder / "q.yml"))
    with pytest.raises(UserErrorException, match="no pipeline"):
        Pipeline.load_yaml(made, "nowhere.yml")


def test_where_it_is_written(made: Workspace, folder: Path) -> None:
    assert Pipeline.load_yaml(made, str(folder / "p.yml")).save() == "./pipeline.yml"
    assert save(Pipeline.load_yaml(made, "pipeline.yml").graph, folder / "src") == str(folder / "src" / "pipeline.yml")
