"""What one step leaves as a table or as files, read by the next as a dataset; uploads; what was never written."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from stepwell import DataReference, Dataset, OutputFileDatasetConfig, Pipeline, PipelineData, PythonScriptStep, Workspace
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.graph_parts import OutputPortBinding, PipelineDataset, TrainingOutput
from stepwell.sdk.output_config import HDFSOutputDatasetConfig, LinkFileOutputDatasetConfig
from stepwell.sdk.runs.pipeline_run import PipelineRun

pytest.importorskip("pandas")

WRITE = """
import os, sys
os.makedirs(sys.argv[1], exist_ok=True)
open(sys.argv[1] + "/a.csv", "w").write("n,word\\n1,x\\n2,y\\n3,z\\n")
open(sys.argv[1] + "/notes.txt", "w").write("no table")
"""

READ = """
import os
from stepwell import Run
for name, data in Run.get_context().input_datasets.items():
    if isinstance(data, str):
        print(name, *sorted(os.listdir(data)))
    elif hasattr(data, "to_path"):
        print(name, *data.to_path())
    else:
        print(name, data.to_pandas_dataframe().to_csv(index=False).replace(chr(10), "|"))
"""


@pytest.fixture
def ws(made: Workspace) -> Workspace:
    """The workspace with the two scripts beside it."""
    (made.open().base / "write.py").write_text(WRITE)
    (made.open().base / "read.py").write_text(READ)
    return made


def went(ws: Workspace, *steps: PythonScriptStep) -> PipelineRun:
    """The run of these steps, which ended well."""
    run = Pipeline(ws, list(steps)).submit("exp")
    status = run.wait_for_completion(show_output=False)
    assert status == "Finished", [step.get_stdout_log() + step.get_job_log() for step in run.get_steps()]
    return run


def test_pipeline_data_as_tables(ws: Workspace) -> None:
    data = PipelineData("made").as_dataset().register("from-pipeline")
    write = PythonScriptStep("write.py", arguments=[data], outputs=[data])
    table = data.parse_delimited_files()
    first, second = table.random_split(0.5, seed=3)
    inputs = [table.keep_columns(["n"]), data.as_named_input("files").as_direct(), data.as_named_input("mounted").as_mount(), first, second]
    read = PythonScriptStep("read.py", name="read", inputs=inputs)
    run = went(ws, write, read)
    said = dict(line.split(" ", 1) for line in run.find_step_run("read")[0].get_stdout_log().splitlines())
    assert (said["made"], said["files"], said["mounted"]) == ("n|1|2|3|", "/a.csv /notes.txt", "a.csv notes.txt")
    rows = sorted(said["made_1"].split("|")[1:-1] + said["made_2"].split("|")[1:-1])
    assert rows == ["1,x", "2,y", "3,z"]
    assert Dataset.get_by_name(ws, "from-pipeline").to_path() == ["/a.csv", "/notes.txt"]  # type: ignore[attr-defined]
    again = went(ws, write, read)
    assert [step.get_properties().get("azureml.isreused") for step in again.get_steps()] == ["true", "true"]


def test_output_configs_as_tables(ws: Workspace) -> None:
    out = OutputFileDatasetConfig("out", destination=("workspaceblobstore", "o/{run-id}")).as_upload(source_globs="*.csv")
    table = out.read_delimited_files(path_glob="*.csv").drop_columns("n").register_on_complete("words", tags={"a": "b"})
    write = PythonScriptStep("write.py", arguments=[out], outputs=[table])
    read = PythonScriptStep("read.py", name="read", inputs=[table.as_input("words"), out.as_input("files").as_direct()])
    run = went(ws, write, read)
    assert run.find_step_run("read")[0].get_stdout_log().splitlines() == ["words word|x|y|z|", "files /a.csv"]
    assert Dataset.get_by_name(ws, "words").to_pandas_dataframe()["word"].tolist() == ["x", "y", "z"]  # type: ignore[attr-defined]


def test_uploads_do_not_replace_files(ws: Workspace) -> None:
    for overwrite, status in ((False, "Finished"), (False, "Failed"), (True, "Finished")):
        out = OutputFileDatasetConfig("out", destination=("workspaceblobstore", "same")).as_upload(overwrite=overwrite)
        run = Pipeline(ws, [PythonScriptStep("write.py", name="w", arguments=[out], allow_reuse=False)]).submit("exp")
        assert run.wait_for_completion(show_output=False, raise_on_error=False) == status
        if status == "Failed":
            assert "would replace a.csv" in run.find_step_run("w")[0].get_job_log()


def test_what_was_never_written_is_empty_for_who_writes_v1(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (ws.open().base / "nothing.py").write_text("")
    monkeypatch.setitem(sys.modules, "azureml", ModuleType("azureml"))
    data = PipelineData("made")
    missing = DataReference(ws.get_default_datastore(), "place", "not/there")
    steps = [PythonScriptStep("nothing.py", outputs=[data]),
             PythonScriptStep("read.py", name="read", inputs=[data.as_dataset().as_named_input("m").as_mount(), missing])]
    assert went(ws, *steps).find_step_run("read")[0].get_stdout_log().split() == ["m", "place"]


def test_further_forms(ws: Workspace) -> None:
    data = OutputPortBinding("made", bind_mode="upload", pipeline_output_name="promoted", training_output=TrainingOutput("Model"))
    csv = ws.get_default_datastore().upload_files([str(ws.open().base / "write.py")], target_path="in", show_progress=False)
    old = PipelineDataset.create(Dataset.File.from_files(csv), "old")
    run = went(ws, PythonScriptStep("write.py", arguments=[data], outputs=[data], inputs=[old]))
    assert run.get_pipeline_output("promoted").name == "made"
    assert HDFSOutputDatasetConfig("h", ("workspaceblobstore", "x")).as_input("i").mode == "mount"
    with pytest.raises(UserErrorException, match="only point to"):
        LinkFileOutputDatasetConfig("l")
    with pytest.raises(ValueError, match="Metrics, Model"):
        TrainingOutput("Other")
