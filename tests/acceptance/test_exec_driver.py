"""`stepwell exec driver.py`: drivers written for Azure ML v1, unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline import Project

DRIVER = """\
import os, sys
import azureml.core
from azureml.core import Experiment, Workspace
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData
from azureml.pipeline.steps import PythonScriptStep
from azureml.widgets import RunDetails

ws = Workspace.from_config()
print(azureml.core.VERSION, ws.name, ws.resource_group, ws.location, ws.subscription_id, sep="\\n")
store = ws.get_default_datastore()
store.upload_files(["words.txt"], target_path="texts", overwrite=True)
words = DataReference(datastore=store, data_reference_name="words", path_on_datastore="texts/words.txt")
counted = PipelineData("counted", datastore=store)
step = PythonScriptStep(script_name="count.py", arguments=["--words", words, "--out", counted], inputs=[words], outputs=[counted],
                        source_directory="count")
run = Experiment(ws, "words").submit(Pipeline(workspace=ws, steps=[step]))
RunDetails(run).show()
print("ended", run.wait_for_completion(show_output=False))
run.find_step_run("count.py")[0].get_output_data("counted").download("got")
"""
COUNT = """\
import sys
with open(sys.argv[2]) as words, open(sys.argv[4], "w") as out:
    out.write(str(len(words.read().split())))
"""


@pytest.fixture
def v1(project: Project) -> Project:
    """A project with a v1 driver of one step."""
    project.write("words.txt", "one two three")
    project.write("driver.py", DRIVER)
    project.write("count/count.py", COUNT)
    return project


def test_a_driver_runs_unchanged_and_makes_its_workspace(v1: Project) -> None:
    done = v1.stepwell("exec", "driver.py")
    assert "made a workspace" in done.err
    assert "ended Finished" in done.out
    (made,) = Path(v1.folder / "got").rglob("counted")
    assert made.read_text() == "3"
    v1.verify()


def test_the_second_time_its_step_is_reused(v1: Project) -> None:
    for _ in range(2):
        v1.stepwell("exec", "driver.py")
    newest, oldest = v1.runs()
    assert newest["experiment"] == oldest["experiment"] == "words"
    assert v1.stepwell("show", newest["id"], "--json").data["steps"][0]["reused_from"] is not None


def test_a_driver_in_a_sub_folder_uses_the_workspace_above(v1: Project) -> None:
    v1.stepwell("init")
    v1.write("deep/down/driver.py", "from azureml.core import Workspace; print(Workspace.from_config())")
    done = v1.stepwell("exec", "deep/down/driver.py")
    assert str(v1.root) in done.out
    assert done.err == ""


def test_a_driver_gets_its_arguments_its_folder_and_its_main(v1: Project) -> None:
    v1.write("tools/helper.py", "WORD = 'helped'")
    v1.write("tools/driver.py",
             "import sys, os, helper\nif __name__ == '__main__':\n"
             "    print(sys.argv, helper.WORD, __file__, os.getcwd())")
    done = v1.stepwell("exec", "tools/driver.py", "--epochs", "3", "--help", "-w")
    assert done.out.split(" helped ") == ["['tools/driver.py', '--epochs', '3', '--help', '-w']", f"tools/driver.py {v1.folder}\n"]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("import sys; sys.exit(7)", 7, ""),
        ("print('fine')", 0, ""),
        ("def f():\n    raise ValueError('mine')\nf()", 1, "ValueError: mine"),
        ("from azureml.core import Workspace, Experiment\nExperiment(Workspace.from_config(), 'a b')", 2, "cannot name an experiment"),
        ("from azureml.core import Frobnicator", 1, "stepwell doctor"),
        ("x = = 2", 1, "SyntaxError"),
        ("raise KeyboardInterrupt", 130, ""),
    ],
)
def test_the_exit_code_and_the_traceback_are_the_drivers_own(v1: Project, text: str, code: int, said: str) -> None:
    v1.write("driver.py", text)
    v1.stepwell("init")
    # A traceback of the author's is what is wanted here.
    with v1.start("exec", "driver.py") as process:
        _, err = process.communicate(timeout=60)
    told = err.decode()
    assert process.returncode == code, told
    assert said in told
    assert "site-packages" not in told
    assert "stepwell/azureml" not in told
    assert "stepwell/sdk" not in told


def test_a_run_outlives_a_driver_that_does_not_wait(v1: Project) -> None:
    v1.write("driver.py", DRIVER.split("print(\"ended\"", maxsplit=1)[0])
    done = v1.stepwell("exec", "driver.py")
    run = done.out.split("Submitted PipelineRun ")[1].split()[0]
    v1.stepwell("logs", run, "-f")
    assert v1.stepwell("show", run, "--json").data["status"] == "Completed"


def test_a_file_that_is_not_there_is_said(v1: Project) -> None:
    done = v1.stepwell("exec", "nothing.py", code=2)
    assert "there is no file nothing.py" in done.err


def test_a_cluster_that_a_driver_takes_for_granted_is_this_machine(v1: Project) -> None:
    v1.write("driver.py", """
