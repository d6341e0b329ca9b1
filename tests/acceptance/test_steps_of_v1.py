"""Steps written for Azure ML v1, unchanged: their own run by `Run.get_context()`, and the workspace behind it."""

from __future__ import annotations

import pytest

from commandline import Project

DRIVER = """\
from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep
ws = Workspace.from_config()
first = PythonScriptStep(script_name="first.py", source_directory="steps", allow_reuse=False)
second = PythonScriptStep(script_name="second.py", source_directory="steps", allow_reuse=False)
second.run_after(first)
run = Experiment(ws, "unchanged").submit(Pipeline(ws, [second]))
run.wait_for_completion(show_output=True)
print("metrics of the run", run.get_metrics())
"""
FIRST = """\
from azureml.core import Run
run = Run.get_context()
run.log("rows", 3)
run.parent.log("seen", 1)
"""


@pytest.fixture
def v1(project: Project) -> Project:
    """A project of two steps; the second is to be written."""
    project.write("driver.py", DRIVER)
    project.write("steps/first.py", FIRST)
    return project


def second(v1: Project, text: str, code: int = 0) -> str:
    """What the driver shows when its second step is this."""
    v1.write("steps/second.py", text)
    with v1.start("exec", "driver.py") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == code, out.decode() + err.decode()
    return out.decode()


def test_a_step_reads_and_registers_data_of_the_workspace(v1: Project) -> None:
    said = second(v1, """
from azureml.core import Dataset, Datastore, Run, Workspace
from azureml.exceptions import UserErrorException
run = Run.get_context()
ws = run.experiment.workspace
store = ws.get_default_datastore()
with open("table.csv", "w") as file:
    file.write("a,b\\n1,x\\n2,y\\n")
store.upload_files(["table.csv"], target_path="tables", overwrite=True)
made = Dataset.Tabular.from_delimited_files(path=[(store, "tables/table.csv")]).register(ws, "letters", create_new_version=True)
print("registered", made.name, made.version, "letters" in ws.datasets, list(ws.datasets), len(ws.datasets))
frame = Dataset.get_by_name(ws, "letters").to_pandas_dataframe()
print("read", frame["a"].sum(), list(frame.columns), ws.datasets["letters"].take(1).to_pandas_dataframe().shape)
print("same workspace", Workspace.from_config().name == ws.name, Datastore.get(ws, "workspaceblobstore").name)
for wrong in (lambda: Dataset.get_by_name(ws, "nothing"), lambda: ws.datasets["nothing"]):
    try:
        wrong()
    except UserErrorException as error:
        print("no such dataset", "letters" in str(error))
    except KeyError as error:
        print("no such key", error)
""")
    assert "registered letters 1 True ['letters'] 1" in said
    assert "read 3 ['a', 'b'] (1, 2)" in said
    assert "same workspace True workspaceblobstore" in said
    assert "no such dataset True" in said
    assert "no such key 'nothing'" in said
    assert v1.stepwell("dataset", "ls", "--json").data[0]["name"] == "letters"


def test_a_step_sees_the_whole_run_and_reports_to_it(v1: Project) -> None:
    said = second(v1, """
from azureml.core import Run
run = Run.get_context()
parent = run.parent
print("steps", sorted(child.name for child in parent.get_children()), [type(child).__name__ for child in parent.find_step_run("first.py")])
print("earlier", parent.find_step_run("first.py")[0].get_metrics(), parent.get_metrics())
parent.log("total", 7)
print("own too", sorted(parent.get_metrics()))
print("by id", Run.get(run.experiment.workspace, run.id).name, Run(run.experiment, parent.id).id == parent.id)
print("is one", isinstance(run, Run), isinstance(parent.find_step_run("first.py")[0], Run))
""")
    assert "steps ['first.py', 'second.py'] ['StepRun']" in said
    assert "earlier {'rows': 3} {'seen': 1}" in said
    assert "own too ['seen', 'total']" in said
    assert "by id second.py True" in said
    assert "is one True True" in said
    assert "metrics of the run {'seen': 1, 'total': 7}" in said


def test_a_step_registers_its_model_and_finds_it_again(v1: Project) -> None:
    said = second(v1, """
import os
from azureml.core import Model, Run
from azureml.exceptions import ModelPathNotFoundException
run = Run.get_context()
ws = run.experiment.workspace
os.makedirs("outputs/deep")
open("outputs/deep/model.txt", "w").write("the model")
made = run.register_model("mine", "outputs/deep", tags={"a": 1}, description="d")
print("made", made.name, made.version, made.tags, made.run_id == run.id)
run.upload_file("up/m.bin", "outputs/deep/model.txt")
print("uploaded", run.register_model(model_name="other", model_path="up/m.bin").id)
path = Model.get_model_path("mine", _workspace=ws)
print("path", path, open(os.path.join(path, "model.txt")).read())
print("listed", [model.id for model in Model.list(ws)], Model(ws, "other").version)
try:
    run.register_model("wrong", "outputs/nothing")
except ModelPathNotFoundException:
    print("not there")
""")
    assert "made mine 1 {'a': '1'} True" in said
    assert "uploaded other:1" in said
    assert "path azureml-models/mine/1/deep the model" in said
    assert "listed ['other:1', 'mine:1'] 1" in said
    assert "not there" in said


def test_a_step_can_cancel_the_run(v1: Project) -> None:
    said = second(v1, """
import time
from azureml.core import Run
Run.get_context().parent.cancel()
time.sleep(60)
""")
    assert "PipelineRun Status: Canceled" in said


def test_an_sdk_that_the_steps_interpreter_has_is_not_used(v1: Project) -> None:
    v1.write("installed/azureml/__init__.py", "")
    v1.write("installed/azureml/core.py", "raise ImportError('the real SDK was imported')")
    v1.write("steps/second.py", "from azureml.core import Run; Run.get_context().log('x', 1); print('served', Run.__module__)")
    done = v1.stepwell("exec", "driver.py", environment={"PYTHONPATH": str(v1.folder / "installed")})
    assert "served azureml.runs" in done.out


def test_a_name_that_is_not_v1s_is_an_import_error_in_the_steps_log(v1: Project) -> None:
    said = second(v1, "from azureml.core import Frobnicator", code=1)
    assert "cannot import name 'Frobnicator' from 'azureml.core'" in said
