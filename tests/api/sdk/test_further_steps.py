"""The step classes beside Python scripts and commands: what runs here runs for real, what cannot says so when it is its turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell import (
    DataReference,
    Datastore,
    Experiment,
    Pipeline,
    PipelineData,
    PipelineParameter,
    PythonScriptStep,
    ScriptRunConfig,
    Workspace,
)
from stepwell.sdk.automl import AutoMLConfig
from stepwell.sdk.compute.aml import AmlCompute
from stepwell.sdk.compute.base import ComputeTarget
from stepwell.sdk.datastore import AzureSqlDatabaseDatastore
from stepwell.sdk.estimator import Estimator, PyTorch
from stepwell.sdk.exceptions import TrainingException
from stepwell.sdk.runs.pipeline_run import PipelineRun
from stepwell.sdk.sql_reference import SqlDataReference
from stepwell.sdk.steps.base import PipelineStep
from stepwell.sdk.steps.elsewhere import AutoMLStep, AzureBatchStep, KustoStep
from stepwell.sdk.steps.notebook import NotebookRunConfig, NotebookRunnerStep
from stepwell.sdk.steps.scripts import EstimatorStep, MpiStep, RScriptStep
from stepwell.sdk.steps.transfer import DataTransferStep
from stepwell_runner.graph.model import Packages, Text

ECHO = "import sys; print(*sys.argv[1:])"


@pytest.fixture
def ws(made: Workspace) -> Workspace:
    """The workspace with scripts beside it, and a cluster."""
    base = made.open().base
    (base / "src").mkdir()
    (base / "src" / "echo.py").write_text(ECHO)
    (base / "src" / "a.R").write_text("cat('hello')")
    ComputeTarget.create(made, "cluster", AmlCompute.provisioning_configuration(max_nodes=2))
    return made


def ended(ws: Workspace, *steps: PipelineStep, status: str = "Finished") -> PipelineRun:
    """The run of these steps, ended as it should."""
    run = Pipeline(ws, list(steps)).submit("exp")
    found = run.wait_for_completion(show_output=False, raise_on_error=False)
    assert found == status, [step.get_stdout_log() + step.get_job_log() for step in run.get_steps()]
    return run


def test_an_estimator_step(ws: Workspace) -> None:
    estimator = Estimator(source_directory="src", entry_script="echo.py", compute_target="cluster")
    data = PipelineParameter("word", "x")
    step = EstimatorStep("e", estimator, estimator_entry_script_arguments=["--w", data], compute_target=ws.compute_targets["cluster"])
    assert ended(ws, step).find_step_run("e")[0].get_stdout_log().split() == ["--w", "x"]
    for wrong in ({"estimator": None}, {"compute_target": None}, {"estimator_entry_script_arguments": None},
                  {"estimator": Estimator("src", entry_script="echo.py", script_params={"--a": 1})}):  # fmt: skip
        given = {"estimator": estimator, "compute_target": "cluster", "estimator_entry_script_arguments": [], **wrong}
        with pytest.raises(ValueError, match="EstimatorStep"):
            EstimatorStep("e", **given)  # type: ignore[arg-type]
    with pytest.raises(TrainingException, match="entry_script"):
        Estimator("src")


def test_what_an_estimator_asks_for(ws: Workspace) -> None:
    estimator = PyTorch("src", entry_script="echo.py", framework_version="1.4", pip_packages=["numpy"], script_params={"--a": 1, "--f": ""})
    assert estimator.run_config.environment.compiled() == Packages(requirements=("numpy", "torch==1.4"), name="pytorch-environment")
    assert estimator.arguments() == ["--a", 1, "--f"]


def test_mpi_steps(ws: Workspace) -> None:
    alone = MpiStep("alone", "src", "echo.py", ["a"], "cluster", 1, 1)
    several = MpiStep("several", "src", "echo.py", ["a"], "cluster", 2, 2)
    assert ended(ws, alone).find_step_run("alone")[0].get_stdout_log().split() == ["a"]
    [step] = Pipeline(ws, [several]).graph.steps
    assert step.command[:3] == (Text("mpiexec"), Text("-n"), Text("4"))
    assert ("OMPI_ALLOW_RUN_AS_ROOT", Text("1")) in step.variables


def test_r_script_steps(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = ws.open().base / "bin"
    programs.mkdir()
    (programs / "Rscript").write_text("#!/bin/sh\necho ran $1 $2\n")
    (programs / "Rscript").chmod(0o700)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    step = RScriptStep("a.R", arguments=["x"], source_directory="src", cran_packages=["optparse"])
    assert ended(ws, step).find_step_run("a.R")[0].get_stdout_log() == "ran a.R x\n"
    with pytest.raises(ValueError, match="is not found"):
        Pipeline(ws, [RScriptStep("b.R", source_directory="src")])


# --- moving data


@pytest.fixture
def other(ws: Workspace) -> Datastore:
    """Another datastore than the default one, on which `in` holds two files."""
    store = Datastore(ws, "workspacefilestore")
    folder = ws.open().base / "data"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (folder / "deep" / "b.txt").write_text("b")
    store.upload(str(folder), "in", show_progress=False)
    return store


def test_folders_and_files_are_moved(ws: Workspace, other: Datastore) -> None:
    blob = ws.get_default_datastore()
    whole = DataTransferStep("whole", DataReference(other, "src", "in"), DataReference(blob, "dst", "moved/all"), "cluster")
    one = DataTransferStep("one", other.path("in/a.txt"), blob.path("moved/one.txt"), destination_reference_type="file")
    into = PipelineData("kept")
    third = DataTransferStep("third", other.path("in/a.txt"), into)
    show = PythonScriptStep("echo.py", name="show", source_directory="src", arguments=[whole.get_output()], inputs=[whole.get_output()])
    run = ended(ws, whole, one, third, show)
    assert [entry.path for entry in blob.open().ls("moved")] == ["moved/all/a.txt", "moved/all/deep/b.txt", "moved/one.txt"]
    assert run.find_step_run("show")[0].get_stdout_log().strip().endswith("moved/all")
    assert Path(run.find_step_run("third")[0].get_output_data("kept").datastore.open().resolve(
        run.find_step_run("third")[0].get_output_data("kept").path_on_datastore)[0]).read_text() == "a"  # fmt: skip
    again = ended(ws, whole, one, third, show)
    assert {step.get_properties().get("azureml.isreused") for step in again.get_steps()} == {"true"}


def test_what_cannot_be_moved(ws: Workspace, other: Datastore) -> None:
    far = Datastore.register_azure_blob_container(ws, "far", "c", "acc")
    run = Pipeline(ws, [DataTransferStep("out", other.path("in"), far.path("x"))])
    with pytest.raises(Exception, match=r"datastore map https://acc\.blob\.core\.windows\.net/c"):
        ended(ws, *[DataTransferStep("in", far.path("x"), other.path("y"))])
    assert run.graph.steps[0].kind == "DataTransferStep"
    sql = Datastore.register_azure_sql_database(ws, "sql", "server", "db")
    assert type(sql) is AzureSqlDatabaseDatastore
    with pytest.raises(ValueError, match="moved to files only"):
        DataTransferStep("x", other.path("in"), SqlDataReference(sql, sql_table="t"))
    with pytest.raises(ValueError, match="file, directory"):
        DataTransferStep("x", other.path("in"), other.path("y"), source_reference_type="folder")


# --- notebooks


def notebook(*cells: str, tagged: str | None = None) -> str:
    """The text of a notebook with these code cells; `tagged` is one in front that holds parameters."""
    def cell(source: str, tags: list[str]) -> dict[str, object]:
        return {"cell_type": "code", "execution_count": None, "metadata": {"tags": tags}, "outputs": [], "source": source.splitlines(True)}

    first = [cell(tagged, ["parameters"])] if tagged is not None else []
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": [*first, *[cell(one, []) for one in cells]], "metadata": kernel, "nbformat": 4, "nbformat_minor": 2})


def test_a_notebook_step(ws: Workspace) -> None:
    folder = ws.open().base / "src"
    (folder / "n.ipynb").write_text(notebook("print(a, b, c, open(words).read())", "open(out, 'w').write('left')", tagged="a = 1\nb = 2"))
    store = ws.get_default_datastore()
    (folder.parent / "words.txt").write_text("some words")
    store.upload_files([str(folder.parent / "words.txt")], target_path="in", show_progress=False)
    out = PipelineData("out", is_directory=False)
    config = NotebookRunConfig("src", "n.ipynb", output_notebook="done.ipynb", parameters={"b": 5})
    step = NotebookRunnerStep("n", config, params={"c": PipelineParameter("c", "p")}, inputs=[store.path("in/words.txt", "words")],
                              outputs=[out], output_notebook_pipeline_data_name="result")  # fmt: skip
    run = ended(ws, step)
    found = run.find_step_run("n")[0]
    assert "outputs/done.ipynb" in found.get_file_names()
    assert found.get_output_data("result").download(str(folder.parent / "got")) == 1
    executed = json.loads(next((folder.parent / "got").rglob("result")).read_text())
    texts = "".join("".join(output.get("text", "")) for cell in executed["cells"] for output in cell["outputs"])
    assert "1 5 p some words" in texts
    assert Path(store.open().resolve(found.get_output_data("out").path_on_datastore)[0]).read_text() == "left"


def test_a_notebook_that_fails_is_kept_too(ws: Workspace) -> None:
    (ws.open().base / "src" / "n.ipynb").write_text(notebook("print('before')", "1 / 0", "print('after')"))
    run = ended(ws, NotebookRunnerStep("n", NotebookRunConfig("src", "n.ipynb")), status="Failed")
    found = run.find_step_run("n")[0]
    assert "ZeroDivisionError" in found.get_stdout_log()
    assert "outputs/n.output.ipynb" in found.get_file_names()
    with pytest.raises(ValueError, match="is no notebook"):
        NotebookRunConfig("src", "n.py")


# --- what only the cloud has


def test_steps_of_the_cloud_build_validate_and_say_what_to_do_when_they_run(ws: Workspace) -> None:
    data = PipelineData("query_result")
    steps = {
        "kusto": KustoStep("kusto", "cluster", "db", "src", data),
        "batch": AzureBatchStep("batch", pool_id="p", create_pool=False, source_directory="src", executable="echo.py", arguments=["a"],
                                compute_target="cluster"),
        "automl": AutoMLStep("automl", AutoMLConfig(task="regression", compute_target="cluster"), allow_reuse=True),
    }  # fmt: skip
    assert Pipeline(ws, list(steps.values())).validate() == []
    for name, step in steps.items():
        run = ended(ws, step, status="Failed")
        found = run.find_step_run(name)[0]
        assert f"step {name} ({type(step).__name__}) cannot run on this machine: " in found.get_job_log()
        assert name in run.get_details()["error"]["error"]["message"]
    [compiled] = Pipeline(ws, [steps["automl"]]).graph.steps
    assert [output.name for output in compiled.outputs] == ["default_metrics_automl", "default_model_automl"]
    assert [output.name for output in Pipeline(ws, [steps["automl"]]).graph.outputs] == ["_default_metrics_automl", "_default_model_automl"]


def test_a_driver_that_names_nothing_reuses_on_its_next_run(ws: Workspace) -> None:
    code = """