from azureml.core import Experiment, Workspace
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.exceptions import ComputeTargetException
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import CommandStep
ws = Workspace.from_config()
try:
    ComputeTarget(ws, "absent")
except ComputeTargetException as error:
    print("missing", error.message.split()[0], "absent" in ws.compute_targets)
def look(name):
    return ComputeTarget(workspace=ws, name=name)
try:
    look("deep")
except ComputeTargetException:
    print("missing too")
there = look("there-cluster")
big = ws.compute_targets["big-cluster"]
steps = [CommandStep("echo one", name="one", compute_target=big), CommandStep("echo two", name="two", compute_target="by-name"),
         CommandStep("echo three", name="three", compute_target=there)]
run = Experiment(ws, "granted").submit(Pipeline(ws, steps))
print("ended", type(big) is AmlCompute, run.wait_for_completion(show_output=False), sorted(ws.compute_targets))
""")
    done = v1.stepwell("exec", "driver.py")
    assert "missing ComputeTargetNotFound" in done.out
    assert "missing too" in done.out
    assert "ended True Finished ['big-cluster', 'by-name', 'there-cluster']" in done.out
    assert done.err.count("stands for this machine now") == 3


def test_a_driver_of_a_package_runs_as_a_module_and_as_a_file(v1: Project) -> None:
    v1.write("flow/__init__.py", "")
    v1.write("flow/names.py", "NAME = 'by its package'")
    v1.write("flow/build.py", "import sys\nfrom flow.names import NAME\nprint(NAME, __name__, sys.argv[1:])")
    v1.write("flow/relative.py", "from .names import NAME\nprint(NAME, 'too')")
    v1.stepwell("init")
    for words in (["-m", "flow.build"], ["flow/build.py"]):
        assert "by its package __main__ ['--rate', '1']" in v1.stepwell("exec", *words, "--rate", "1").out
    assert "by its package too" in v1.stepwell("exec", "-m", "flow.relative").out
    # A traceback of Python's own is what is wanted here.
    with v1.start("exec", "-m", "flow.absent") as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "No module named flow.absent" in err.decode()) == (1, True)


def test_a_cluster_that_a_pipeline_file_takes_for_granted_is_this_machine(v1: Project) -> None:
    v1.write("pipeline.py", """
from azureml.core import Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import CommandStep
pipeline = Pipeline(Workspace.from_config(), [CommandStep("echo one", name="one", compute_target="cpu-cluster")])
""")
    assert "compute target cpu-cluster was not defined; it stands for this machine now" in v1.run("--plan").err
    assert "was not defined" not in v1.run().err
    assert [target["name"] for target in v1.stepwell("compute", "ls", "--json").data if target["defined"]] == ["cpu-cluster"]


def test_a_file_that_only_defines_its_pipeline_with_azureml_is_run_like_any_other(v1: Project) -> None:
    v1.write("pipeline.py", """
from azureml.core import Workspace
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import CommandStep
ws = Workspace.from_config()
made = OutputFileDatasetConfig("made")
write = CommandStep(["cp", "count/count.py", made], name="write", source_directory=".")
read = made.as_input("read")
look = CommandStep([f"ls {read.arg_val}/"], name="look", inputs=[read], source_directory=".")
pipeline = Pipeline(ws, [look])
""")
    steps = v1.steps()
    assert {name: step["status"] for name, step in steps.items()} == {"write": "Completed", "look": "Completed"}
    assert "count.py" in v1.stepwell("logs", "@last/look").out