from stepwell import Dataset, Experiment, OutputFileDatasetConfig, Pipeline, PythonScriptStep, Workspace
ws = Workspace.from_config()
store = ws.get_default_datastore()
store.upload_files(["src/echo.py"], target_path="in", show_progress=False)
made, data = OutputFileDatasetConfig(), Dataset.File.from_files((store, "in")).as_mount()
first = PythonScriptStep("echo.py", name="one", source_directory="src", arguments=[made, data, store.path("in")], inputs=[store.path("in")])
second = PythonScriptStep("echo.py", name="two", source_directory="src", arguments=[made.as_input()])
run = Experiment(ws, "again").submit(Pipeline(ws, [second]))
run.wait_for_completion(show_output=False)
print(*[step.get_properties().get("azureml.isreused") for step in run.get_steps()])
"""
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()[-2:] for _ in range(2)]
    assert said == [["None", "None"], ["true", "true"]]


def test_a_search_by_itself(ws: Workspace) -> None:
    from stepwell.sdk.hyperdrive.config import HyperDriveConfig, PrimaryMetricGoal
    from stepwell.sdk.hyperdrive.expressions import choice
    from stepwell.sdk.hyperdrive.sampling import GridParameterSampling

    (ws.open().base / "src" / "trial.py").write_text(
        "import sys\nfrom stepwell import Run\nRun.get_context().log('score', float(sys.argv[2]))")
    config = HyperDriveConfig(GridParameterSampling({"--x": choice(1, 3, 2)}), "score", PrimaryMetricGoal.MAXIMIZE, max_total_runs=3,
                              run_config=ScriptRunConfig("src", "trial.py"))
    run = Experiment(ws, "search").submit(config)
    run.wait_for_completion(show_output=False)
    best = run.get_best_run_by_primary_metric()
    assert best.get_metrics() == {"score": 3.0}
